package judge

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/schemas/event"
)

// judged gives a run's events to a feed, in the order of order, and returns what the
// rules say of each entity.
func (p *pass) judged(t *testing.T, order []sight) map[string]risk.Judgement {
	t.Helper()
	options := risk.DefaultOptions()
	options.At = p.run.ObservedAt
	account := risk.NewEngine(testRules(t), options).NewAccount(Info(p.run.Account, event.Account{Name: "shop", Partition: "aws"}))
	f := NewFeed(account, p.library)
	for _, s := range order {
		if err := f.add(t.Context(), s.v); err != nil {
			t.Fatal(err)
		}
	}
	all := map[string]risk.Judgement{}
	for j := range account.Judge() {
		if _, twice := all[j.Entity.ID]; twice {
			t.Errorf("%s is judged twice", j.Entity.ID)
		}
		all[j.Entity.ID] = j
	}
	return all
}

// add gives an event of any kind to the feed.
func (f *Feed) add(ctx context.Context, v any) error {
	switch v := v.(type) {
	case event.Account:
		f.Account(v)
	case *event.User:
		return f.User(ctx, *v)
	case *event.Role:
		return f.Role(ctx, *v)
	case event.Group:
		return f.Group(ctx, v)
	case event.Policy:
		return f.Policy(ctx, v)
	case event.Access:
		f.Access(v)
	case event.Credential:
		f.Credential(v)
	}
	return nil
}

// isAdmin reports whether an entity needs no step to become administrator.
func isAdmin(j risk.Judgement) bool { return len(j.Paths) == 1 && len(j.Paths[0].Steps) == 0 }

func TestEverythingThatDecidesReachesTheRules(t *testing.T) {
	t.Parallel()
	everything := allow("*", "*")
	deny := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	for name, test := range map[string]struct {
		make  func(p *pass) string
		admin bool
	}{
		"a user's own policy": {func(p *pass) string { return p.user("ann", everything).ID }, true},
		"a user's group": {func(p *pass) string {
			u := p.user("ann")
			u.Groups = []event.Membership{{Name: "ops", Policies: p.inline(everything)}}
			return u.ID
		}, true},
		"a deny of the group": {func(p *pass) string {
			u := p.user("ann", everything)
			u.Groups = []event.Membership{{Name: "ops", Policies: p.inline(deny)}}
			return u.ID
		}, false},
		"a role's own policy": {func(p *pass) string { return p.role("r", trusting("Service", "ec2.amazonaws.com"), everything).ID }, true},
		"a role's boundary": {func(p *pass) string {
			r := p.role("r", "", everything)
			r.Boundary = &p.inline(allow("*", "s3:*"))[0]
			return r.ID
		}, false},
		"a control of a role": {func(p *pass) string {
			r := p.role("r", "", everything)
			r.Controls = [][]event.PolicyRef{p.inline(everything), p.inline(deny)}
			return r.ID
		}, false},
		"a control of a user": {func(p *pass) string {
			u := p.user("ann", everything)
			u.Controls = [][]event.PolicyRef{p.inline(allow("*", "ec2:*"))}
			return u.ID
		}, false},
		"controls that allow": {func(p *pass) string {
			u := p.user("ann", everything)
			u.Controls = [][]event.PolicyRef{p.inline(everything)}
			return u.ID
		}, true},
		"a document not there": {func(p *pass) string { u := p.user("ann", everything); u.Policies[0].Document = ""; return u.ID }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newLibrary(t).newPass(shop, 2, 1)
			id := test.make(p)
			if got := isAdmin(p.judged(t, p.events)[id]); got != test.admin {
				t.Errorf("administrator: %v, want %v", got, test.admin)
			}
		})
	}
}

// Principals with other controls than the one before have their own.
func TestControlsAreEachPrincipalsOwn(t *testing.T) {
	t.Parallel()
	p := newLibrary(t).newPass(shop, 2, 1)
	free, narrow := [][]event.PolicyRef{p.inline(allow("*", "*"))}, [][]event.PolicyRef{p.inline(allow("*", "s3:*"))}
	want := map[string]bool{}
	for i, controls := range [][][]event.PolicyRef{free, free, narrow, nil, narrow, free} {
		u := p.user(string(rune('a'+i)), allow("*", "*"))
		u.Controls = controls
		want[u.ID] = controls == nil || &controls[0] == &free[0]
	}
	for id, j := range p.judged(t, p.events) {
		if j.Entity.Kind == "user" && isAdmin(j) != want[id] {
			t.Errorf("%s is administrator: %v, want %v", id, isAdmin(j), want[id])
		}
	}
}

