package policy_test

import (
	"slices"
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

const (
	app1, app2 = "arn:aws:iam::111122223333:role/app-1", "arn:aws:iam::111122223333:role/app-2"
	batch      = "arn:aws:iam::111122223333:role/batch"
	lambda     = "lambda.amazonaws.com"
	ec2        = "ec2.amazonaws.com"
)

func passedTo(operator, services string) string {
	return `"` + operator + `":{"iam:PassedToService":[` + services + `]}`
}

// reachOf returns the reach of an action of the user that policiesOf makes.
func (f facts) reachOf(t testing.TB, p principal, action string) policy.Reach {
	t.Helper()
	a, _ := f.LookupAction(action)
	return policy.NewEvaluator(f.Catalog).Evaluate(f.policiesOf(t, p)).Reach(a)
}

func TestReachContains(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	one := func(docs ...string) principal { return principal{identity: docs} }
	tests := map[string]struct {
		principal
		in, out []string
	}{
		"everything":                           {one(allow("iam:*", "*")), []string{app1, batch}, nil},
		"a pattern":                            {one(allow("iam:PassRole", appRoles)), []string{app1, app2}, []string{batch}},
		"an ARN":                               {one(allow("iam:PassRole", app1)), []string{app1}, []string{app2}},
		"all but":                              {one(allow("iam:PassRole", "!"+app1)), []string{app2, batch}, []string{app1}},
		"two statements":                       {one(allow("iam:PassRole", app1), allow("iam:PassRole", batch)), []string{app1, batch}, []string{app2}},
		"not allowed":                          {one(allow("iam:GetRole", "*")), nil, []string{app1}},
		"denied":                               {one(allow("iam:*", "*"), deny("iam:*", appRoles)), []string{batch}, []string{app1, app2}},
		"denied all but":                       {one(allow("iam:*", "*"), deny("iam:*", "!"+app1)), []string{app1}, []string{app2, batch}},
		"denied at times":                      {one(allow("iam:*", "*"), statement("Deny", "iam:*", appRoles, mfa)), []string{app1, batch}, nil},
		"within the boundary":                  {principal{identity: []string{allow("*", "*")}, boundary: allow("iam:*", app1)}, []string{app1}, []string{app2}},
		"denied by the boundary":               {principal{identity: []string{allow("*", "*")}, boundary: allow("*", "*") + "," + deny("*", app1)}, []string{app2}, []string{app1}},
		"within every level":                   {principal{[]string{allow("*", "*")}, "", [][]string{{allow("iam:*", appRoles)}, {allow("iam:*", app1+" "+batch)}}}, []string{app1}, []string{app2, batch}},
		"a level without any":                  {principal{[]string{allow("*", "*")}, "", [][]string{{}}}, nil, []string{app1}},
		"another partition":                    {one(allow("iam:*", "arn:aws-cn:iam::*:role/*")), []string{"arn:aws-cn:iam::111122223333:role/app-1"}, []string{app1}},
		"any partition":                        {one(allow("iam:*", "arn:*:iam::*:role/*")), []string{"arn:aws-us-gov:iam::111122223333:role/app-1", app1}, nil},
		"case matters":                         {one(allow("iam:PassRole", "arn:aws:iam::*:role/App-*")), []string{"arn:aws:iam::1:role/App-1"}, []string{app1}},
		"a path is a part":                     {one(allow("iam:PassRole", "arn:aws:iam::*:role/team/*")), []string{"arn:aws:iam::111122223333:role/team/x"}, []string{app1}},
		"patterns of other types do not count": {one(allow("iam:PassRole", "arn:aws:iam::*:user/*")), nil, []string{app1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reach := f.reachOf(t, test.principal, "iam:PassRole")
			for _, arn := range test.in {
				if !reach.Contains(arn) {
					t.Errorf("%s is not in reach %q", arn, reach.Key())
				}
			}
			for _, arn := range test.out {
				if reach.Contains(arn) {
					t.Errorf("%s is in reach %q", arn, reach.Key())
				}
			}
			if reach.Empty() != (len(test.in) == 0) {
				t.Errorf("empty %v", reach.Empty())
			}
		})
	}
}

func TestReachPasses(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	pass := func(resource, condition string) string {
		return statement("Allow", "iam:PassRole", resource, condition)
	}
	one := func(docs ...string) principal { return principal{identity: docs} }
	toLambda := passedTo("StringEquals", `"`+lambda+`"`)
	tests := map[string]struct {
		principal
		lambda, ec2 string // the role of app1, app2 and batch that may be passed there: "12b"
	}{
		"no condition":                 {one(pass("*", "")), "12b", "12b"},
		"to one service":               {one(pass("*", toLambda)), "12b", ""},
		"to several":                   {one(pass("*", passedTo("StringEquals", `"`+lambda+`","`+ec2+`"`))), "12b", "12b"},
		"to a pattern":                 {one(pass("*", passedTo("StringLike", `"lambda.*"`))), "12b", ""},
		"in another case of the key":   {one(pass("*", `"StringEquals":{"IAM:passedtoservice":"`+lambda+`"}`)), "12b", ""},
		"to any in another case":       {one(pass("*", passedTo("StringEqualsIgnoreCase", `"LAMBDA.amazonaws.com"`))), "12b", ""},
		"to all but one":               {one(pass("*", passedTo("StringNotEquals", `"`+ec2+`"`))), "12b", ""},
		"to all but a pattern":         {one(pass("*", passedTo("StringNotLike", `"ec2*"`))), "12b", ""},
		"if there is a service":        {one(pass("*", passedTo("StringEqualsIfExists", `"`+lambda+`"`))), "12b", ""},
		"to any service":               {one(pass("*", `"Null":{"iam:PassedToService":"false"}`)), "12b", "12b"},
		"to no service":                {one(pass("*", `"Null":{"iam:PassedToService":"true"}`)), "", ""},
		"pattern and condition belong": {one(pass(app1, toLambda), pass(batch, passedTo("StringEquals", `"`+ec2+`"`))), "1", "b"},
		"another condition beside":     {one(pass("*", toLambda+","+mfa)), "12b", ""},
		"a variable is not judged":     {one(pass("*", passedTo("StringEquals", `"${aws:PrincipalTag/service}"`))), "12b", "12b"},
		"denied to one service":        {one(pass("*", ""), statement("Deny", "iam:PassRole", "*", passedTo("StringEquals", `"`+ec2+`"`))), "12b", ""},
		"denied to all but one":        {one(pass("*", ""), statement("Deny", "iam:PassRole", "*", passedTo("StringNotEquals", `"`+lambda+`"`))), "12b", ""},
		"denied of some":               {one(pass("*", ""), statement("Deny", "iam:PassRole", appRoles, passedTo("StringEquals", `"`+ec2+`"`))), "12b", "b"},
		"denied of all roles":          {one(pass("*", ""), statement("Deny", "iam:PassRole", anyRole, passedTo("StringEquals", `"`+ec2+`"`))), "12b", ""},
		"denied under more conditions": {one(pass("*", ""), statement("Deny", "iam:PassRole", "*", passedTo("StringEquals", `"`+ec2+`"`)+","+mfa)), "12b", "12b"},
		"within the boundary":          {principal{identity: []string{pass("*", "")}, boundary: pass(appRoles, toLambda)}, "12", ""},
		"the boundary decides":         {principal{identity: []string{pass("*", toLambda)}, boundary: pass("*", passedTo("StringEquals", `"`+ec2+`"`))}, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reach := f.reachOf(t, test.principal, "iam:PassRole")
			for service, want := range map[string]string{lambda: test.lambda, ec2: test.ec2} {
				got := ""
				for short, arn := range map[string]string{"1": app1, "2": app2, "b": batch} {
					if reach.Passes(arn, service) {
						got += short
					}
				}
				letters := []byte(got)
				slices.Sort(letters)
				if string(letters) != want {
					t.Errorf("to %s: %q, want %q", service, letters, want)
				}
				if got := reach.PassedTo(service); got != (want != "") {
					t.Errorf("to %s at all: %v", service, got)
				}
			}
		})
	}
}

