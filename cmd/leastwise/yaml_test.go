package main

import (
	"encoding/json"
	"strings"
	"testing"
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
	} {
		got, err := jsonToYAML([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v", got, err)
		}
	}
}
