package risk_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/risk"
)

const otherID = "444455556666"

// describeOutside writes the paths of principals outside the account, one a line.
func describeOutside(paths []risk.Path) string {
	var lines []string
	for i := range paths {
		lines = append(lines, describePath(paths[i:i+1]))
	}
	return strings.Join(lines, "\n")
}

func TestPathsFromOutside(t *testing.T) {
	t.Parallel()
	const foreign = "arn:aws:iam::" + otherID + ":role/ci"
	tests := map[string]struct {
		build func(*world)
		want  string
	}{
		"a role of another account": {func(w *world) { w.role("r", admin(), trusts(`{"AWS":"`+foreign+`"}`)) },
			foreign + " -sts-assume-role-> role/r"},
		"another account, by its id": {func(w *world) { w.role("r", admin(), trusts(`{"AWS":"`+otherID+`"}`)) },
			otherID + " -sts-assume-role-> role/r"},
		"another account as a whole, in two steps": {func(w *world) {
			w.role("r", can("sts:AssumeRole", "*"), trusts(`{"AWS":"arn:aws:iam::`+otherID+`:root"}`)).role("boss", admin(), byAccount())
		}, "arn:aws:iam::" + otherID + ":root -sts-assume-role-> role/r -sts-assume-role-> role/boss"},
		"everyone": {func(w *world) { w.role("r", admin(), trusts(`{"AWS":"*"}`)) }, "* -sts-assume-role-> role/r"},
		"everyone of another account": {func(w *world) {
			w.role("r", admin(), trusts(`"*"`, condition("StringEquals", "aws:PrincipalAccount", otherID)))
		}, otherID + " -sts-assume-role-> role/r"},
		"an identity provider": {func(w *world) {
			w.role("r", admin(), trusts(`{"Federated":"`+arn("oidc-provider/token.actions.githubusercontent.com")+`"}`))
		}, "oidc-provider/token.actions.githubusercontent.com -sts-assume-role-> role/r"},
		"the shorter of two": {func(w *world) {
			w.role("a", can("sts:AssumeRole", "*"), trusts(`{"AWS":"`+foreign+`"}`)).role("b", admin(), byAccount(), trusts(`{"AWS":"`+foreign+`"}`))
		}, foreign + " -sts-assume-role-> role/b"},
		"no administrator":   {func(w *world) { w.role("r", can("s3:*", "*"), trusts(`{"AWS":"`+foreign+`"}`)) }, ""},
		"the account itself": {func(w *world) { w.role("r", admin(), byAccount()) }, ""},
		"a service":          {func(w *world) { w.role("r", admin(), byService("ec2")) }, ""},
		"denied to all": {func(w *world) {
			w.role("r", admin(), trusts(`{"AWS":"`+foreign+`"}`), trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}`))
		}, ""},
		"denied by its ARN": {func(w *world) {
			w.role("r", admin(), trusts(`{"AWS":["`+foreign+`","`+foreign+`2"]}`),
				trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"`+condition("ArnEquals", "aws:PrincipalArn", foreign)+`}`))
		}, foreign + "2 -sts-assume-role-> role/r"},
		"denied by its account": {func(w *world) {
			w.role("r", admin(), trusts(`{"AWS":["`+otherID+`","777788889999"]}`),
				trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"`+condition("StringNotEquals", "aws:PrincipalAccount", otherID)+`}`))
		}, otherID + " -sts-assume-role-> role/r"},
		"of another account than conditions want": {func(w *world) {
			w.role("r", admin(), trusts(`{"AWS":["`+otherID+`","777788889999"]}`, condition("StringEquals", "aws:PrincipalAccount", otherID)))
		}, otherID + " -sts-assume-role-> role/r"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.build(w)
			if got := describeOutside(w.judge()["account/test"].Paths); got != tt.want {
				t.Errorf("paths %s\nwant  %s", got, tt.want)
			}
		})
	}
}

// other builds an account whose role r lets in principals of the first one.
func other(t *testing.T, principal string, parts ...part) risk.Surface {
	t.Helper()
	w := newWorld(t)
	w.role("r", append(parts, trusts(`{"AWS":"`+principal+`"}`))...).role("boss", admin(), byAccount())
	w.info.ID = otherID
	for i := range w.principals {
		p := &w.principals[i]
		p.Entity.Account, p.Entity.ARN = otherID, strings.ReplaceAll(p.Entity.ARN, accountID, otherID)
		if p.Entity.Name == "boss" {
			p.Trust.Statements[0].Principals[0].Value = otherID
		}
	}
	surface := w.judge()["account/test"].Surface
	raw, err := json.Marshal(surface)
	if err != nil {
		t.Fatal(err)
	}
	var back risk.Surface
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*surface, back); diff != "" {
		t.Errorf("a surface does not survive JSON (-before +after):\n%s", diff)
	}
	return back
}