// What a service can be passed for sure: by statements without other conditions than
// that it is this one.
func TestSurePasses(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	pass := func(resource, condition string) string {
		return statement("Allow", "iam:PassRole", resource, condition)
	}
	one := func(docs ...string) principal { return principal{identity: docs} }
	toLambda, toEC2 := passedTo("StringEquals", `"`+lambda+`"`), passedTo("StringEquals", `"`+ec2+`"`)
	tests := map[string]struct {
		principal
		want string // the role of app1, app2 and batch that may be passed to Lambda: "12b"
		any  bool
	}{
		"no condition":                    {one(pass("*", "")), "12b", true},
		"the service":                     {one(pass("*", toLambda)), "12b", true},
		"one of several":                  {one(pass("*", passedTo("StringEquals", `"`+ec2+`","`+lambda+`"`))), "12b", true},
		"a pattern":                       {one(pass(appRoles, passedTo("StringLike", `"lambda.*"`))), "12", true},
		"if there is a service":           {one(pass("*", passedTo("StringEqualsIfExists", `"`+lambda+`"`))), "12b", true},
		"any of several":                  {one(pass("*", passedTo("ForAnyValue:StringEquals", `"`+lambda+`"`))), "12b", true},
		"any of several, if there is one": {one(pass("*", passedTo("ForAnyValue:StringLikeIfExists", `"lam*"`))), "12b", true},
		"all but another":                 {one(pass("*", passedTo("StringNotEquals", `"`+ec2+`"`))), "12b", true},
		"its name in China":               {one(pass("*", passedTo("StringEquals", `"`+lambda+`.cn"`))), "", false},
		"another":                         {one(pass("*", toEC2)), "", false},
		"the service and another":         {one(pass("*", toLambda+`,"StringLike":{"iam:PassedToService":"ec2*"}`)), "", false},
		"the service and MFA":             {one(pass("*", toLambda+","+mfa)), "", false},
		"MFA":                             {one(pass("*", mfa)), "", false},
		"MFA for all, none for some":      {one(pass("*", mfa), pass(app1, toLambda)), "1", true},
		"a variable":                      {one(pass("*", passedTo("StringEquals", `"${aws:PrincipalTag/service}"`))), "", false},
		"all but one role":                {one(pass("!"+app1, toLambda)), "2b", true},
		"of roles that are denied":        {one(pass("*", mfa), pass(app1, toLambda), deny("iam:PassRole", appRoles)), "", false},
		"of roles of which some are":      {one(pass(appRoles, toLambda), deny("iam:PassRole", app1)), "2", true},
		"of all that are not denied":      {one(pass("*", toLambda), deny("iam:PassRole", "!"+appRoles)), "12", true},
		"denied all but others":           {one(pass("*", mfa), pass(batch, toLambda), deny("iam:PassRole", "!"+appRoles)), "", false},
		"denied to the service":           {one(pass("*", ""), statement("Deny", "iam:PassRole", "*", toLambda)), "", false},
		"denied to another":               {one(pass("*", ""), statement("Deny", "iam:PassRole", "*", toEC2)), "12b", true},
		"within the boundary":             {principal{identity: []string{pass("*", "")}, boundary: pass(appRoles, toLambda)}, "12", true},
		"within a boundary under MFA":     {principal{identity: []string{pass("*", toLambda)}, boundary: pass("*", mfa)}, "", false},
		"beyond the boundary":             {principal{identity: []string{pass(app1, toLambda), pass("*", mfa)}, boundary: pass(batch, "")}, "", false},
		"under a control":                 {principal{[]string{pass("*", toLambda)}, "", [][]string{{allow("*", "*")}}}, "12b", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := f.LookupAction("iam:PassRole")
			sure := policy.NewEvaluator(f.Catalog).Evaluate(f.policiesOf(t, test.principal)).Sure(a)
			got := ""
			for _, role := range []struct{ short, arn string }{{"1", app1}, {"2", app2}, {"b", batch}} {
				if sure.Passes(role.arn, lambda) {
					got += role.short
				}
			}
			if got != test.want || sure.AnyPassed(lambda) != test.any {
				t.Errorf("%q, any %v, want %q, %v", got, sure.AnyPassed(lambda), test.want, test.any)
			}
		})
	}
}

