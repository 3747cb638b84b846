package judge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// escalating is a run of an account with a user that can make itself administrator,
// a role that is one, a group and a policy.
func (l *library) escalating(account string, day, attempt int) *pass {
	p := l.newPass(account, day, attempt)
	p.user("ann", allow("*", "iam:PutUserPolicy"))
	p.role("admin", trusting("Service", "ec2.amazonaws.com"), allow("*", "*"))
	g := event.Group{Common: p.common("AGPAdevs"), Identity: p.identity("group", "devs"), Policies: p.inline(allow("*", "s3:GetObject"))}
	p.see(event.KindGroup, g.ID, g)
	o := event.Policy{Common: p.common("ANPAread"), Identity: p.identity("policy", "read"), Owner: event.OwnerCustomer, DefaultVersion: "v1", Document: p.add(allow("*", "s3:List*"))}
	p.see(event.KindPolicy, o.ID, o)
	p.see(event.KindAccess, "AIDAann", event.Access{
		Common: p.common("AIDAann"), Entity: event.KindUser, ARN: p.identity("user", "ann").ARN, State: event.StateOK,
		Granularity: event.GranularityService, Services: []event.ServiceAccess{{Service: "iam"}},
	})
	p.see(event.KindCredential, "AIDAann", event.Credential{Common: p.common("AIDAann"), User: "ann", ARN: p.identity("user", "ann").ARN, PasswordEnabled: true})
	return p
}

func TestEveryEntityAndTheAccountGetOneJudgement(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.collect(r.escalating(shop, 2, 1))
	r.run(r.judge(nil))
	all := r.stored()
	if got := ids(all); !slices.Equal(slices.Sorted(slices.Values(got)), []string{shop, "AGPAdevs", "AIDAann", "ANPAread", "AROAadmin"}) || got[len(got)-1] != shop {
		t.Errorf("judged are %v", got)
	}
	ann, account := of(t, all, "AIDAann"), of(t, all, shop)
	if len(ann.Paths) != 1 || len(ann.Paths[0].Steps) == 0 || ann.Entity != event.KindUser || ann.Name != "ann" || !strings.HasSuffix(ann.ARN, ":user/ann") {
		t.Errorf("the judgement of a user that can make itself administrator: %+v", ann)
	}
	if admin := of(t, all, "AROAadmin"); len(admin.Paths) != 1 || len(admin.Paths[0].Steps) != 0 {
		t.Errorf("the judgement of an administrator: %+v", admin.Paths)
	}
	want := &event.Totals{Judgements: 5, Findings: map[string]int64{}, Escalating: 1}
	for _, j := range all {
		for _, f := range j.Findings {
			want.Findings[f.Severity]++
		}
	}
	if diff := cmp.Diff(want, account.Totals); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	if ann.Totals != nil || account.Name != "shop" || account.Entity != event.KindAccount {
		t.Errorf("the account's judgement: %+v", account)
	}
}

func TestWhatIsNotAClosedRunIsNotJudged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.open(r.newPass(shop, 2, 1))
	failed := r.newPass(shop, 3, 1)
	failed.closed.Status, failed.closed.Reason = event.RunFailed, "access denied"
	r.collect(failed)
	r.run(r.judge(nil))
	if all := r.stored(); len(all) != 0 || r.letters() != nil {
		t.Errorf("%d judgements, letters %v", len(all), r.letters())
	}
}

func TestAPartialRunIsJudgedByWhatItSaw(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.newPass(shop, 2, 1)
	p.closed.Status = event.RunPartial
	p.closed.Problems = []event.Problem{{Part: "iam:GetCredentialReport", State: event.StateThrottled, Reason: "slow down", Count: 1}}
	p.user("ann")
	r.collect(p)
	r.run(r.judge(nil))
	if got := ids(r.stored()); !slices.Equal(got, []string{"AIDAann", shop}) {
		t.Errorf("judged are %v", got)
	}
}