func TestPathsIntoOtherAccounts(t *testing.T) {
	t.Parallel()
	const there = "arn:aws:iam::" + otherID + ":role/"
	tests := map[string]struct {
		trusted string
		parts   []part // of the role of the other account
		build   func(*world)
		want    string // the path of user/u
	}{
		"the account is trusted": {arn("root"), []part{admin()}, func(w *world) { w.user("u", can("sts:AssumeRole", there+"r")) },
			"user/u -sts-assume-role-> " + there + "r"},
		"the user is trusted": {arn("user/u"), []part{admin()}, func(w *world) { w.user("u", can("sts:AssumeRole", "*")) },
			"user/u -sts-assume-role-> " + there + "r"},
		"the user is trusted and has no permission": {arn("user/u"), []part{admin()}, func(w *world) { w.user("u") }, "none"},
		"another user is trusted":                   {arn("user/v"), []part{admin()}, func(w *world) { w.user("u", can("sts:AssumeRole", "*")).user("v") }, "none"},
		"a third account is trusted":                {"777788889999", []part{admin()}, func(w *world) { w.user("u", can("sts:AssumeRole", "*")) }, "none"},
		"everyone is trusted": {"*", []part{admin()}, func(w *world) { w.user("u", can("sts:AssumeRole", "*")) },
			"user/u -sts-assume-role-> " + there + "r"},
		"the role is a step there": {accountID, []part{can("sts:AssumeRole", "*")}, func(w *world) { w.user("u", can("sts:AssumeRole", "*")) },
			"user/u -sts-assume-role-> " + there + "r -sts-assume-role-> " + there + "boss"},
		"the role leads nowhere": {accountID, nil, func(w *world) { w.user("u", can("sts:AssumeRole", "*")) }, "none"},
		"a step here, and one there": {arn("role/hub"), []part{admin()}, func(w *world) {
			w.user("u", can("sts:AssumeRole", arn("role/hub"))).role("hub", byAccount(), can("sts:AssumeRole", there+"*"))
		}, "user/u -sts-assume-role-> role/hub -sts-assume-role-> " + there + "r"},
		"the shorter way is here": {accountID, []part{can("sts:AssumeRole", "*")}, func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("boss", admin(), byAccount())
		}, "user/u -sts-assume-role-> role/boss"},
		"only roles of the account can be changed": {accountID, []part{admin()}, func(w *world) {
			w.user("u", can("iam:UpdateAssumeRolePolicy iam:PassRole lambda:*", "*"))
		}, "none"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			surface := other(t, tt.trusted, tt.parts...)
			w := newWorld(t)
			tt.build(w)
			w.info.Surfaces = map[string]risk.Surface{otherID: surface}
			if got := describePath(w.judge()["user/u"].Paths); got != tt.want {
				t.Errorf("path %s, want %s", got, tt.want)
			}
		})
	}
}

// A way through another account that comes back goes on as this account is now.
func TestPathsThatComeBack(t *testing.T) {
	t.Parallel()
	const there = "arn:aws:iam::" + otherID + ":role/"
	surface := risk.Surface{Account: otherID, Entries: []risk.Entry{{
		Role: there + "hub", Principals: []string{accountID}, Steps: []risk.EntryStep{
			{From: there + "hub", To: there + "deploy", Method: "sts-assume-role"},
			{From: there + "deploy", To: arn("role/r"), Method: "sts-assume-role", Conditional: true},
			{From: arn("role/r"), To: arn("role/boss"), Method: "sts-assume-role"},
		},
	}}}
	out := "user/u -sts-assume-role-> " + there + "hub -sts-assume-role-> " + there + "deploy -sts-assume-role-> role/r"
	tests := map[string]struct {
		role []part
		want string
	}{
		"an administrator now": {[]part{admin(), trusts(`{"AWS":"` + otherID + `"}`)}, out},
		"a step more now":      {[]part{can("sts:AssumeRole", arn("role/new")), trusts(`{"AWS":"` + there + `deploy"}`)}, out + " -sts-assume-role-> role/new"},
		"not trusted any more": {[]part{admin(), trusts(`{"AWS":"` + there + `hub"}`)}, "none"},
		"without a path now":   {[]part{trusts(`{"AWS":"` + otherID + `"}`)}, "none"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.info.Surfaces = map[string]risk.Surface{otherID: surface}
			w.user("u", can("sts:AssumeRole", "arn:aws:iam::"+otherID+":*")).role("r", tt.role...).role("new", admin(), byAccount())
			paths := w.judge()["user/u"].Paths
			if got := describePath(paths); got != tt.want {
				t.Errorf("path %s\nwant %s", got, tt.want)
			}
			if len(paths) > 0 && !paths[0].Conditional {
				t.Error("the condition of the other account is lost")
			}
		})
	}
	w := newWorld(t)
	w.info.Surfaces = map[string]risk.Surface{otherID: surface}
	w.user("u", can("sts:AssumeRole", "*"))
	if got := describePath(w.judge()["user/u"].Paths); got != "none" {
		t.Errorf("a role that is gone leads on: %s", got)
	}
}

