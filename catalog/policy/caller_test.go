package policy_test

import (
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

// Who asks decides the conditions that look at who asks.
func TestHoldsFor(t *testing.T) {
	t.Parallel()
	const (
		user    = "arn:aws:iam::111122223333:user/team/ann"
		role    = "arn:aws:iam::111122223333:role/team/app"
		session = "arn:aws:sts::111122223333:assumed-role/app/session"
		root    = "arn:aws:iam::111122223333:root"
		saml    = "arn:aws:iam::111122223333:saml-provider/p"
	)
	tests := map[string]struct {
		condition string
		yes, no   []string // of these; of the others it is not known
	}{
		"an ARN":                      {`"ArnEquals":{"aws:PrincipalArn":"` + user + `"}`, []string{user}, []string{role}},
		"an ARN in another case":      {`"arnequals":{"AWS:PRINCIPALARN":"` + user + `"}`, []string{user}, []string{role}},
		"an ARN as a text":            {`"StringEquals":{"aws:PrincipalArn":"` + user + `"}`, []string{user}, []string{role}},
		"a text is no pattern":        {`"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:*"}`, nil, []string{user, role}},
		"a pattern":                   {`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}`, []string{role}, []string{user}},
		"a pattern with ArnEquals":    {`"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/team/*"}`, []string{role}, []string{user}},
		"the path belongs to it":      {`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"}`, nil, []string{role, user}},
		"case matters":                {`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/team/APP"}`, nil, []string{role, user}},
		"the session of a role":       {`"ArnLike":{"aws:PrincipalArn":"arn:aws:sts::*:assumed-role/app/*"}`, nil, []string{role, user}},
		"a star over colons":          {`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam*:role/team/app"}`, nil, nil},
		"an ARN that lacks parts":     {`"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333"}`, nil, nil},
		"no ARN":                      {`"ArnNotLike":{"aws:PrincipalArn":"role/team/app"}`, nil, nil},
		"no values":                   {`"StringEquals":{"aws:PrincipalArn":[]}`, nil, nil},
		"no value that can be read":   {`"StringNotEquals":{"aws:PrincipalArn":null}`, nil, nil},
		"a name or none":              {`"Null":{"aws:username":["true","false"]}`, []string{user, role, session}, nil},
		"a star alone":                {`"ArnLike":{"aws:PrincipalArn":"*"}`, nil, nil},
		"a star alone, as a text":     {`"StringLike":{"aws:PrincipalArn":"*"}`, []string{user, role}, nil},
		"one of several":              {`"ArnLike":{"aws:PrincipalArn":["` + role + `","` + user + `"]}`, []string{role, user}, nil},
		"none of several":             {`"ArnNotLike":{"aws:PrincipalArn":["` + role + `","arn:aws:iam::*:user/bob"]}`, []string{user}, []string{role}},
		"not an ARN":                  {`"ArnNotEquals":{"aws:PrincipalArn":"` + user + `"}`, []string{role}, []string{user}},
		"not an ARN, as a text":       {`"StringNotLike":{"aws:PrincipalArn":"*:user/*"}`, []string{role}, []string{user}},
		"if there is one":             {`"ArnLikeIfExists":{"aws:PrincipalArn":"` + user + `"}`, []string{user}, []string{role}},
		"any value":                   {`"ForAnyValue:ArnLike":{"aws:PrincipalArn":"` + user + `"}`, []string{user}, []string{role}},
		"all values":                  {`"ForAllValues:ArnNotLike":{"aws:PrincipalArn":"` + user + `"}`, []string{role}, []string{user}},
		"a variable":                  {`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/${aws:PrincipalTag/name}"}`, nil, nil},
		"a variable or an ARN":        {`"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::*:user/${aws:PrincipalTag/name}","` + role + `"]}`, []string{role}, nil},
		"not a variable, nor an ARN":  {`"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:user/${aws:PrincipalTag/name}","` + role + `"]}`, nil, []string{role}},
		"there is an ARN":             {`"Null":{"aws:PrincipalArn":"false"}`, []string{user, role}, nil},
		"there is no ARN":             {`"Null":{"aws:PrincipalArn":"true"}`, nil, []string{user, role}},
		"an account":                  {`"StringEquals":{"aws:PrincipalAccount":"111122223333"}`, []string{user, role, session, root, "111122223333"}, []string{"444455556666"}},
		"not an account":              {`"StringNotEquals":{"aws:PrincipalAccount":["111122223333","5"]}`, []string{"444455556666"}, []string{user, role, session, root, "111122223333"}},
		"a type":                      {`"StringEquals":{"aws:PrincipalType":"User"}`, []string{user}, []string{role, session}},
		"a type in another case":      {`"StringEqualsIgnoreCase":{"aws:PrincipalType":"assumedrole"}`, []string{role, session}, []string{user}},
		"the root user":               {`"StringEquals":{"aws:PrincipalType":"Account"}`, nil, []string{user, role, session}},
		"a name, which roles lack":    {`"StringLike":{"aws:username":"a*"}`, []string{user}, []string{role, session}},
		"not a name":                  {`"StringNotLike":{"aws:username":"a*"}`, []string{role, session}, []string{user}},
		"a name if there is one":      {`"StringLikeIfExists":{"aws:username":"b*"}`, []string{role, session}, []string{user}},
		"all names":                   {`"ForAllValues:StringEquals":{"aws:username":"bob"}`, []string{role, session}, []string{user}},
		"any name but one":            {`"ForAnyValue:StringNotEquals":{"aws:username":"bob"}`, []string{user}, []string{role, session}},
		"no name":                     {`"Null":{"aws:username":"true"}`, []string{role, session}, []string{user}},
		"several, all met":            {`"StringLike":{"aws:username":"a*"},"ArnLike":{"aws:PrincipalArn":"*:user/*","aws:PrincipalArn":"` + user + `"}`, nil, []string{role, session}},
		"several, one not met":        {`"StringEquals":{"aws:PrincipalAccount":"111122223333","aws:PrincipalType":"User"}`, []string{user}, []string{role, session, "444455556666"}},
		"met, and another":            {`"StringEquals":{"aws:PrincipalAccount":"111122223333"},"Bool":{"aws:MultiFactorAuthPresent":"true"}`, nil, []string{"444455556666"}},
		"an operator that is unknown": {`"ArnSeems":{"aws:PrincipalArn":"` + user + `"}`, nil, nil},
		"a key of the request":        {`"StringEquals":{"aws:RequestedRegion":"eu-west-1"}`, nil, nil},
		"the organization":            {`"StringEquals":{"aws:PrincipalOrgID":"o-1"}`, nil, nil},
	}
	all := []string{user, role, session, root, saml, "111122223333", "444455556666", "*", "lambda.amazonaws.com", ""}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustParse(t, `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Condition":{`+test.condition+`}}]}`).Statements[0]
			want := make(map[string]string)
			for _, who := range test.yes {
				want[who] = "yes"
			}
			for _, who := range test.no {
				want[who] = "no"
			}
			for _, who := range all {
				got := ""
				if holds, sure := s.HoldsFor(who); sure {
					got = map[bool]string{true: "yes", false: "no"}[holds]
				}
				if got != want[who] {
					t.Errorf("for %s: %q, want %q", who, got, want[who])
				}
			}
		})
	}
}