func TestUsageAndCredentialsReachTheRules(t *testing.T) {
	t.Parallel()
	p := newLibrary(t).newPass(shop, 2, 1)
	u := p.user("ann", allow("*", "s3:GetObject", "sqs:SendMessage"))
	p.see(event.KindAccess, u.ID, event.Access{
		Common: u.Common, Entity: event.KindUser, ARN: u.ARN, State: event.StateOK, Granularity: event.GranularityAction,
		Services: []event.ServiceAccess{
			{Service: "s3", LastAt: on(1), Actions: []event.ActionAccess{{Action: "GetObject", LastAt: on(1)}}},
			{Service: "sqs"},
		},
	})
	p.see(event.KindCredential, u.ID, event.Credential{
		Common: u.Common, User: "ann", ARN: u.ARN, CreatedAt: u.CreatedAt, PasswordEnabled: true, PasswordLastUsedAt: on(1), PasswordChangedAt: on(1),
		AccessKeys: []event.AccessKey{{Slot: 1, Active: true, RotatedAt: on(1).AddDate(-1, 0, 0)}, {Slot: 2}},
	})
	j := p.judged(t, p.events)[u.ID]
	if len(j.Unused) != 1 || j.Unused[0].Service != "sqs" || j.Score == nil || *j.Score <= 0 || *j.Score >= 100 {
		t.Errorf("unused %+v, score %v", j.Unused, j.Score)
	}
	var rules []string
	for _, f := range j.Findings {
		rules = append(rules, f.Rule)
	}
	for _, want := range []string{"mfa", "key"} {
		if !slices.ContainsFunc(rules, func(r string) bool { return strings.Contains(r, want) }) {
			t.Errorf("no rule about %s: %v", want, rules)
		}
	}
}

// A report that is not whole says of nothing that it was not used.
func TestAReportThatIsNotWholeCallsNothingUnused(t *testing.T) {
	t.Parallel()
	p := newLibrary(t).newPass(shop, 2, 1)
	u := p.user("ann", allow("*", "s3:GetObject"))
	p.see(event.KindAccess, u.ID, event.Access{Common: u.Common, Entity: event.KindUser, ARN: u.ARN, State: event.StateTruncated, Services: []event.ServiceAccess{{Service: "s3"}}})
	if j := p.judged(t, p.events)[u.ID]; j.Unused != nil || j.Score != nil {
		t.Errorf("unused %v, score %v", j.Unused, j.Score)
	}
}

func TestPoliciesHaveTheirOtherVersions(t *testing.T) {
	t.Parallel()
	p := newLibrary(t).newPass(shop, 2, 1)
	everything := p.add(allow("*", "*"))
	o := event.Policy{
		Common: p.common("ANPAread"), Identity: p.identity("policy", "read"), Owner: event.OwnerCustomer, DefaultVersion: "v2", Document: p.add(allow("*", "s3:List*")),
		Versions: []event.PolicyVersion{{ID: "v1", Document: everything}, {ID: "v2", Default: true, Document: p.add(allow("*", "s3:List*"))}}, AttachmentCount: 1,
	}
	p.see(event.KindPolicy, o.ID, o)
	u := p.user("ann", allow(o.ARN, "iam:SetDefaultPolicyVersion"))
	u.Policies = append(u.Policies, event.PolicyRef{Source: event.SourceManaged, Name: "read", ARN: o.ARN, Document: o.Document})
	if j := p.judged(t, p.events)[u.ID]; len(j.Paths) != 1 || len(j.Paths[0].Steps) != 1 {
		t.Errorf("who may bring back a version that allows everything has the paths %+v", j.Paths)
	}
}