// What has to be met in another account makes a path conditional.
func TestConditionsOfOtherAccounts(t *testing.T) {
	t.Parallel()
	hub := trusts(`{"AWS":"` + otherID + `"}`)
	for name, parts := range map[string][]part{
		"":              {hub},
		"conditional":   {trusts(`{"AWS":"`+otherID+`"}`, condition("StringEquals", "sts:ExternalId", "x"))},
		"for some ARNs": {trusts(`{"AWS":"`+otherID+`"}`, condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*"))},
		"hindered by account": {hub, trustStatement(`{"Effect":"Deny","Principal":{"AWS":"` + otherID + `"},"Action":"sts:AssumeRole"` +
			condition("BoolIfExists", "aws:MultiFactorAuthPresent", "false") + `}`)},
		"hindered": {hub, trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"` +
			condition("BoolIfExists", "aws:MultiFactorAuthPresent", "false") + `}`)},
	} {
		w := newWorld(t)
		w.role("r", append(parts, admin())...)
		surface := w.judge()["account/test"].Surface
		w = newWorld(t)
		w.info.ID = otherID
		w.info.Surfaces = map[string]risk.Surface{accountID: *surface}
		w.user("u", can("sts:AssumeRole", "*"))
		if got := w.judge()["user/u"].Paths[0]; got.Conditional != (name != "") || got.Steps[0].Conditional != got.Conditional {
			t.Errorf("%q: %+v", name, got)
		}
	}
}

// What who it is decides makes no path conditional.
func TestConditionsOfOtherAccountsThatAreDecided(t *testing.T) {
	t.Parallel()
	const ci = "arn:aws:iam::" + otherID + ":role/ci"
	one := trusts(`{"AWS":"` + ci + `"}`)
	for name, parts := range map[string][]part{
		"its ARN":            {trusts(`{"AWS":"`+ci+`"}`, condition("ArnEquals", "aws:PrincipalArn", ci))},
		"its account":        {trusts(`{"AWS":"`+otherID+`"}`, condition("StringEquals", "aws:PrincipalAccount", otherID))},
		"denied to others":   {one, trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"` + condition("ArnNotEquals", "aws:PrincipalArn", ci) + `}`)},
		"denied to another":  {one, trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"` + condition("ArnEquals", "aws:PrincipalArn", ci+"2") + `}`)},
		"denied of accounts": {one, trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"` + condition("StringNotEquals", "aws:PrincipalAccount", otherID) + `}`)},
	} {
		paths := newWorld(t).role("r", append(parts, admin())...).judge()["account/test"].Paths
		if len(paths) != 1 || paths[0].Conditional {
			t.Errorf("%s: %+v", name, paths)
		}
	}
}

// Over three accounts a path is found in two rounds.
func TestSurfacesLeadOn(t *testing.T) {
	t.Parallel()
	far := other(t, accountID, admin())
	w := newWorld(t)
	w.info.Surfaces = map[string]risk.Surface{otherID: far}
	w.role("hub", can("sts:AssumeRole", "*"), trusts(`{"AWS":"777788889999"}`))
	want := risk.Surface{Account: accountID, Entries: []risk.Entry{{
		Role: arn("role/hub"), Principals: []string{"777788889999"},
		Steps: []risk.EntryStep{{From: arn("role/hub"), To: "arn:aws:iam::" + otherID + ":role/r", Method: "sts-assume-role"}},
	}}}
	if diff := cmp.Diff(&want, w.judge()["account/test"].Surface); diff != "" {
		t.Errorf("surface (-want +got):\n%s", diff)
	}
}

func TestCrossings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("a", can("sts:AssumeRole", arn("role/*"))).
		user("b", can("sts:AssumeRole", "arn:aws:iam::"+otherID+":role/x"), can("sts:AssumeRole", arn("role/*"))).
		user("c", can("sts:*", "*")).user("d", can("s3:*", "*"))
	want := []risk.Crossing{
		{Principal: arn("user/b"), Patterns: []string{"arn:aws:iam::" + otherID + ":role/x"}},
		{Principal: arn("user/c"), Patterns: []string{"*"}},
	}
	if diff := cmp.Diff(want, w.judge()["account/test"].Crossings); diff != "" {
		t.Errorf("crossings (-want +got):\n%s", diff)
	}
}
