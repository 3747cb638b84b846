package risk_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/leastwise/leastwise/catalog/risk"
)

// busy is an account with something of everything.
func busy(t testing.TB) *world {
	w := newWorld(t)
	w.policy("p", allow("iam:SetDefaultPolicyVersion", "*"), everything).policy("q", everything)
	w.group("admins", everything).group("g", allow("sts:AssumeRole", arn("role/a*")))
	w.user("ann", in("g"), since(500, 0)).user("ben", can("iam:AddUserToGroup", "*"), since(500, 0)).user("cleo", in("admins"))
	w.user("dan", can("iam:CreateAccessKey iam:PutUserPolicy", arn("user/*")), bounded(allow("iam:CreateAccessKey iam:PutUserPolicy", "*")))
	w.role("a1", byAccount(), can("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "*")).role("a2", byAccount(), by("user/dan"), can("lambda:UpdateFunctionCode", "*"))
	w.role("fn1", byService("lambda"), carries("p")).role("fn2", byService("lambda"), carries("q"), since(500, 200))
	w.role("ec2", byService("ec2"), inProfile(), trusts(`{"AWS":"777788889999"}`), can("sts:AssumeRole", "*"))
	w.report(entity("user", "ann"), true, map[string]int{"sts": 0}).report(entity("role", "fn2"), true, map[string]int{"s3": 3, "iam": 0})
	w.keys("ann", true, activeKey(1), activeKey(2)).keys("ben", false)
	return w
}

// judgeInOrder returns every judgement, in the order in which they are yielded,
// of entities that are added in another order.
func (w *world) judgeInOrder(order func(n int) []int) []risk.Judgement {
	a := w.engine.NewAccount(w.info)
	adds := []func(){}
	for _, p := range w.principals {
		adds = append(adds, func() { a.AddPrincipal(p) })
	}
	for _, g := range w.groups {
		adds = append(adds, func() { a.AddGroup(g) })
	}
	for _, p := range w.policies {
		adds = append(adds, func() { a.AddPolicy(p) })
	}
	for _, r := range w.access {
		adds = append(adds, func() { a.AddAccess(r) })
	}
	for _, c := range w.credentials {
		adds = append(adds, func() { a.AddCredential(c) })
	}
	for _, i := range order(len(adds)) {
		adds[i]()
	}
	var all []risk.Judgement
	for j := range a.Judge() {
		all = append(all, j)
	}
	return all
}

func inOrder(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

func TestTheOrderOfAddingDoesNotMatter(t *testing.T) {
	t.Parallel()
	w := busy(t)
	want := w.judgeInOrder(inOrder)
	for seed := range uint64(20) {
		got := w.judgeInOrder(rand.New(rand.NewPCG(seed, 0)).Perm)
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("another order (seed %d), another judgement (-first +other):\n%s", seed, cmp.Diff(want, got, cmpopts.IgnoreUnexported(risk.Finding{})))
		}
	}
}

func TestEveryEntityHasOneJudgement(t *testing.T) {
	t.Parallel()
	var got []string
	for _, j := range busy(t).judgeInOrder(inOrder) {
		got = append(got, j.Entity.Kind+"/"+j.Entity.Name)
	}
	want := "role/a1 role/a2 role/ec2 role/fn1 role/fn2 user/ann user/ben user/cleo user/dan group/admins group/g policy/p policy/q account/test"
	if diff := cmp.Diff(strings.Fields(want), got); diff != "" {
		t.Errorf("judgements (-want +got):\n%s", diff)
	}
}

func TestPathsOfABusyAccount(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"role/a1":      "role/a1 -passrole-lambda-invoke-> role/fn2",
		"role/a2":      "role/a2 -lambda-update-function-code-> role/fn2",
		"role/ec2":     "role/ec2 -sts-assume-role-> role/a1 -passrole-lambda-invoke-> role/fn2",
		"role/fn1":     "role/fn1 -iam-set-default-policy-version-> role/fn1",
		"role/fn2":     "administrator",
		"user/ann":     "user/ann -sts-assume-role-> role/a1 -passrole-lambda-invoke-> role/fn2",
		"user/ben":     "user/ben -iam-add-user-to-group-> group/admins",
		"user/cleo":    "administrator",
		"user/dan":     "user/dan -iam-create-access-key-> user/cleo",
		"group/g":      "none",
		"group/admins": "none",
	}
	got := make(map[string]string)
	for name, j := range busy(t).judge() {
		if _, wanted := want[name]; wanted {
			got[name] = describePath(j.Paths)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
}

func TestStepsCarryTheirEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("u", can("sts:AssumeRole", arn("role/r"))).
		role("r", byAccount(condition("StringEquals", "sts:ExternalId", "x")), can("lambda:UpdateFunctionCode", "*")).role("boss", admin(), byService("lambda"))
	p := w.judge()["user/u"].Paths[0]
	if !p.Conditional || !p.Steps[0].Conditional || p.Steps[1].Conditional {
		t.Errorf("conditional: the path %v, its steps %v and %v", p.Conditional, p.Steps[0].Conditional, p.Steps[1].Conditional)
	}
	var got []string
	for _, s := range p.Steps {
		got = append(got, fmt.Sprint(s.Actions, s.Note))
		for _, e := range s.Evidence {
			got = append(got, fmt.Sprintf("%s %s %s %v %s %s", e.Document, e.Source, e.Effect, e.Actions, e.Grade, e.Note))
		}
	}
	want := []string{
		"[sts:AssumeRole]",
		"sha-u-0 inline Allow [sts:AssumeRole]  ",
		"sha-trust-r trust Allow [sts:AssumeRole] external-id trusts " + arn("root"),
		"[lambda:UpdateFunctionCode]a function that runs as the role has to be there",
		"sha-r-0 inline Allow [lambda:UpdateFunctionCode]  ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestConditionsOfTheCallerMakeAStepConditional(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mfa := condition("Bool", "aws:MultiFactorAuthPresent", "true")
	w.user("u", can("sts:AssumeRole", "*", mfa)).user("v", can("sts:AssumeRole", "*", mfa), can("sts:AssumeRole", arn("role/r"))).role("r", admin(), byAccount())
	all := w.judge()
	if !all["user/u"].Paths[0].Conditional || all["user/v"].Paths[0].Conditional {
		t.Errorf("u %v, v %v", all["user/u"].Paths[0].Conditional, all["user/v"].Paths[0].Conditional)
	}
}

func TestServiceLinkedRolesAreShownAndNotJudged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.role("aws-service-role/x.amazonaws.com/r", admin(), byService("x"), trusts(`"*"`), since(500, 0))
	j := w.judge()["role/r"]
	if !j.ServiceLinked || len(j.Findings) > 0 || j.Excluded == 0 || j.Paths != nil || j.Score != nil || j.Unused != nil {
		t.Errorf("judged as %+v", j)
	}
}

func TestAWSPoliciesAreShownAndNotJudged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.policy("AdministratorAccess", everything, everything)
	w.policies[0].AWS = true
	if j := w.judge()["policy/AdministratorAccess"]; len(j.Findings) > 0 || j.Entity.Kind != "policy" {
		t.Errorf("judged as %+v", j)
	}
}

// An account of which parts could not be had is judged by the rest.
func TestMissingDocuments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount()).role("s", admin())
	w.principals[0].Policies.Attachments[0].Analysis = nil
	w.policy("p", everything, everything)
	w.policies[0].Analysis, w.policies[0].Versions[0].Analysis = nil, nil
	all := w.judge()
	if got := describePath(all["user/u"].Paths); got != "none" {
		t.Errorf("a document that is not there leads to %s", got)
	}
	if len(all["policy/p"].Findings) > 0 {
		t.Errorf("a document that is not there has findings %v", ids(all["policy/p"].Findings))
	}
}
