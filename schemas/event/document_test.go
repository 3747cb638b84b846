package event_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/schemas/event"
)

func TestNormalizeDocument(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ raw, want string }{
		"white space between tokens":   {" {\n\t\"Version\" : \"2012-10-17\" ,\r\n \"Statement\": [ ] } ", `{"Version":"2012-10-17","Statement":[]}`},
		"white space within a string":  {`{"Sid": "a  b"}`, `{"Sid":"a  b"}`},
		"order of keys":                {`{"b": 1, "a": 2}`, `{"b":1,"a":2}`},
		"duplicate keys":               {`{"Action": "s3:*", "Action": "iam:*"}`, `{"Action":"s3:*","Action":"iam:*"}`},
		"spelling of numbers":          {`{"a": 1.0e2}`, `{"a":1.0e2}`},
		"spelling of escapes":          {`{"a": "\u003c<"}`, `{"a":"\u003c<"}`},
		"JSON cut off in the middle":   {`{"a": [1, 2`, `{"a": [1, 2`},
		"JSON with something after it": {`{} {}`, `{} {}`},
		"percent-encoded JSON":         {`%7B%7D`, `%7B%7D`},
		"nothing":                      {``, ``},
		"white space only":             {" \n", " \n"},
		"not UTF-8":                    {"{\"a\": \"\xff\"}", "{\"a\":\"\uFFFD\"}"},
		"neither UTF-8 nor JSON":       {"\xff\xfe {", "\uFFFD {"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(event.NormalizeDocument([]byte(tt.raw))); got != tt.want {
				t.Errorf("NormalizeDocument(%q) = %q, want %q", tt.raw, got, tt.want)
			}
		})
	}
}

func TestHashDocumentIsTheSHA256OfTheBytes(t *testing.T) {
	t.Parallel()
	// FIPS 180-2, appendix B.1.
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := event.HashDocument([]byte("abc")); got != abc {
		t.Errorf("HashDocument(abc) = %s", got)
	}
	if !event.IsHash(event.HashDocument(nil)) {
		t.Error("the hash of nothing is no hash")
	}
}

func TestSpacingDoesNotChangeADocumentsName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		doc := drawJSON(t, 3)
		dense, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		var spaced bytes.Buffer
		if err := json.Indent(&spaced, dense, "\r", "\t "); err != nil {
			t.Fatal(err)
		}
		if got := event.NormalizeDocument(spaced.Bytes()); !bytes.Equal(got, dense) {
			t.Fatalf("NormalizeDocument(%q) = %q, want %q", &spaced, got, dense)
		}
	})
}

func drawJSON(t *rapid.T, depth int) any {
	kinds := 3
	if depth > 0 {
		kinds = 5
	}
	switch rapid.IntRange(1, kinds).Draw(t, "kind") {
	case 1:
		return rapid.String().Draw(t, "string")
	case 2:
		return rapid.Bool().Draw(t, "bool")
	case 3:
		return rapid.Int32().Draw(t, "number")
	case 4:
		list := make([]any, rapid.IntRange(0, 3).Draw(t, "length"))
		for i := range list {
			list[i] = drawJSON(t, depth-1)
		}
		return list
	default:
		object := make(map[string]any)
		for range rapid.IntRange(0, 3).Draw(t, "size") {
			object[rapid.String().Draw(t, "key")] = drawJSON(t, depth-1)
		}
		return object
	}
}

func FuzzNormalizeDocument(f *testing.F) {
	for _, seed := range []string{`{"Version":"2012-10-17"}`, " [1 , 2]\n", "\xff", "{", `"\ud800"`, "\u2028", strings.Repeat("[", 200)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		once := event.NormalizeDocument(raw)
		if !bytes.Equal(raw, before) {
			t.Fatal("the input was changed")
		}
		if !utf8.Valid(once) {
			t.Fatalf("%q is not UTF-8", once)
		}
		if twice := event.NormalizeDocument(once); !bytes.Equal(once, twice) {
			t.Fatalf("normalized again, %q becomes %q", once, twice)
		}
		if utf8.Valid(raw) && !json.Valid(raw) && !bytes.Equal(raw, once) {
			t.Fatalf("%q is not JSON and became %q", raw, once)
		}
		if json.Valid(raw) && !json.Valid(once) {
			t.Fatalf("%q is JSON and became %q", raw, once)
		}
		assertSurvivesJSON(t, once)
	})
}

// assertSurvivesJSON checks that a document event carries its content unharmed:
// the hash still fits after the way over the wire.
func assertSurvivesJSON(t *testing.T, content []byte) {
	t.Helper()
	raw, err := json.Marshal(event.Document{Hash: event.HashDocument(content), Content: string(content)})
	if err != nil {
		t.Fatal(err)
	}
	var d event.Document
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	if event.HashDocument([]byte(d.Content)) != d.Hash {
		t.Fatalf("%q became %q on the wire", content, d.Content)
	}
}