// A statement without conditions holds for everyone, one whose conditions could not be
// read for nobody for sure.
func TestHoldsForWithoutConditions(t *testing.T) {
	t.Parallel()
	if holds, sure := (&policy.Statement{}).HoldsFor("arn:aws:iam::111122223333:user/ann"); !holds || !sure {
		t.Errorf("without conditions: %v, sure %v", holds, sure)
	}
	if _, sure := (&policy.Statement{Conditions: []policy.Condition{}}).HoldsFor("arn:aws:iam::111122223333:user/ann"); sure {
		t.Error("unreadable conditions are decided")
	}
}

// A Deny for the principal itself denies outright, and one for others nothing.
func TestDeniedByWhoAsks(t *testing.T) {
	with := func(condition string) principal {
		return principal{[]string{allow("iam:*", "*")}, "", [][]string{{allow("*", "*"), statement("Deny", "iam:CreateUser", "*", condition)}}}
	}
	on := func(resource, condition string) principal {
		return principal{identity: []string{allow("iam:*", "*"), statement("Deny", "iam:PassRole", resource, condition)}}
	}
	const (
		ann   = `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/team/ann"}`
		bob   = `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/team/bob"}`
		roles = `"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admins/*"}`
	)
	runEffective(t, []effectiveCase{
		{"the principal", with(ann), []string{"iam:CreateUser: absent", "iam:PassRole: everything"}},
		{"another", with(bob), []string{"iam:CreateUser: everything"}},
		{"all but others", with(roles), []string{"iam:CreateUser: absent"}},
		{"the principal, without MFA", with(ann + "," + mfa), []string{"iam:CreateUser: everything, partly denied"}},
		{"another, without MFA", with(bob + "," + mfa), []string{"iam:CreateUser: everything"}},
		{"its account", with(`"StringEquals":{"aws:PrincipalAccount":"111122223333"}`), []string{"iam:CreateUser: absent"}},
		{"users", with(`"StringEquals":{"aws:PrincipalType":"User"}`), []string{"iam:CreateUser: absent"}},
		{"some roles", on(appRoles, ann), []string{"iam:PassRole: everything, partly denied"}},
		{"some roles, for another", on(appRoles, bob), []string{"iam:PassRole: everything"}},
		{"all but some roles", on("!"+appRoles, ann), []string{"iam:PassRole: prefix, partly denied"}},
		{"all but some roles, for another", on("!"+appRoles, bob), []string{"iam:PassRole: everything"}},
		{"all roles", on(anyRole, ann), []string{"iam:PassRole: absent"}},
		{"what is allowed", principal{identity: []string{allow("iam:PassRole", oneRole), statement("Deny", "iam:*", appRoles, ann)}}, []string{"iam:PassRole: absent"}},
		{"an Allow for others", principal{identity: []string{statement("Allow", "iam:PassRole", "*", bob)}}, []string{"iam:PassRole: everything, conditional"}},
	})
}

