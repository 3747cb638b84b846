package details

import (
	"bytes"
	"encoding/json"
	"net/url"
	"testing"

	"github.com/leastwise/leastwise/schemas/event"
)

func TestDocumentIsDecodedOnceAndPlusStaysPlus(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"JSON":                         {`{"Resource":"a+b%20c"}`, `{"Resource":"a+b%20c"}`},
		"JSON after white space":       {"\n {\"a\":1}", "\n {\"a\":1}"},
		"percent-encoded":              {"%7B%22Resource%22%3A%22a+b%2520c%22%7D", `{"Resource":"a+b%20c"}`},
		"percent-encoded in part":      {"%7B%22a%22:1}", `{"a":1}`},
		"encoding that is none":        {"%7", "%7"},
		"nothing":                      {"", ""},
		"JSON that is only text":       {`"%7B"`, `"%7B"`},
		"something else is kept as is": {"hello%20world", "hello%20world"},
	} {
		if got := string(DecodeDocument(tc.in)); got != tc.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// FuzzDecodeDocument holds that a document arrives as it was, whether it was
// sent plain or percent-encoded, with one hash.
func FuzzDecodeDocument(f *testing.F) {
	f.Add([]byte(`{"Statement":[{"Resource":"arn:aws:s3:::a+b/%41"}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		_ = DecodeDocument(string(doc))
		if !json.Valid(doc) || bytes.TrimSpace(doc)[0] != '{' {
			return
		}
		want := event.HashDocument(event.NormalizeDocument(doc))
		for _, sent := range []string{string(doc), url.PathEscape(string(doc))} {
			if got := event.HashDocument(event.NormalizeDocument(DecodeDocument(sent))); got != want {
				t.Errorf("%q arrived as another document", sent)
			}
		}
	})
}
