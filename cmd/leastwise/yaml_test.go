package main

import (
	"encoding/json"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestYAMLIsReadAsTemplatesMeanIt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ yaml, want string }{
		"a list in a line":     {"a: [s3:GetObject, ec2:Describe*]", `{"a":["s3:GetObject","ec2:Describe*"]}`},
		"keys in their order":  {"z: 1\na: 2", `{"z":"1","a":"2"}`},
		"repeated keys stay":   {"a: x\na: y", `{"a":"x","a":"y"}`},
		"scalars as written":   {"a: [no, 012, 1.50, 2020-01-02]", `{"a":["no","012","1.50","2020-01-02"]}`},
		"nothing":              {"a:\nb: ~\nc: ''", `{"a":null,"b":null,"c":""}`},
		"an anchor":            {"a: &x [b]\nc: *x", `{"a":["b"],"c":["b"]}`},
		"JSON":                 {`{"a": ["\u00e9", "tab\t"], "b": {}}`, "{\"a\":[\"é\",\"tab\\t\"],\"b\":{}}"},
		"JSON's escapes":       {`["a\/b", "\ud83d\ude00", "\ud83d", "\u007f\u0085"]`, "[\"a/b\",\"😀\",\"\uFFFD\",\"\u007f\u0085\"]"},
		"JSON's scalars":       {`[true, 1.50, 1e400, null, "null"]`, `["true","1.50","1e400",null,"null"]`},
		"JSON with tabs":       {"\t{\n\t\"a\"\n\t:\t1}", `{"a":"1"}`},
		"nearly JSON":          {`{"a": [b, 'c',],}`, `{"a":["b","c"]}`},
		"comments and Windows": {"# why\r\na: b # c\r\n", `{"a":"b"}`},
		"a wildcard is quoted": {"a: '*'", `{"a":"*"}`},
		"a document's start":   {"---\na: b\n...\n", `{"a":"b"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := yamlToJSON([]byte(tt.yaml))
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

func TestBrokenYAMLIsExplainedWithItsLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ yaml, want string }{
		"an open mapping":             {"mode: crud\nread:\n  - a\nlist: {a: b\nwrite: []\n", "line 4: did not find expected ',' or '}'"},
		"an open list":                {"a: b\nc: [d\ne: f\n", "line 2: did not find expected ',' or ']'"},
		"an open list in the first":   {"[a\nb: c\n", "line 2: did not find expected ',' or ']'"},
		"an open list at the end":     {"a: [", "line 1: did not find expected node content"},
		"an open list before the end": {"a: b\nc:\n- [\n\n", "line 3: did not find expected node content"},
		"a key too far to the left":   {"a:\n    b: c\n  d: e\n", "line 3: did not find expected key"},
		"an item among keys":          {"a: b\n- c\n", "line 2: did not find expected key"},
		"a key among items":           {"a:\n- b\n  c: d\n", "line 3: mapping values are not allowed in this context"},
		"a tag without its directive": {"a: b\nc: !x!y d\n", "line 2: found undefined tag handle"},
		"two directives":              {"%YAML 1.1\n%YAML 1.1\n---\na: b\n", "line 2: found duplicate %YAML directive"},
		"a value in a value":          {"a: b\nc: d: e\n", "line 2: mapping values are not allowed in this context"},
		"a strange character":         {"a: b\nc: @d\n", "line 2: found character that cannot start any token"},
		"an open quote":               {"a: b\nc: 'd\ne: f\n", "line 2: found unexpected end of stream"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := yamlToJSON([]byte(tt.yaml)); err == nil || err.Error() != tt.want {
				t.Errorf("got %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestBrokenYAMLIsExplained(t *testing.T) {
	t.Parallel()
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += strings.ReplaceAll("N: &N [*P,*P,*P,*P,*P,*P,*P,*P,*P,*P]\n", "N", string(c))
		bomb = strings.ReplaceAll(bomb, "*P", "*"+string(c-1))
	}
	tests := map[string]struct{ yaml, want string }{
		"nothing":         {"", "it is empty"},
		"comments only":   {"# nothing\n", "it is empty"},
		"an open list":    {"a: [", "line 1"},
		"two documents":   {"a: b\n---\nc: d", "more than one"},
		"an odd key":      {"[a, b]: c", "line 1: a key is not a text"},
		"an alias bomb":   {bomb, errYAMLSize.Error()},
		"too deep":        {strings.Repeat("[", 200) + strings.Repeat("]", 200), errYAMLSize.Error()},
		"an open alias":   {"a: *b", "unknown anchor"},
		"not even a text": {"\x00", "control characters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := yamlToJSON([]byte(tt.yaml))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzYAML(f *testing.F) {
	for _, seed := range []string{"mode: crud\nread:\n- arn:aws:s3:::b\n", "{a: [b, &c d, *c], e: !!binary x}", "- |\n a\n- >-\n b", "a: &a [*a]", "<<: {a: b}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := yamlToJSON(text)
		if err == nil && !json.Valid(got) {
			t.Errorf("%q became %q", text, got)
		}
	})
}

func TestYAMLIsWrittenPlainAndReadsBackEqual(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"b":["a","*"],"a":{"c":"yes","d":"","e":[],"f":{}},"t":true}`: "b:\n  - a\n  - '*'\na:\n  c: \"yes\"\n  d: \"\"\n  e: []\n  f: {}\nt: true\n",
		`["012","null","2012-10-17","a: b","# c"," "]`:                  "- \"012\"\n- \"null\"\n- \"2012-10-17\"\n- 'a: b'\n- '# c'\n- ' '\n",
		// PyYAML reads what has no quotes here as numbers, times and others.
		`["12:30:45","1:20","190:20:30.5","-1:20","2001-12-14 21:59:43 -5","2001-99-99","0x_","=","<<"]`: `- "12:30:45"
- "1:20"
- "190:20:30.5"
- "-1:20"
- "2001-12-14 21:59:43 -5"
- "2001-99-99"
- "0x_"
- "="
- "<<"
`,
		`{"1:20":1,"=":2.50,"<<":null}`: "\"1:20\": 1\n\"=\": 2.50\n\"<<\": null\n",
		`["a:b","10.0.0.1","10.0.0.0/8","2001:db8::/32","arn:aws:s3:::1:20","-","a=","é 😀"]`: `- a:b
- 10.0.0.1
- 10.0.0.0/8
- 2001:db8::/32
- arn:aws:s3:::1:20
- '-'
- a=
- "é \U0001F600"
`,
		`["a\u0085b","a\u2028b","\u2029","\u007f","\ufffe","\u0000","a\r\nb","a\nb","\u0085\n"]`: `- "a\Nb"
- "a\Lb"
- "\P"
- "\x7F"
- "\uFFFE"
- "\0"
- "a\r\nb"
- |-
  a
  b
- "\N\n"
`,
	} {
		got, err := jsonToYAML([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v", got, err)
		}
	}
}

func FuzzWrittenYAML(f *testing.F) {
	for _, seed := range []string{"", "a", "y", "1:20", "a: b", "- a", " a\n b", "\n", "\u0085\u2028\ufeff\ufffe", "\x00\x7f", "😀", "#", "\t"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		want, err := json.Marshal(map[string][]string{s: {s}})
		if err != nil {
			t.Fatal(err)
		}
		text, err := jsonToYAML(want)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		var read map[string][]string
		if err := yaml.Unmarshal(text, &read); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got, err := json.Marshal(read); err != nil || string(got) != string(want) {
			t.Errorf("%s became %s, %v", want, got, err)
		}
	})
}
