package enrich

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/schemas/event"
)

const account = "111122223333"

func newTestEnricher(t testing.TB) *Enricher {
	t.Helper()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := risk.Load(c)
	if err != nil {
		t.Fatal(err)
	}
	return NewEnricher(risk.NewEngine(rules, risk.DefaultOptions()))
}

// documents judges documents on the spot.
type documents map[string]*Judgement

func (d documents) Judgement(hash string) *Judgement { return d[hash] }

// add returns a reference to a document.
func (d documents) add(e *Enricher, name, content string) event.PolicyRef {
	normalized := event.NormalizeDocument([]byte(content))
	hash := event.HashDocument(normalized)
	d[hash] = e.Judge(hash, normalized)
	return event.PolicyRef{Source: event.SourceInline, Name: name, Document: hash}
}

func common(id string) event.Common {
	return event.Common{Run: "r", Account: account, ID: id, ObservedAt: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}
}

const (
	s3Read     = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}`
	s3Star     = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`
	s3NoList   = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:List*","Resource":"*"}}`
	everything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	bogus      = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:Teleport","sqs:SendMessage"],"Resource":"*"}}`
)

// total sums the actions of the grants of one service.
func total(grants []event.Grant, service string) (bound, unbound int) {
	for _, g := range grants {
		if g.Service != service {
			continue
		}
		for l := range g.Bound {
			bound += int(g.Bound[l])
			unbound += int(g.Unbound[l])
		}
	}
	return bound, unbound
}

func serviceSize(t *testing.T, e *Enricher, prefix string, levels ...catalog.Level) int {
	t.Helper()
	s, ok := e.catalog.LookupService(prefix)
	if !ok {
		t.Fatalf("the catalog has no %s", prefix)
	}
	n := 0
	for _, l := range levels {
		first, end := e.catalog.LevelRange(s.ID, l)
		n += int(end - first)
	}
	return n
}

func TestUserHasWhatItAndItsGroupsCarryWithinItsBoundary(t *testing.T) {
	t.Parallel()
	e := newTestEnricher(t)
	docs := documents{}
	read, star, noList := docs.add(e, "read", s3Read), docs.add(e, "star", s3Star), docs.add(e, "no-list", s3NoList)
	all := docs.add(e, "all", everything)
	s3All := serviceSize(t, e, "s3", catalog.List, catalog.Read, catalog.Tagging, catalog.Write, catalog.PermissionsManagement)
	lists := 0
	for id := range e.catalog.Len() {
		if a := e.catalog.Action(catalog.ActionID(id)); a.Service == "s3" && len(a.Name) > 4 && a.Name[:4] == "List" {
			lists++
		}
	}
	tests := map[string]struct {
		user           event.User
		bound, unbound int
		level          string
		admin          bool
	}{
		"nothing":             {event.User{}, 0, 0, "", false},
		"own policy":          {event.User{Policies: []event.PolicyRef{read}}, 1, 0, "Read", false},
		"group's policy":      {event.User{Groups: []event.Membership{{Name: "g", Policies: []event.PolicyRef{star}}}}, 0, s3All, "Permissions management", false},
		"both":                {event.User{Policies: []event.PolicyRef{read}, Groups: []event.Membership{{Name: "g", Policies: []event.PolicyRef{star}}}}, 0, s3All, "Permissions management", false},
		"deny from the group": {event.User{Policies: []event.PolicyRef{star}, Groups: []event.Membership{{Name: "g", Policies: []event.PolicyRef{noList}}}}, 0, s3All - lists, "Permissions management", false},
		"within a boundary":   {event.User{Policies: []event.PolicyRef{all}, Boundary: &read}, 1, 0, "Read", false},
		"boundary alone":      {event.User{Boundary: &star}, 0, 0, "", false},
		"administrator":       {event.User{Policies: []event.PolicyRef{all}}, 0, s3All, "Permissions management", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := e.User(tt.user, docs)
			if err != nil {
				t.Fatal(err)
			}
			if bound, unbound := total(got.Grants, "s3"); bound != tt.bound || unbound != tt.unbound {
				t.Errorf("s3 has %d bound and %d unbound actions, want %d and %d", bound, unbound, tt.bound, tt.unbound)
			}
			if got.AccessLevel != tt.level {
				t.Errorf("the access level is %q, want %q", got.AccessLevel, tt.level)
			}
			if admin := slices.Contains(got.RiskTags, "admin"); admin != tt.admin {
				t.Errorf("admin is %v, want %v", admin, tt.admin)
			}
		})
	}
}