// Two runs of one account may be under way at once: a job may be delivered again
// while its first collector still works.
func TestRunsOfOneAccountDoNotMix(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, b := r.newPass(shop, 2, 1), r.newPass(shop, 2, 2)
	a.user("ann")
	a.user("abe")
	b.user("bob")
	r.open(a)
	r.see(a, a.events[:2]...)
	r.open(b)
	r.see(b, b.events...)
	r.see(a, a.events[2:]...)
	r.close(b)
	r.close(a)
	r.run(r.judge(nil))
	if got := ids(r.stored()); !slices.Equal(got, []string{"AIDAbob", shop, "AIDAabe", "AIDAann", shop}) {
		t.Errorf("judged are %v", got)
	}
}

// What is delivered twice, and what is judged twice, is stored once.
func TestTwiceIsOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.escalating(shop, 2, 1)
	r.open(p)
	r.open(p)
	r.see(p, p.events...)
	r.see(p, p.events...)
	r.close(p)
	r.run(r.judge(nil))
	once := r.stored()
	r.close(p)
	r.run(r.judge(nil))
	r.forget()
	r.run(r.judge(nil))
	if diff := cmp.Diff(once, r.stored()); diff != "" || len(once) != 5 {
		t.Errorf("%d judgements, and then (-once +again):\n%s", len(once), diff)
	}
}

// forget has all of RAW delivered again.
func (r *rig) forget() {
	r.Helper()
	if err := r.js.DeleteConsumer(r.Context(), stream.Raw, Stage); err != nil {
		r.Fatal(err)
	}
}

func TestSeveralJudgesSayWhatOneSays(t *testing.T) {
	t.Parallel()
	var want []event.Judgement
	for n := range 3 {
		r := newRig(t)
		for day := 2; day < 6; day++ {
			for _, account := range []string{shop, bank} {
				r.collect(r.escalating(account, day, 1))
			}
		}
		judges := []*Judge{r.judge(nil), r.judge(nil), r.judge(nil)}
		r.run(judges[:n+1]...)
		got := r.stored()
		if n == 0 {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) != 4*2*5 {
			t.Errorf("%d judges, %d judgements (-one +several):\n%s", n+1, len(got), diff)
		}
	}
}

// Another judge's judgements stand beside: another id, and another name.
func TestAnotherJudgeIsToldApart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.collect(r.escalating(shop, 2, 1))
	r.run(r.judge(nil))
	r.forget()
	r.run(r.judge(func(_ *Dependencies, c *Config) { c.UnusedDays = 30 }))
	names := map[string]int{}
	for _, j := range r.stored() {
		names[j.Judge]++
	}
	if len(names) != 2 || len(r.stored()) != 10 {
		t.Errorf("judges %v", names)
	}
}

func TestARunThatRawHasForgottenEndsInTheDeadLetters(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lose func(s jetstream.Stream, r *rig) error
		want string
	}{
		"from its beginning": {
			func(s jetstream.Stream, r *rig) error { return s.Purge(r.Context(), jetstream.WithPurgeSequence(3)) },
			"find the beginning of run 20260302T060000Z-111122223333-1: its raw events are gone",
		},
		"in the middle": {
			func(s jetstream.Stream, r *rig) error { return s.DeleteMsg(r.Context(), 3) },
			"judge run 20260302T060000Z-111122223333-1: its raw events are gone: 0 of 1 of kind user are left",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.collect(r.escalating(shop, 2, 1))
			r.collect(r.escalating(bank, 2, 1))
			s, err := r.js.Stream(t.Context(), stream.Raw)
			if err != nil {
				t.Fatal(err)
			}
			if err := test.lose(s, r); err != nil {
				t.Fatal(err)
			}
			r.run(r.judge(nil))
			if got := r.letters(); !slices.Equal(got, []string{test.want}) {
				t.Errorf("dead letters %q", got)
			}
			for _, j := range r.stored() {
				if j.Account != bank {
					t.Errorf("the judgement of %s of the lost run is there", j.ID)
				}
			}
			if len(r.stored()) != 5 {
				t.Errorf("the other account has %d judgements, want 5", len(r.stored()))
			}
		})
	}
}

