package policy_test

import (
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

// What a Deny under conditions stands in the way of is not in reach unhindered,
// and in reach all the same.
func TestUnhindered(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	denied := func(condition string) string { return statement("Deny", "iam:*", "*", condition) }
	const (
		region  = `"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}`
		notHere = `"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}`
		noMFA   = `"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`
	)
	one := func(condition string) principal {
		return principal{identity: []string{allow("iam:*", "*"), denied(condition)}}
	}
	tests := map[string]struct {
		principal
		in, out []string // the roles that are in reach unhindered, and that are not
	}{
		"without a Deny":                {principal{identity: []string{allow("iam:*", "*")}}, []string{app1, batch}, nil},
		"MFA":                           {one(noMFA), nil, []string{app1, batch}},
		"the network":                   {one(notHere), nil, []string{app1}},
		"the network, not by a service": {one(notHere + `,"Bool":{"aws:ViaAWSService":"false"}`), nil, []string{app1}},
		"a VPC":                         {one(`"StringNotEquals":{"aws:SourceVpc":"vpc-1"}`), nil, []string{app1}},
		"the policy":                    {one(`"ArnNotLike":{"iam:PolicyARN":"arn:aws:iam::*:policy/dev-*"}`), nil, []string{app1}},
		"the service":                   {one(passedTo("StringNotEquals", `"`+ec2+`"`)), nil, []string{app1}},
		"a tag of the principal":        {one(`"StringNotEquals":{"aws:PrincipalTag/admin":"true"}`), nil, []string{app1}},
		"the organization":              {one(`"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}`), nil, []string{app1}},
		"principals by a variable":      {one(`"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/${aws:PrincipalTag/boss}"}`), nil, []string{app1}},
		"other types of principals":     {one(`"StringNotEquals":{"aws:PrincipalType":"User"}`), []string{app1}, nil},
		"the principal, without MFA":    {one(`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/team/ann"},` + noMFA), nil, []string{app1}},
		"the principal, in a region":    {one(`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/team/ann"},` + region), []string{app1}, nil},
		"other principals":              {one(`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}`), []string{app1}, nil},
		"principals that are spared":    {one(`"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/team/*"}`), []string{app1}, nil},
		"other accounts":                {one(`"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}`), []string{app1}, nil},
		"the region":                    {one(region), []string{app1, batch}, nil},
		"the region and MFA":            {one(region + "," + noMFA), []string{app1}, nil},
		"a tag of the request":          {one(`"StringNotEquals":{"aws:RequestTag/a":"b"}`), []string{app1}, nil},
		"encryption":                    {one(`"Bool":{"aws:SecureTransport":"false"}`), []string{app1}, nil},
		"some roles":                    {principal{identity: []string{allow("iam:*", "*"), statement("Deny", "iam:*", appRoles, noMFA)}}, []string{batch}, []string{app1, app2}},
		"all roles":                     {principal{identity: []string{allow("iam:*", "*"), statement("Deny", "iam:*", anyRole, noMFA)}}, nil, []string{app1, batch}},
		"another action":                {principal{identity: []string{allow("iam:*", "*"), statement("Deny", "iam:CreateUser", "*", noMFA)}}, []string{app1}, nil},
		"by a control":                  {principal{[]string{allow("*", "*")}, "", [][]string{{allow("*", "*") + "," + denied(noMFA)}}}, nil, []string{app1}},
		"by the boundary":               {principal{identity: []string{allow("*", "*")}, boundary: allow("*", "*") + "," + denied(noMFA)}, nil, []string{app1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := f.LookupAction("iam:PassRole")
			effective := policy.NewEvaluator(f.Catalog).Evaluate(f.policiesOf(t, test.principal))
			unhindered, reach := effective.Unhindered(a), effective.Reach(a)
			for _, arn := range test.in {
				if !unhindered.Contains(arn) {
					t.Errorf("%s is not in reach unhindered, %q", arn, unhindered.Key())
				}
			}
			for _, arn := range test.out {
				if unhindered.Contains(arn) || !reach.Contains(arn) {
					t.Errorf("%s is in reach %q, unhindered %q", arn, reach.Key(), unhindered.Key())
				}
			}
			if some := unhindered.Contains(""); some != (len(test.in) > 0) {
				t.Errorf("anything is in reach unhindered: %v", some)
			}
		})
	}
}

// A Deny of passing roles to other services hinders nothing where the service is known.
func TestUnhinderedByService(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	toEC2 := passedTo("StringEquals", `"`+ec2+`"`)
	tests := map[string]struct {
		condition   string
		lambda, ec2 bool
	}{
		"one service":          {toEC2, true, false},
		"all but one":          {passedTo("StringNotEquals", `"`+ec2+`"`), false, true},
		"one, without MFA":     {toEC2 + `,"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`, true, false},
		"one, of other users":  {toEC2 + `,"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/boss"}`, true, true},
		"one by a variable":    {passedTo("StringEquals", `"${aws:PrincipalTag/service}"`), false, false},
		"one, in some regions": {toEC2 + `,"StringEquals":{"aws:RequestedRegion":"eu-west-1"}`, true, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := f.LookupAction("iam:PassRole")
			p := principal{identity: []string{allow("iam:*", "*"), statement("Deny", "iam:*", "*", test.condition)}}
			unhindered := policy.NewEvaluator(f.Catalog).Evaluate(f.policiesOf(t, p)).Unhindered(a)
			if got := unhindered.Passes(app1, lambda); got != test.lambda {
				t.Errorf("to Lambda: %v", got)
			}
			if got := unhindered.Passes(app1, ec2); got != test.ec2 {
				t.Errorf("to EC2: %v", got)
			}
		})
	}
}