// In China either name of a service will do.
func TestSurePassesInChina(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	a, _ := f.LookupAction("iam:PassRole")
	policies := &policy.Policies{
		Principal:   "arn:aws-cn:iam::111122223333:user/ann",
		Attachments: f.attach(t, []string{statement("Allow", "iam:PassRole", "*", passedTo("StringEquals", `"`+ec2+`.cn"`))}),
	}
	sure := policy.NewEvaluator(f.Catalog).Evaluate(policies).Sure(a)
	const role = "arn:aws-cn:iam::111122223333:role/r"
	if !sure.AnyPassed(ec2) || !sure.Passes(role, ec2) || sure.AnyPassed(lambda) || sure.Passes(role, lambda) {
		t.Errorf("in reach for sure %q", sure.Key())
	}
}

func TestReachKnowsThePrincipal(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	own := allow("iam:CreateAccessKey", "arn:aws:iam::*:user/team/${aws:username}")
	elsewhere := allow("iam:CreateAccessKey", "arn:aws:iam::${aws:PrincipalAccount}:user/*")
	spread := allow("iam:CreateAccessKey", "arn:aws:iam:*:user/team/${aws:username}")
	fallback := `{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"arn:aws:iam::*:user/${aws:username, 'guest'}"}`
	tagged := allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:PrincipalTag/team}-*")
	const (
		ann, bob = "arn:aws:iam::111122223333:user/team/ann", "arn:aws:iam::111122223333:user/team/bob"
		guest    = "arn:aws:iam::111122223333:user/guest"
		foreign  = "arn:aws:iam::444455556666:user/team/ann"
		role     = "arn:aws:iam::111122223333:role/r"
	)
	tests := map[string]struct {
		principal, statements string
		in, out               []string
	}{
		"its own name":               {ann, own, []string{ann}, []string{bob}},
		"a name that is not known":   {"", own, []string{ann, bob}, []string{guest}},
		"roles have no user name":    {role, own, nil, []string{ann}},
		"but a default":              {role, fallback, []string{guest}, []string{ann}},
		"its own account":            {ann, elsewhere, []string{ann, bob}, []string{foreign}},
		"behind a star over a colon": {ann, spread, []string{ann, foreign}, []string{bob}},
		"a tag that is not known":    {ann, tagged, []string{"arn:aws:iam::1:user/a-b"}, []string{guest}},
		"its own name is denied":     {ann, allow("iam:*", "*") + "," + deny("iam:*", "arn:aws:iam::*:user/team/${aws:username}"), []string{bob}, []string{ann}},
		"an unknown name is denied":  {"", allow("iam:*", "*") + "," + deny("iam:*", "arn:aws:iam::*:user/team/${aws:username}"), []string{ann, bob}, nil},
		"all but its own name":       {ann, allow("iam:*", "!arn:aws:iam::*:user/team/${aws:username}"), []string{bob}, []string{ann}},
		"a dollar sign":              {ann, allow("iam:*", "arn:aws:iam::*:user/a${$}b"), []string{"arn:aws:iam::1:user/a$b"}, []string{ann}},
		"the variable is not closed": {ann, allow("iam:*", "arn:aws:iam::*:user/${aws:username"), nil, []string{ann}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := f.LookupAction("iam:CreateAccessKey")
			policies := &policy.Policies{Principal: test.principal, Attachments: f.attach(t, []string{test.statements})}
			reach := policy.NewEvaluator(f.Catalog).Evaluate(policies).Reach(a)
			for _, arn := range test.in {
				if !reach.Contains(arn) {
					t.Errorf("%s is not in reach %q", arn, reach.Key())
				}
			}
			for _, arn := range test.out {
				if reach.Contains(arn) {
					t.Errorf("%s is in reach %q", arn, reach.Key())
				}
			}
		})
	}
}