func TestJudgingLeavesNoConsumerBehind(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for day := range 3 {
		r.collect(r.newPass(shop, 2+day, 1))
	}
	r.run(r.judge(nil))
	raw, err := r.js.Stream(t.Context(), stream.Raw)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range raw.ConsumerNames(t.Context()).Name() {
		names = append(names, name)
	}
	if diff := cmp.Diff([]string{Stage}, names); diff != "" {
		t.Errorf("consumers of RAW (-want +got):\n%s", diff)
	}
}

func TestWhatNoWaitingHelpsEndsInTheDeadLetters(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	absent := r.newPass(shop, 2, 1)
	absent.role("lost", "").Trust = event.HashDocument([]byte("lost"))
	r.collect(absent)
	organization := r.newPass(shop, 3, 1)
	organization.events[0].v = event.Account{
		Common: organization.common(shop), Partition: "aws",
		Organization: &event.Organization{ID: "o-1", Management: bank, Accounts: event.HashDocument([]byte("none"))},
	}
	r.collect(organization)
	r.raw(event.KindRun, shop, "odd", map[string]any{"phase": "closed"})
	r.run(r.judge(nil))
	want := []string{
		"role AROAlost: find document " + event.HashDocument([]byte("lost")) + ": document is not in the bucket",
		"load accounts of the organization, document " + event.HashDocument([]byte("none")) + ": document is not in the bucket",
		"read run event: invalid run event: run is",
	}
	got := r.letters()
	if len(got) != len(want) {
		t.Fatalf("dead letters %q", got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("dead letter %q, want %q", got[i], want[i])
		}
	}
}

func TestAccountsOfTheOrganizationAreKnown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	list := fmt.Sprintf(`["%s","%s"]`, shop, bank)
	hash := event.HashDocument([]byte(list))
	if _, err := r.js.Publish(t.Context(), stream.DocumentSubject(hash), []byte(list)); err != nil {
		t.Fatal(err)
	}
	for day, organization := range map[int]*event.Organization{2: nil, 3: {ID: "o-1", Management: bank, Accounts: hash}} {
		p := r.newPass(shop, day, 1)
		p.events[0].v = event.Account{Common: p.common(shop), Partition: "aws", Organization: organization}
		p.role("guest", trusting("AWS", "arn:aws:iam::"+bank+":root"))
		r.collect(p)
	}
	r.run(r.judge(nil))
	for _, j := range r.stored() {
		if j.Entity != event.KindRole {
			continue
		}
		rules := strings.Join(rulesOf(j), " ")
		if foreign := strings.Contains(rules, "trust-foreign-account"); foreign == j.ObservedAt.Equal(on(3)) {
			t.Errorf("a role that trusts %s on %s: %s", bank, j.ObservedAt, rules)
		}
	}
}

// A way across accounts is found the day after it came about, whichever account
// is judged first.
func TestAWayAcrossAccountsIsFoundTheDayAfter(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{shop, bank}, {bank, shop}} {
		t.Run(strings.Join(order, " then "), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			for day := 2; day < 5; day++ {
				passes := map[string]*pass{shop: r.newPass(shop, day, 1), bank: r.newPass(bank, day, 1)}
				passes[shop].user("ann", allow("arn:aws:iam::"+bank+":role/vault", "sts:AssumeRole"))
				passes[bank].role("vault", trusting("AWS", "arn:aws:iam::"+shop+":root"), allow("*", "*"))
				for _, account := range order {
					r.collect(passes[account])
				}
			}
			r.run(r.judge(nil))
			got := map[int]string{}
			for _, j := range r.stored() {
				if j.ID == "AIDAann" {
					for _, p := range j.Paths {
						got[j.ObservedAt.Day()] = p.To
					}
				}
			}
			vault := "arn:aws:iam::" + bank + ":role/vault"
			if diff := cmp.Diff(map[int]string{3: vault, 4: vault}, got); diff != "" {
				t.Errorf("paths by day (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRunNeedsTheStreamsAndBuckets(t *testing.T) {
	t.Parallel()
	for _, name := range []string{stream.Raw, stream.Documents, stream.Surfaces} {
		r := newRig(t)
		if err := r.js.DeleteStream(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		if err := r.judge(nil).Run(t.Context()); !errors.Is(err, bus.ErrNotMigrated) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}
