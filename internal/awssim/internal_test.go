package awssim

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

func TestPoliciesAreEvaluatedLikeIAMs(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:iam::123456789012:role/reader"
	for _, c := range []struct {
		name      string
		documents []string
		want      bool
	}{
		{"nothing", nil, false},
		{"scalar", []string{`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}`}, true},
		{"case", []string{`{"Statement":{"Effect":"Allow","Action":"STS:assumerole","Resource":"*"}}`}, true},
		{"resource pattern", []string{`{"Statement":[{"Effect":"Allow","Action":["sts:*"],"Resource":["arn:aws:iam::*:role/reader"]}]}`}, true},
		{"other resource", []string{`{"Statement":{"Effect":"Allow","Action":"sts:*","Resource":"arn:aws:iam::*:role/writer"}}`}, false},
		{"deny wins", []string{
			`{"Statement":{"Effect":"Deny","Action":"sts:*","Resource":"*"}}`,
			`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
		}, false},
		{"not action", []string{`{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}`}, true},
		{"not this action", []string{`{"Statement":{"Effect":"Allow","NotAction":["sts:AssumeRole"],"Resource":"*"}}`}, false},
		{"not resource", []string{`{"Statement":{"Effect":"Allow","Action":"*","NotResource":"arn:aws:iam::*:role/admin"}}`}, true},
		{"not this resource", []string{`{"Statement":{"Effect":"Allow","Action":"*","NotResource":"` + arn + `"}}`}, false},
		{"no resource", []string{`{"Statement":{"Effect":"Allow","Action":"*"}}`}, false},
		{"condition holds", []string{`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"AWS:PrincipalOrgId":["o-1","o-2"]}}}}`}, true},
		{"condition fails", []string{`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-3"}}}}`}, false},
		{"condition like", []string{`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalOrgID":"o-?"}}}}`}, true},
		{"unknown operator", []string{`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:PrincipalOrgID":"o-1"}}}}`}, false},
		{"unknown key", []string{`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:Moon":"full"}}}}`}, false},
		{"not a document", []string{`]`, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`}, true},
	} {
		var documents []json.RawMessage
		for _, d := range c.documents {
			documents = append(documents, json.RawMessage(d))
		}
		q := ask{action: actionAssumeRole, resource: arn, context: map[string]string{"aws:principalorgid": "o-1"}}
		if got := q.allowed(documents); got != c.want {
			t.Errorf("%s: allowed is %v", c.name, got)
		}
	}
}

func TestTrustPoliciesNameTheirPrincipals(t *testing.T) {
	t.Parallel()
	org, err := New(DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	account := org.world.Management()
	caller := &identity{account: account, principal: "arn:aws:iam::" + account.ID() + ":role/app", arn: "arn:aws:sts::" + account.ID() + ":assumed-role/app/one"}
	for principal, want := range map[string]bool{
		`"*"`:                                              true,
		`{"AWS":"*"}`:                                      true,
		`{"AWS":"` + account.ID() + `"}`:                   true,
		`{"AWS":["x","` + caller.arn + `"]}`:               true,
		`{"AWS":"` + caller.principal + `"}`:               true,
		`{"AWS":"` + caller.principal + `2"}`:              false,
		`{"AWS":"arn:aws:iam::000000000000:root"}`:         false,
		`{"AWS":"arn:aws:iam::` + account.ID() + `:root"}`: true,
		`{"AWS":"AROAEXAMPLEEXAMPLE123"}`:                  false,
		`{"Service":"*"}`:                                  false,
		`{}`:                                               false,
	} {
		document := `{"Statement":{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}}`
		q := ask{action: actionAssumeRole, caller: caller}
		if got := q.allowed([]json.RawMessage{json.RawMessage(document)}); got != want {
			t.Errorf("%s: allowed is %v", principal, got)
		}
	}
}

func TestBoundariesLimitTheIdentity(t *testing.T) {
	t.Parallel()
	cfg := DefaultConfig()
	cfg.Roles = 2000
	org, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	account := org.world.Management()
	day := account.Day(cfg.Start)
	limited := 0
	for slot := range day.Slots(world.KindRole) {
		role, there := day.Role(slot)
		if !there || role.Boundary == "" {
			continue
		}
		who := &identity{account: account, ref: world.Ref{Kind: world.KindRole, Slot: slot}}
		documents, _ := policiesOf(day, who.ref)
		const action = "iam:PassRole" // which none of the boundaries allows there
		resource := "arn:aws:iam::" + account.ID() + ":role/app/x"
		if (ask{action: action, resource: resource}).allowed(documents) {
			limited++
		}
		if who.may(day, action, resource) {
			t.Errorf("role %s may %s in spite of its boundary %s", role.Name, action, role.Boundary)
		}
	}
	if limited == 0 {
		t.Error("no role is limited by its boundary")
	}
}

func TestPermissionsAreRememberedByWhoAndWhenAndWhat(t *testing.T) {
	t.Parallel()
	org, err := New(DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		n := 0
		for a := range org.world.Accounts(0) {
			day := a.Day(org.cfg.Start)
			role, there := day.Role(0)
			if !there || a.Suspended() {
				continue
			}
			who := &identity{account: a, ref: world.Ref{Kind: world.KindRole}, principal: role.ARN}
			for _, action := range []string{"organizations:DescribeOrganization", "iam:GetPolicy", "iam:DeletePolicy"} {
				for _, at := range []world.Day{day, day.On(30)} {
					n++
					if got, want := org.permissions.may(who, at, action, "*"), who.may(at, action, "*"); got != want {
						t.Errorf("%s may %s on day %d: %v, want %v", role.ARN, action, at.Number(), got, want)
					}
				}
			}
		}
		if org.permissions.known.Len() != n {
			t.Errorf("%d answers are known after %d questions", org.permissions.known.Len(), n)
		}
	}
}

func TestSealsOnlyOpenInTheirContext(t *testing.T) {
	t.Parallel()
	s := newSealer(1)
	sealed := s.seal("a", []byte("payload"))
	if got, ok := s.open("a", sealed); !ok || string(got) != "payload" {
		t.Errorf("opened %q %v", got, ok)
	}
	if _, ok := s.open("b", sealed); ok {
		t.Error("opened in another context")
	}
	if _, ok := newSealer(2).open("a", sealed); ok {
		t.Error("opened with another seed")
	}
	id := s.uuid("a", [8]byte{1, 2, 3})
	if got, ok := s.openUUID("a", id); !ok || got != [8]byte{1, 2, 3} || len(id) != 36 {
		t.Errorf("%s opened as %v %v", id, got, ok)
	}
	for _, wrong := range []string{"", "x", id[1:], "0" + id[1:35] + "0", strings.Repeat("0", 32)} {
		if _, ok := s.openUUID("a", wrong); ok {
			t.Errorf("opened %q", wrong)
		}
	}
	if len(s.text("x", 200)) != 200 || len(s.letters("x", 16)) != 16 || s.text("x", 40) == s.text("y", 40) {
		t.Error("texts have the wrong length, or are the same")
	}
}

func FuzzOpenNeverAcceptsWhatWasNotSealed(f *testing.F) {
	s := newSealer(1)
	f.Add(s.seal("other", []byte("payload")))
	f.Add("")
	f.Fuzz(func(t *testing.T, sealed string) {
		if payload, ok := s.open("context", sealed); ok {
			t.Errorf("%q opens as %q", sealed, payload)
		}
	})
}

func FuzzParseSignature(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, Signature=00ff")
	f.Add("Basic Zm9vOmJhcg==")
	f.Fuzz(func(t *testing.T, header string) {
		s, ok := parseSignature(header)
		if ok && (s.accessKey == "" || s.value == "" || strings.Count(s.scope, "/") != 3) {
			t.Errorf("%q is accepted as %+v", header, s)
		}
		request := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader("body"))
		if s.verify(request, []byte("body"), "secret") {
			t.Errorf("%q is a valid signature", header)
		}
	})
}

// TestSignatureOfTheReference is the example of the AWS General Reference,
// "Signature Version 4 signing process", of a request to ListUsers.
func TestSignatureOfTheReference(t *testing.T) {
	t.Parallel()
	const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	request := httptest.NewRequest(http.MethodGet, "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", nil)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	request.Header.Set("X-Amz-Date", "20150830T123600Z")
	header := "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, " +
		"SignedHeaders=content-type;host;x-amz-date, " +
		"Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
	s, ok := parseSignature(header)
	if !ok || !s.verify(request, nil, secret) {
		t.Error("the reference's signature is refused")
	}
	if s.verify(request, nil, secret+"x") || s.verify(request, []byte("body"), secret) {
		t.Error("a wrong secret or body is accepted")
	}
}

func TestXMLEscapesAndDocumentsArePercentEncoded(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	x := newXMLWriter(&b)
	const text, document = "<a> & \"b\" 'c' \r\n\t日本 % +", "{\"a\": \"<b> & + % ~ é 日本\"}\r\n"
	x.element("r", func() {
		x.text("t", text)
		x.document("d", []byte(document))
		x.time("zero", time.Time{})
		x.optional("none", "")
	})
	if err := x.w.Flush(); err != nil {
		t.Fatal(err)
	}
	var got struct {
		T string `xml:"t"`
		D string `xml:"d"`
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.T != text {
		t.Errorf("text is %q, want %q", got.T, text)
	}
	if plain, err := url.PathUnescape(got.D); err != nil || plain != document {
		t.Errorf("document is %q %v, want %q", plain, err, document)
	}
	if strings.ContainsAny(b.String(), "+ ") && strings.Contains(got.D, "+") || strings.Contains(b.String(), "zero") || strings.Contains(b.String(), "none") {
		t.Errorf("wrote %s", b.String())
	}
}

func BenchmarkThousandRoles(b *testing.B) {
	cfg := DefaultConfig()
	cfg.Accounts, cfg.Roles, cfg.Policies = 1, 1000, 200
	org, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	day := org.world.Management().Day(cfg.Start)
	var written bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		written.Reset()
		x := newXMLWriter(&written)
		writeDetails(x, day, detailLists(), marker{}, maxItems)
		if err := x.w.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(written.Len()))
}