// Of those who are not known nothing is decided but their account.
func TestDeniedByWhoMayAsk(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	const members = "arn:aws:iam::111122223333:user/devs:member"
	for condition, want := range map[string][3]string{ // of nobody, an account, a group's members
		`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/*"}`:       {"everything, partly denied", "everything, partly denied", "everything, partly denied"},
		`"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/boss"}`: {"everything, partly denied", "everything, partly denied", "everything, partly denied"},
		`"StringLike":{"aws:username":"dev*"}`:                                    {"everything, partly denied", "everything, partly denied", "everything, partly denied"},
		`"StringEquals":{"aws:PrincipalType":"User"}`:                             {"everything, partly denied", "everything, partly denied", "absent"},
		`"StringEquals":{"aws:PrincipalAccount":"111122223333"}`:                  {"everything, partly denied", "absent", "absent"},
		`"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}`:               {"everything, partly denied", "everything", "everything"},
	} {
		attachments := f.attach(t, []string{allow("iam:*", "*"), statement("Deny", "iam:*", "*", condition)})
		for i, p := range []policy.Policies{{}, {Account: "111122223333"}, {Principal: members}} {
			p.Attachments = attachments
			if got := verdictOf(f, policy.NewEvaluator(f.Catalog).Evaluate(&p), "iam:CreateUser"); got != want[i] {
				t.Errorf("%s of %q %q: %s, want %s", condition, p.Principal, p.Account, got, want[i])
			}
		}
	}
}

// A Deny for others is no evidence.
func TestEvidenceOfWhoAsks(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	a, _ := f.LookupAction("iam:PassRole")
	p := principal{identity: []string{
		allow("iam:*", "*"),
		statement("Deny", "iam:*", appRoles, `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/team/ann"}`),
		statement("Deny", "iam:*", oneRole, `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/team/bob"}`),
	}}
	var denied []string
	for _, ev := range policy.NewEvaluator(f.Catalog).Evaluate(f.policiesOf(t, p)).Evidence(nil, a) {
		if ev.Effect == policy.Deny {
			denied = append(denied, ev.Resources...)
		}
	}
	if strings.Join(denied, " ") != appRoles {
		t.Errorf("denied by %v", denied)
	}
}

// What decides on principals tells them apart.
func TestAppendDecided(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	a := f.analyze(t, statement("Deny", "iam:*", "*", `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/a*"}`)+","+
		statement("Deny", "iam:*", "*", mfa)+","+statement("Deny", "s3:*", "*", `"StringEquals":{"aws:PrincipalAccount":"111122223333"}`))
	decided := func(who string) string {
		return string(a.AppendDecided(nil, &policy.Policies{Principal: who}))
	}
	const account = "arn:aws:iam::111122223333:user/"
	if ann, bob := decided(account+"ann"), decided(account+"bob"); len(ann) != 2 || ann == bob || ann != decided(account+"al") {
		t.Errorf("ann %q, bob %q, al %q", ann, bob, decided(account+"al"))
	}
	if foreign := decided("arn:aws:iam::444455556666:user/ann"); foreign == decided(account+"ann") {
		t.Errorf("of another account %q", foreign)
	}
}

// What a Deny keeps out of a role by who it is is not let in.
func TestTrustsDeniedByWhoAsks(t *testing.T) {
	t.Parallel()
	const role = "arn:aws:iam::444455556666:role/r"
	tests := map[string]struct {
		principal, condition string
		denied               bool
	}{
		"the principal":        {role, `"ArnEquals":{"aws:PrincipalArn":"` + role + `"}`, true},
		"another":              {role, `"ArnEquals":{"aws:PrincipalArn":"` + role + `2"}`, false},
		"its account":          {"444455556666", `"StringEquals":{"aws:PrincipalAccount":"444455556666"}`, true},
		"another account":      {"444455556666", `"StringEquals":{"aws:PrincipalAccount":"777788889999"}`, false},
		"one of the account":   {"444455556666", `"ArnEquals":{"aws:PrincipalArn":"` + role + `"}`, false},
		"with MFA":             {role, `"ArnEquals":{"aws:PrincipalArn":"` + role + `"},` + mfa, false},
		"the identity's owner": {"arn:aws:iam::444455556666:saml-provider/p", `"StringEquals":{"aws:PrincipalAccount":"444455556666"}`, false},
	}
	for name, test := range tests {
		kind := map[bool]string{true: "Federated", false: "AWS"}[strings.Contains(test.principal, "saml")]
		doc := mustParse(t, `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"`+kind+`":"`+test.principal+`"}},
			{"Effect":"Deny","Action":"sts:*","Principal":"*","Condition":{`+test.condition+`}}]}`)
		if got := policy.Trusts(doc, ownAccount)[0]; got.Denied != test.denied || got.CrossAccount == test.denied {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
