package policy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

func TestExpandSpellsOutWildcards(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	doc := mustParse(t, `{"Version":"2012-10-17","Id":"x","Statement":[
		{"Sid":"A","Effect":"Allow","Action":["sns:*permission","sns:AddPermission","SQS:tagqueue","foo:Bar*"],"Resource":"*"},
		{"Effect":"Deny","NotAction":"sqs:*Queue","NotResource":["a","b"],"Condition":{"Bool":{"aws:SecureTransport":false}}},
		{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}}]}`)
	want := `{"Version":"2012-10-17","Id":"x","Statement":[` +
		`{"Sid":"A","Effect":"Allow","Action":["sns:AddPermission","sns:RemovePermission","sqs:TagQueue","foo:Bar*"],"Resource":"*"},` +
		`{"Effect":"Deny","NotAction":["sqs:CreateQueue","sqs:DeleteQueue","sqs:PurgeQueue","sqs:TagQueue","sqs:UntagQueue"],"NotResource":["a","b"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},` +
		`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`
	before := string(doc.JSON(""))
	expanded := policy.Expand(f.Catalog, doc)
	if got := string(expanded.JSON("")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if string(doc.JSON("")) != before {
		t.Error("the document that was expanded has changed")
	}
	if got := expanded.Unknown; !slices.Equal(got, []string{"foo:Bar*"}) {
		t.Errorf("unknown actions %v", got)
	}
	all := policy.Expand(f.Catalog, mustParse(t, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`))
	if got := len(all.Statements[0].Actions); got != f.Len() {
		t.Errorf("* is %d actions of %d", got, f.Len())
	}
	_ = append(all.Statements[0].Actions, "foo:Bar")
	if got := policy.Expand(f.Catalog, all.Document).Statements[0].Actions; !slices.Equal(got, all.Statements[0].Actions) {
		t.Error("what is appended to the names of all actions changes them")
	}
}

func TestMinimizeDocumentTakesTheShortestForm(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	tests := map[string]struct {
		actions string
		minimum int
		want    string
	}{
		"everything":             {"s3:* * foo:Bar", 0, "*"},
		"everything, in two":     {"*:*", 0, "*"},
		"a whole service":        {"sqs:* sqs:GetQueueUrl", 0, "sqs:*"},
		"a short prefix":         {"sns:AddPermission sns:RemovePermission", 0, "sns:a* sns:r*"},
		"a prefix of a wildcard": {"account:Disable*", 0, "account:di*"},
		"a suffix stays":         {"ec2:*Vpc", 0, "ec2:*Vpc"},
		"a suffix and more":      {"sqs:*Queue sqs:SendMessage sqs:CreateQueue", 0, "sqs:*Queue sqs:sen*"},
		"the same twice":         {"sqs:*Queue sqs:*queue", 0, "sqs:*Queue"},
		"narrower in wider":      {"ec2:Create*Vpc* ec2:CreateVpc ec2:*Vpc*", 0, "ec2:*Vpc*"},
		"a minimum":              {"sns:Publish", 5, "sns:publi*"},
		"unknown":                {"foo:Bar foo:Bar s3:GetNothing", 0, "foo:Bar s3:GetNothing"},
		"a dear wildcard":        {"sns:*ublis?", 0, "sns:pub*"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := &policy.Document{Statements: []policy.Statement{{Effect: policy.Allow, Actions: strings.Fields(tt.actions), Resources: []string{"*"}}}}
			if got := strings.Join(writer.MinimizeDocument(doc, tt.minimum).Statements[0].Actions, " "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestMinimizeDocumentJoinsOnlyWhatIsOneStatement(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	doc := mustParse(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"sns:Publish","Resource":"*"},
		{"Sid":"B","Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"},
		{"Sid":"C","Effect":"Deny","Action":"sqs:PurgeQueue","Resource":"*"},
		{"Sid":"D","Effect":"Allow","Action":"sqs:TagQueue","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},
		{"Sid":"E","Effect":"Allow","Action":"sqs:UntagQueue","Resource":["*","a"]},
		{"Sid":"F","Effect":"Allow","NotAction":"iam:PassRole","Resource":"*"},
		{"Sid":"G","Effect":"Allow","NotAction":"s3:*","Resource":"*"},
		{"Sid":"H","Effect":"Allow","Action":"sqs:TagQueue","NotResource":"*"},
		{"Sid":"I","Effect":"Allow","Action":"sqs:UntagQueue","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},
		{"Sid":"J","Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"},
		{"Sid":"K","Effect":"Allow","Action":"sts:TagSession","Principal":{"AWS":"*"}}]}`)
	var got []string
	for _, s := range policy.NewWriter(f.Catalog).MinimizeDocument(doc, 0).Statements {
		got = append(got, s.SID+" "+strings.Join(append(s.Actions, s.NotActions...), " "))
	}
	want := []string{
		"B sns:pub* sqs:sen*", "C sqs:p*", "D sqs:t* sqs:u*", "E sqs:u*", "F iam:pa*", "G s3:*", "H sqs:t*", "J sts:assumerole", "K sts:tags*",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}

// TestMinimizeDocumentJoinsWhatIsInAnotherOrder has the same statement twice, but for
// the order of whatever is in it, and another one.
func TestMinimizeDocumentJoinsWhatIsInAnotherOrder(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	for name, parts := range map[string][3]string{
		"resources":  {`"Resource":["a","b"]`, `"Resource":["b","a"]`, `"Resource":["b","c"]`},
		"keys":       {`"Resource":"*","Condition":{"Null":{"a":"true","b":"true"}}`, `"Resource":"*","Condition":{"Null":{"b":"true","a":"true"}}`, `"Resource":"*","Condition":{"Null":{"b":"true","a":"false"}}`},
		"values":     {`"Resource":"*","Condition":{"StringEquals":{"a":["x","y"]}}`, `"Resource":"*","Condition":{"StringEquals":{"a":["y","x"]}}`, `"Resource":"*","Condition":{"StringEquals":{"a":["y"]}}`},
		"principals": {`"Principal":{"AWS":["1","2"],"Service":"s"}`, `"Principal":{"Service":"s","AWS":["2","1"]}`, `"Principal":{"Service":"2","AWS":["1"]}`},
	} {
		text := `{"Statement":[{"Effect":"Allow","Action":"sqs:TagQueue",%s},{"Effect":"Allow","Action":"sqs:UntagQueue",%s},{"Effect":"Allow","Action":"sqs:PurgeQueue",%s}]}`
		doc := mustParse(t, fmt.Sprintf(text, parts[0], parts[1], parts[2]))
		short := writer.MinimizeDocument(doc, 0)
		if len(short.Statements) != 2 || len(short.Statements[0].Actions) != 2 {
			t.Errorf("%s: %s", name, short.JSON(""))
		}
		if again := writer.MinimizeDocument(short.Document, 0); len(again.Statements) != 2 {
			t.Errorf("%s: again %s", name, again.JSON(""))
		}
	}
}

// drawPattern draws an action, or a pattern made of one.
func drawPattern(t *rapid.T, c *catalog.Catalog, service catalog.Service) string {
	name := c.ActionName(catalog.ActionID(rapid.IntRange(int(service.First), int(service.End)-1).Draw(t, "action")))
	from := rapid.IntRange(0, len(name)-1).Draw(t, "from")
	to := rapid.IntRange(from, len(name)).Draw(t, "to")
	switch rapid.IntRange(0, 5).Draw(t, "form") {
	case 0:
		name = name[:to] + "*"
	case 1:
		name = "*" + name[from:]
	case 2:
		name = name[:from] + "*" + name[to:]
	case 3:
		name = name[:from] + "?" + name[min(from+1, len(name)):]
	}
	return service.Prefix + ":" + name
}

// Minimized, a document grants and denies what it did, to the action, over the
// whole catalog, and it is no longer than it was.
func TestMinimizeDocumentNeverGrantsMore(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		doc := &policy.Document{Version: "2012-10-17"}
		for range rapid.IntRange(1, 4).Draw(t, "statements") {
			s := policy.Statement{
				Effect:    rapid.SampledFrom([]policy.Effect{policy.Allow, policy.Deny}).Draw(t, "effect"),
				Resources: []string{rapid.SampledFrom([]string{"*", "arn:aws:s3:::b"}).Draw(t, "resource")},
			}
			var patterns []string
			for range rapid.IntRange(1, 3).Draw(t, "services") {
				service := f.Service(catalog.ServiceID(rapid.IntRange(0, f.Services()-1).Draw(t, "service")))
				for range rapid.IntRange(1, 12).Draw(t, "patterns") {
					patterns = append(patterns, drawPattern(t, f.Catalog, service))
				}
			}
			if rapid.IntRange(0, 3).Draw(t, "not") == 0 {
				s.NotActions = patterns
			} else {
				s.Actions = patterns
			}
			doc.Statements = append(doc.Statements, s)
		}
		minimum := rapid.IntRange(0, 12).Draw(t, "minimum")
		short := writer.MinimizeDocument(doc, minimum)
		if before, after := f.said(doc), f.said(short.Document); !slices.EqualFunc(before, after, catalog.Set.Equal) {
			t.Fatalf("%s\nis not\n%s", short.JSON(""), doc.JSON(""))
		}
		if len(short.JSON("")) > len(doc.JSON("")) {
			t.Fatalf("%s\nis longer than\n%s", short.JSON(""), doc.JSON(""))
		}
		if again := writer.MinimizeDocument(short.Document, minimum); len(again.JSON("")) > len(short.JSON("")) {
			t.Fatalf("minimized twice: %s", again.JSON(""))
		}
		if expanded := policy.Expand(f.Catalog, doc); !slices.EqualFunc(f.said(doc), f.said(expanded.Document), catalog.Set.Equal) {
			t.Fatalf("expanded: %s", expanded.JSON(""))
		}
	})
}

// said returns what a document says of each action, by effect and resources.
func (f facts) said(doc *policy.Document) []catalog.Set {
	a := policy.Analyze(f.Catalog, doc)
	sets := []catalog.Set{f.NewSet(), f.NewSet(), f.NewSet(), f.NewSet()}
	a.AddUnbound(sets[0])
	a.AddBound(sets[1])
	a.AddDenied(sets[2])
	a.AddPartlyDenied(sets[3])
	return sets
}

// AWS's own policies say the same when they are written, expanded and minimized.
func TestManagedPoliciesStayTheSame(t *testing.T) {
	t.Parallel()
	policies := readManaged(t)
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	before, after := 0, 0
	for _, p := range policies {
		doc := mustParse(t, string(p.Document))
		said, short, expanded := f.said(doc), writer.MinimizeDocument(doc, 0), policy.Expand(f.Catalog, doc)
		if !slices.Equal(short.Unknown, expanded.Unknown) {
			t.Errorf("%s: minimizing does not know %v, and expanding %v", p.Name, short.Unknown, expanded.Unknown)
		}
		for name, other := range map[string]*policy.Document{
			"written": mustParse(t, string(doc.JSON("  "))), "minimized": mustParse(t, string(short.JSON(""))),
			"expanded": expanded.Document, "expanded and minimized": writer.MinimizeDocument(expanded.Document, 0).Document,
		} {
			if !slices.EqualFunc(said, f.said(other), catalog.Set.Equal) {
				t.Errorf("%s: %s it says something else", p.Name, name)
			}
			if !slices.Equal(expanded.Unknown, policy.Expand(f.Catalog, other).Unknown) {
				t.Errorf("%s: %s it has other unknown actions", p.Name, name)
			}
			if len(other.Problems) > 0 {
				t.Errorf("%s: %s it has problems %v", p.Name, name, other.Problems)
			}
		}
		if len(short.JSON("")) > len(doc.JSON("")) {
			t.Errorf("%s: %d characters became %d", p.Name, len(doc.JSON("")), len(short.JSON("")))
		}
		before, after = before+len(doc.JSON("")), after+len(short.JSON(""))
	}
	t.Logf("%d policies: %d characters became %d", len(policies), before, after)
}

// A document without problems is read again as it was written.
func TestDocumentsAreWrittenWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"Version":"2008-10-17","Id":"i","Statement":[{"Sid":"<&>","Effect":"Allow","NotPrincipal":{"AWS":["1","2"],"Service":"s"},"NotAction":["a:b","c:*"],"NotResource":"*","Condition":{"Bool":{"a":true,"b":[1,"x"]},"Null":{"c":"false"}}}]}`,
		`{"Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}}`,
		`{"Statement":[{"Effect":"Allow","Principal":{"CanonicalUser":"c","Federated":"f"},"Action":["s3:Get*"],"Resource":["a"]}]}`,
	} {
		doc := mustParse(t, text)
		again := mustParse(t, string(doc.JSON("\t")))
		if diff := cmp.Diff(doc, again); diff != "" || len(doc.Problems) > 0 {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
		if strings.Contains(string(doc.JSON("")), `\u00`) {
			t.Errorf("escaped: %s", doc.JSON(""))
		}
	}
}

func TestExpandWithinStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	for _, text := range []string{
		`{"Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:GetObject","foo:Bar","foo:Bar"],"Resource":"*"},{"Effect":"Deny","NotAction":"*","Resource":"*"}]}`,
		typicalDocument,
	} {
		doc := mustParse(t, text)
		want, n := writer.Expand(doc), 0
		for _, s := range want.Statements {
			n += len(s.Actions) + len(s.NotActions)
		}
		if got, counted := writer.ExpandWithin(doc, n); counted != n || !cmp.Equal(got, want) {
			t.Errorf("counted %d of %d, and the document is %v", counted, n, got)
		}
		if got, counted := writer.ExpandWithin(doc, n-1); got.Document != nil || counted < n {
			t.Errorf("%d names are %d, and the document is %v", n, counted, got)
		}
	}
}

// A megabyte of patterns, or of statements, takes neither the memory nor the
// time of a set each.
func TestMinimizeDocumentTakesWhateverFitsIntoAMessage(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	patterns := &policy.Document{Statements: []policy.Statement{{Effect: policy.Allow, Resources: []string{"*"}}}}
	statements := &policy.Document{}
	for i := range 20_000 {
		a, b := string(rune('a'+i%26)), string(rune('a'+i/26%26))
		patterns.Statements[0].Actions = append(patterns.Statements[0].Actions, "ec2:*"+a+"*"+b+"*")
		statements.Statements = append(statements.Statements, policy.Statement{
			Effect: policy.Allow, Actions: []string{"sns:Publish"}, Resources: []string{a + b, strings.Repeat("x", i%7)},
		})
	}
	writer := policy.NewWriter(f.Catalog)
	if got := writer.MinimizeDocument(patterns, 0); len(got.Statements[0].Actions) > 1000 {
		t.Errorf("%d patterns", len(got.Statements[0].Actions))
	}
	if got := writer.MinimizeDocument(statements, 0); len(got.Statements) != 26*26*7 {
		t.Errorf("%d statements", len(got.Statements))
	}
}

// Whatever a text is, it is JSON, and is read again as it was.
func TestTextsAreWrittenAsJSON(t *testing.T) {
	t.Parallel()
	texts := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,8}`), rapid.SampledFrom([]string{"\x7f", "\u2028", "\xff", "a\tb", `"\`, "<&>"}))
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		doc := policy.Document{Statements: []policy.Statement{{SID: text, Actions: []string{text}, Resources: []string{"a", text}}}}
		var got struct {
			Statement []struct {
				SID      string `json:"Sid"`
				Action   string
				Resource []string
			}
		}
		if err := json.Unmarshal(doc.JSON(" "), &got); err != nil {
			t.Fatalf("%s: %v", doc.JSON(""), err)
		}
		want := strings.ToValidUTF8(text, "\uFFFD")
		if s := got.Statement[0]; s.SID != want || s.Action != want || !slices.Equal(s.Resource, []string{"a", want}) {
			t.Fatalf("%q is written as %s", text, doc.JSON(""))
		}
		if strings.Contains(string(doc.JSON("")), `\u003c`) {
			t.Fatalf("escaped: %s", doc.JSON(""))
		}
	})
}
