package awssim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// signature is what the Authorization header of a request says (AWS General
// Reference, "Signature Version 4 signing process").
type signature struct {
	accessKey string
	scope     string // date/region/service/aws4_request
	headers   []string
	value     string
}

const signingAlgorithm = "AWS4-HMAC-SHA256"

// parseSignature reads the Authorization header.
func parseSignature(header string) (signature, bool) {
	algorithm, rest, _ := strings.Cut(header, " ")
	var s signature
	for field := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch key {
		case "Credential":
			s.accessKey, s.scope, _ = strings.Cut(value, "/")
		case "SignedHeaders":
			s.headers = strings.Split(value, ";")
		case "Signature":
			s.value = value
		}
	}
	complete := s.accessKey != "" && s.value != "" && strings.Count(s.scope, "/") == 3 && slices.Contains(s.headers, "host")
	return s, algorithm == signingAlgorithm && complete
}

// verify tells whether the request was signed with the secret.
func (s signature) verify(r *http.Request, body []byte, secret string) bool {
	want, err := hex.DecodeString(s.value)
	if err != nil {
		return false
	}
	canonical := sha256.Sum256([]byte(s.canonicalRequest(r, body)))
	toSign := strings.Join([]string{signingAlgorithm, r.Header.Get("X-Amz-Date"), s.scope, hex.EncodeToString(canonical[:])}, "\n")
	key := []byte("AWS4" + secret)
	for part := range strings.SplitSeq(s.scope, "/") {
		key = mac(key, part)
	}
	return hmac.Equal(want, mac(key, toSign))
}

func (s signature) canonicalRequest(r *http.Request, body []byte) string {
	var b strings.Builder
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	b.WriteString(r.Method + "\n" + path + "\n" + canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range s.headers {
		b.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	sum := sha256.Sum256(body)
	b.WriteString("\n" + strings.Join(s.headers, ";") + "\n" + hex.EncodeToString(sum[:]))
	return b.String()
}

// headerValue returns a header that was signed. Host and Content-Length are
// not among those that net/http leaves in the header.
func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	}
	values := slices.Clone(r.Header.Values(name))
	for i, v := range values {
		values[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(values, ",")
}

func canonicalQuery(query url.Values) string {
	return strings.ReplaceAll(query.Encode(), "+", "%20")
}

func mac(key []byte, message string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(message))
	return h.Sum(nil)
}