// Before version 2012-10-17 there were no variables.
func TestVariablesNeedTheVersion(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	doc := mustParse(t, `{"Version":"2008-10-17","Statement":`+allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")+`}`)
	a, _ := f.LookupAction("iam:CreateAccessKey")
	policies := attached(policy.Analyze(f.Catalog, doc))
	policies.Principal = "arn:aws:iam::111122223333:user/ann"
	if reach := policy.NewEvaluator(f.Catalog).Evaluate(policies).Reach(a); reach.Contains(policies.Principal) {
		t.Errorf("reach %q", reach.Key())
	}
}

func TestReachLiterals(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	one := func(docs ...string) principal { return principal{identity: docs} }
	tests := map[string]struct {
		principal
		want []string
		all  bool
	}{
		"nothing":          {one(), nil, true},
		"everything":       {one(allow("iam:*", "*")), nil, false},
		"ARNs":             {one(allow("iam:PassRole", batch+" "+app1), allow("iam:*", app1)), []string{app1, batch}, true},
		"and a pattern":    {one(allow("iam:PassRole", batch+" "+appRoles)), []string{batch}, false},
		"and all but":      {one(allow("iam:PassRole", batch), allow("iam:PassRole", "!"+app1)), []string{batch}, false},
		"one is denied":    {one(allow("iam:PassRole", batch+" "+app1), deny("iam:*", batch)), []string{app1}, true},
		"of the boundary":  {principal{identity: []string{allow("*", "*")}, boundary: allow("iam:*", app1)}, []string{app1}, true},
		"one beyond it":    {principal{identity: []string{allow("iam:PassRole", batch+" "+app1)}, boundary: allow("iam:*", appRoles)}, []string{app1}, true},
		"of another thing": {one(allow("iam:*", "arn:aws:iam::1:user/ann "+app1)), []string{app1}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, all := f.reachOf(t, test.principal, "iam:PassRole").Literals()
			if !slices.Equal(got, test.want) || all != test.all {
				t.Errorf("%v, all %v, want %v, all %v", got, all, test.want, test.all)
			}
		})
	}
}