// JetStream delivers in order, but nothing rests on it; of two with one id the first
// counts.
func TestNeitherOrderNorRepetitionMatters(t *testing.T) {
	t.Parallel()
	p := newLibrary(t).escalating(shop, 2, 1)
	want := p.judged(t, p.events)
	backwards := slices.Clone(p.events)
	slices.Reverse(backwards)
	got := p.judged(t, append(backwards, p.events...))
	if len(want) != 5 || len(got) != 5 {
		t.Fatalf("%d and %d judgements, want 5", len(want), len(got))
	}
	for id, w := range want {
		if g := got[id]; len(g.Findings) != len(w.Findings) || len(g.Paths) != len(w.Paths) {
			t.Errorf("%s has %d findings and %d paths, want %d and %d", id, len(g.Findings), len(g.Paths), len(w.Findings), len(w.Paths))
		}
	}
}

// IAM promises no order of its lists: a finding is the same in whichever they come.
func TestTheOrderOfListsDoesNotMatter(t *testing.T) {
	t.Parallel()
	p := newLibrary(t).newPass(shop, 2, 1)
	u := p.user("ann")
	for _, name := range []string{"a", "b", "c"} {
		ref := event.PolicyRef{Source: event.SourceManaged, Name: name, ARN: "arn:aws:iam::aws:policy/" + name, Document: p.add(allow("*", "iam:PutUserPolicy", "s3:"+name))}
		u.Policies = append(u.Policies, ref)
		u.Groups = append(u.Groups, event.Membership{Name: name, Policies: []event.PolicyRef{ref}})
	}
	want := p.judged(t, p.events)[u.ID]
	slices.Reverse(u.Policies)
	slices.Reverse(u.Groups)
	got := p.judged(t, p.events)[u.ID]
	if diff := cmp.Diff(want.Findings, got.Findings, cmpopts.EquateComparable(), cmpopts.IgnoreUnexported(risk.Finding{}, risk.Evidence{})); diff != "" || len(want.Findings) == 0 {
		t.Errorf("%d findings (-want +got):\n%s", len(want.Findings), diff)
	}
}

func TestTheFeedCountsWhatIsDifferent(t *testing.T) {
	t.Parallel()
	p := newLibrary(t).escalating(shop, 2, 1)
	account := risk.NewEngine(testRules(t), risk.DefaultOptions()).NewAccount(risk.AccountInfo{ID: shop})
	f := NewFeed(account, p.library)
	for range 2 {
		for _, s := range p.events {
			if err := f.add(t.Context(), s.v); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, kind := range event.CountedKinds() {
		if f.Count(kind) != 1 {
			t.Errorf("%d of kind %s, want 1", f.Count(kind), kind)
		}
	}
}

// away is a library whose server does not answer.
type away struct{ err error }

func (a away) Document(context.Context, string) (*policy.Analysis, *policy.Document, error) {
	return nil, nil, a.err
}

func TestADocumentThatCannotBeHadIsAnError(t *testing.T) {
	t.Parallel()
	p := newLibrary(t).newPass(shop, 2, 1)
	hash := event.HashDocument([]byte("absent"))
	ref := event.PolicyRef{Source: event.SourceInline, Name: "own", Document: hash}
	timeout := errors.New("no answer")
	for name, v := range map[string]any{
		"user":                 &event.User{Policies: []event.PolicyRef{ref}},
		"user's group":         &event.User{Groups: []event.Membership{{Name: "g", Policies: []event.PolicyRef{ref}}}},
		"user's boundary":      &event.User{Boundary: &ref},
		"user's control":       &event.User{Controls: [][]event.PolicyRef{{ref}}},
		"role":                 &event.Role{Policies: []event.PolicyRef{ref}},
		"role's trust":         &event.Role{Trust: hash},
		"group":                event.Group{Policies: []event.PolicyRef{ref}},
		"policy":               event.Policy{Document: hash},
		"policy's old version": event.Policy{Versions: []event.PolicyVersion{{ID: "v1", Document: hash}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for docs, want := range map[Documents]error{p.library: ErrNoDocument, away{timeout}: timeout} {
				account := risk.NewEngine(testRules(t), risk.DefaultOptions()).NewAccount(risk.AccountInfo{ID: shop})
				if err := NewFeed(account, docs).add(t.Context(), v); !errors.Is(err, want) {
					t.Errorf("%v, want %v", err, want)
				}
			}
		})
	}
}