func TestEnrichmentNamesWhatItCouldNotJudge(t *testing.T) {
	t.Parallel()
	e := newTestEnricher(t)
	docs := documents{}
	got, err := e.Group(event.Group{Policies: []event.PolicyRef{
		docs.add(e, "bogus", bogus),
		{Source: event.SourceManaged, Name: "Gone", ARN: "arn:aws:iam::aws:policy/Gone"},
	}}, docs)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"s3:Teleport"}; !slices.Equal(got.UnknownActions, want) {
		t.Errorf("unknown actions are %v, want %v", got.UnknownActions, want)
	}
	if want := []string{"arn:aws:iam::aws:policy/Gone"}; !slices.Equal(got.MissingDocuments, want) {
		t.Errorf("missing documents are %v, want %v", got.MissingDocuments, want)
	}
	if _, unbound := total(got.Grants, "sqs"); unbound != 1 {
		t.Errorf("the rest of the document was not judged: %v", got.Grants)
	}
}

func TestRoleSaysWhoMayTakeIt(t *testing.T) {
	t.Parallel()
	e := newTestEnricher(t)
	tests := map[string]struct {
		trust   string
		exposed bool
		want    []event.Trust
	}{
		"service": {
			`{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`, false,
			[]event.Trust{{Effect: "Allow", Kind: "Service", Principal: "ec2.amazonaws.com", Actions: []string{"sts:AssumeRole"}, Grade: "none"}},
		},
		"other account with ExternalId": {
			`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}]}`, true,
			[]event.Trust{{
				Effect: "Allow", Kind: "AWS", Principal: "arn:aws:iam::444455556666:root", Account: "444455556666",
				Actions: []string{"sts:AssumeRole"}, Conditions: []string{"sts:ExternalId"}, ExternalID: true, CrossAccount: true, Grade: "external-id",
			}},
		},
		"OpenID Connect with claims": {
			`{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/gitlab.com"},"Action":"sts:AssumeRoleWithWebIdentity",` +
				`"Condition":{"StringEquals":{"gitlab.com:aud":"sts","gitlab.com:sub":"project_path:a/b"}}}}`, false,
			[]event.Trust{{
				Effect: "Allow", Kind: "Federated", Principal: "arn:aws:iam::111122223333:oidc-provider/gitlab.com", Account: account,
				Actions: []string{"sts:AssumeRoleWithWebIdentity"}, Conditions: []string{"gitlab.com:aud", "gitlab.com:sub"}, Grade: "federation", Subject: true, Audience: true,
			}},
		},
		"SAML with an audience": {
			`{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"},"Action":"sts:AssumeRoleWithSAML",` +
				`"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}}`, false,
			[]event.Trust{{
				Effect: "Allow", Kind: "Federated", Principal: "arn:aws:iam::111122223333:saml-provider/idp", Account: account,
				Actions: []string{"sts:AssumeRoleWithSAML"}, Conditions: []string{"SAML:aud"}, Grade: "federation", Audience: true,
			}},
		},
		"own account": {
			`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}]}`, false,
			[]event.Trust{{Effect: "Allow", Kind: "AWS", Principal: "arn:aws:iam::111122223333:root", Account: account, Actions: []string{"sts:AssumeRole"}, Grade: "none"}},
		},
		"everyone is denied": {
			`{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}`, false,
			[]event.Trust{{Effect: "Deny", Kind: "*", Principal: "*", Actions: []string{"sts:AssumeRole"}, Public: true, CrossAccount: true}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			docs := documents{}
			ref := docs.add(e, "trust", tt.trust)
			got, err := e.Role(event.Role{Common: common("AROA1"), Trust: ref.Document}, docs)
			if err != nil {
				t.Fatal(err)
			}
			if exposed := slices.Contains(got.RiskTags, "public-or-cross-account-trust"); exposed != tt.exposed {
				t.Errorf("the role is tagged as exposed: %v, want %v", exposed, tt.exposed)
			}
			if tt.want[0].Effect == "Deny" {
				return // what a Deny of everyone exposes is nobody's question
			}
			if diff := cmp.Diff(tt.want, got.Trusts); diff != "" {
				t.Errorf("trusts differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestADocumentThatIsNotThereIsAnError(t *testing.T) {
	t.Parallel()
	e := newTestEnricher(t)
	ref := event.PolicyRef{Source: event.SourceInline, Name: "p", Document: event.HashDocument([]byte("{}"))}
	if _, err := e.User(event.User{Policies: []event.PolicyRef{ref}}, documents{}); !errors.Is(err, ErrNoDocument) {
		t.Errorf("got %v, want %v", err, ErrNoDocument)
	}
	if _, err := e.Role(event.Role{Trust: ref.Document}, documents{}); !errors.Is(err, ErrNoDocument) {
		t.Errorf("got %v, want %v", err, ErrNoDocument)
	}
}

func TestJudgeKeepsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	e := newTestEnricher(t)
	for _, content := range []string{"", "not JSON", `{"Statement":`, `[]`} {
		j := e.Judge(event.HashDocument([]byte(content)), []byte(content))
		if len(j.event.Problems) == 0 || j.event.Content != content || len(j.event.Grants) > 0 {
			t.Errorf("Judge(%q) = %+v, want a problem, the content and no grants", content, j.event)
		}
	}
}

func TestVersionNamesContentAndNothingElse(t *testing.T) {
	t.Parallel()
	base := event.Role{
		Common: common("AROA1"), Identity: event.Identity{Name: "r", ARN: "arn:aws:iam::111122223333:role/r", Tags: map[string]string{"a": "1", "b": "2"}},
		Policies: []event.PolicyRef{{Source: event.SourceInline, Name: "p"}, {Source: event.SourceManaged, Name: "q", ARN: "arn:q"}},
	}
	same := map[string]func(*event.Role){
		"another run":        func(r *event.Role) { r.Common = common("AROA1"); r.Run = "other" },
		"used meanwhile":     func(r *event.Role) { r.LastUsedAt, r.LastUsedRegion = time.Unix(1, 0), "eu-west-1" },
		"another list order": func(r *event.Role) { r.Policies = []event.PolicyRef{r.Policies[1], r.Policies[0]} },
	}
	other := map[string]func(*event.Role){
		"another tag":      func(r *event.Role) { r.Tags = map[string]string{"a": "1"} },
		"another document": func(r *event.Role) { r.Policies = slices.Clone(r.Policies); r.Policies[0].Document = "d" },
		"another trust":    func(r *event.Role) { r.Trust = "t" },
		"a boundary":       func(r *event.Role) { r.Boundary = &event.PolicyRef{Source: event.SourceManaged, Name: "b"} },
	}
	want, err := roleVersion(base)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(base)
	check := func(name string, change func(*event.Role), equal bool) {
		r := base
		change(&r)
		got, err := roleVersion(r)
		if err != nil {
			t.Fatal(err)
		}
		if (got == want) != equal {
			t.Errorf("%s: version %s against %s", name, got, want)
		}
	}
	for name, change := range same {
		check(name, change, true)
	}
	for name, change := range other {
		check(name, change, false)
	}
	if after, _ := json.Marshal(base); string(after) != string(before) {
		t.Error("making a version changed the event")
	}
}