func TestReachKeys(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	key := func(docs ...string) string { return f.reachOf(t, principal{identity: docs}, "iam:PassRole").Key() }
	same := [][2]string{
		{key(allow("iam:*", "*")), key(allow("*", "*"), allow("iam:PassRole", app1))},
		{key(allow("iam:*", app1+" "+app2)), key(allow("iam:PassRole", app2+" "+app1+" arn:aws:iam::1:user/x"))},
		{key(allow("iam:*", app1), allow("iam:*", app2)), key(allow("iam:*", app2), allow("iam:*", app1), allow("iam:*", app1))},
		{key(), key(allow("s3:*", "*"))},
	}
	for i, pair := range same {
		if pair[0] != pair[1] {
			t.Errorf("pair %d: %q and %q", i, pair[0], pair[1])
		}
	}
	different := []string{
		key(), key(allow("iam:*", "*")), key(allow("iam:*", app1)), key(allow("iam:*", "!"+app1)),
		key(allow("iam:*", app1), deny("iam:*", appRoles+"x")), key(statement("Allow", "iam:*", app1, passedTo("StringEquals", `"a"`))),
		key(statement("Allow", "iam:*", app1, passedTo("StringLike", `"a"`))), key(statement("Allow", "iam:*", app1, passedTo("StringEquals", `"b"`))),
	}
	for i := range different {
		if slices.Contains(different[:i], different[i]) {
			t.Errorf("key %d is another's: %q", i, different[i])
		}
	}
	if all := f.reachOf(t, principal{identity: []string{allow("*", "*")}}, "iam:PassRole"); !all.Everything() || all.Empty() {
		t.Error("an administrator does not reach everything")
	}
}
