package risk_test

import (
	"testing"

	"github.com/leastwise/leastwise/catalog/risk"
)

// A Deny of a trust policy is about its own actions, for whom it is, and only if its
// conditions surely hold.
func TestDeniesOfTrust(t *testing.T) {
	t.Parallel()
	const taken = "role/app -sts-assume-role-> role/r"
	deny := func(action, condition string) part {
		if condition != "" {
			condition = `,"Condition":{` + condition + `}`
		}
		return trustStatement(`{"Effect":"Deny","Principal":"*","Action":"` + action + `"` + condition + `}`)
	}
	for name, test := range map[string]struct {
		deny part
		want string
	}{
		"nobody":                           {deny("sts:AssumeRole", ""), "none"},
		"nobody, by any action":            {deny("sts:*", ""), "none"},
		"another way":                      {deny("sts:AssumeRoleWithSAML", ""), taken},
		"another way, by ARN":              {deny("sts:AssumeRoleWithWebIdentity", `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}`), taken},
		"another way, by account":          {deny("sts:AssumeRoleWithSAML", `"StringEquals":{"aws:PrincipalAccount":"`+accountID+`"}`), taken},
		"another way, under a condition":   {deny("sts:AssumeRoleWithSAML", `"Bool":{"aws:MultiFactorAuthPresent":"false"}`), taken},
		"all but users":                    {deny("sts:AssumeRole", `"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}`), "none"},
		"all but it":                       {deny("sts:AssumeRole", `"ArnNotLike":{"aws:PrincipalArn":"`+arn("role/app")+`"}`), taken},
		"all but a variable":               {deny("sts:AssumeRole", `"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:role/app"}`), taken},
		"all but what is no ARN for IAM":   {deny("sts:AssumeRole", `"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::`+accountID+`"}`), taken},
		"all but none that could be read":  {deny("sts:AssumeRole", `"ArnNotLike":{"aws:PrincipalArn":[]}`), taken},
		"all but a variable, if it exists": {deny("sts:AssumeRole", `"StringNotLikeIfExists":{"aws:PrincipalArn":"${aws:PrincipalArn}"}`), taken},
	} {
		w := newWorld(t).role("app", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(), test.deny)
		path := w.judge()["role/app"].Paths
		if got := describePath(path); got != test.want {
			t.Errorf("%s: path %q, want %q", name, got, test.want)
		}
		if name == "another way, under a condition" && path[0].Steps[0].Conditional {
			t.Errorf("%s: the step is conditional", name)
		}
	}
}

// What a Deny spares may be members of a group.
func TestDenySparesMembers(t *testing.T) {
	t.Parallel()
	for _, condition := range []string{
		`"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}`, `"StringNotEquals":{"aws:PrincipalArn":"` + arn("user/u") + `"}`,
		`"StringNotEquals":{"aws:PrincipalType":"User"}`,
	} {
		w := newWorld(t).group("devs", allow("sts:AssumeRole", "*")).user("u", can("iam:AddUserToGroup", "*")).role("r", admin(), byAccount(),
			trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Condition":{`+condition+`}}`))
		if got, want := describePath(w.judge()["user/u"].Paths), "user/u -iam-add-user-to-group-> group/devs -sts-assume-role-> role/r"; got != want {
			t.Errorf("%s: path %q, want %q", condition, got, want)
		}
	}
}

// A condition without values in an Allow is not known to hold for nobody.
func TestTrustUnderNoValues(t *testing.T) {
	t.Parallel()
	for _, condition := range []string{`"StringEquals":{"aws:PrincipalAccount":[]}`, `"ArnLike":{"aws:PrincipalArn":[]}`} {
		w := newWorld(t).role("app", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(`,"Condition":{`+condition+`}`))
		if got, want := describePath(w.judge()["role/app"].Paths), "role/app -sts-assume-role-> role/r"; got != want {
			t.Errorf("%s: path %q, want %q", condition, got, want)
		}
	}
}

// A pattern of accounts lets in everyone as far as accounts can be told.
func TestSurfaceOfAPatternOfAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t).role("r", admin(), trusts(`{"AWS":"*"}`, `,"Condition":{"StringLike":{"aws:PrincipalAccount":"4444*"}}`))
	entries := []risk.Entry{}
	for _, j := range w.judge() {
		if j.Surface != nil {
			entries = j.Surface.Entries
		}
	}
	if len(entries) != 1 || len(entries[0].Principals) != 1 || entries[0].Principals[0] != "*" {
		t.Errorf("entries %+v", entries)
	}
}

// A Deny for an identity provider is about the way that its users take the role.
func TestDeniesOfProviders(t *testing.T) {
	t.Parallel()
	const provider = "arn:aws:iam::" + accountID + ":oidc-provider/token.actions.githubusercontent.com"
	for name, test := range map[string]struct {
		deny string
		in   bool
	}{
		"its way":          {`"Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity"`, false},
		"its way, for all": {`"Principal":"*","Action":"sts:AssumeRoleWith*"`, false},
		"SAML's":           {`"Principal":"*","Action":"sts:AssumeRoleWithSAML"`, true},
		"that of others":   {`"Principal":"*","Action":"sts:AssumeRole"`, true},
		"another provider": {`"Principal":{"Federated":"accounts.google.com"},"Action":"sts:*"`, true},
	} {
		w := newWorld(t).role("r", admin(), trusts(`{"Federated":"`+provider+`"}`), trustStatement(`{"Effect":"Deny",`+test.deny+`}`))
		in := len(w.judge()["account/test"].Paths) > 0
		if in != test.in {
			t.Errorf("%s: let in %v, want %v", name, in, test.in)
		}
	}
}
