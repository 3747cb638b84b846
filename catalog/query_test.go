package catalog_test

import (
	"slices"
	"testing"

	"github.com/leastwise/leastwise/catalog"
)

func TestAddByResourceTypeEqualsTheActions(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for id := range c.Services() {
		s := c.Service(catalog.ServiceID(id))
		want := map[string]int{}
		for a := s.First; a < s.End; a++ {
			for _, r := range c.Action(a).Resources {
				want[r.Type]++
			}
		}
		for i, r := range c.ResourceTypes(s.ID) {
			set := c.NewSet()
			if n := c.AddByResourceType(set, s.ID, i); n != want[r.Name] || set.CountRange(s.First, s.End) != n || set.Count() != n {
				t.Errorf("%s %s: %d actions, want %d", s.Prefix, r.Name, n, want[r.Name])
			}
		}
	}
}

func TestAddByConditionKeyFindsKeysAsPoliciesHaveThem(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for key, action := range map[string]string{
		"iam:PassedToService":                    "iam:PassRole",
		"IAM:passedtoservice":                    "iam:PassRole",
		"ec2:KeyPairName":                        "ec2:RunInstances", // only with a resource type
		"aws:ResourceTag/team":                   "ec2:RunInstances",
		"aws:resourcetag/${TagKey}":              "ec2:RunInstances",
		"s3:ExistingObjectTag/a/b":               "s3:GetObject",
		"codebuild:secondarySources/x.buildspec": "codebuild:CreateProject",
		"secretsmanager:ResourceTag/team":        "secretsmanager:GetSecretValue", // .../tag-key there
		"secretsmanager:ResourceTag/aws:x/owner": "secretsmanager:GetSecretValue",
		"secretsmanager:resource/team":           "",
		"secretsmanager:ResourceTag/":            "",
		"SSM:resourcetag/team":                   "ssm:SendCommand", // ${TagKey} and tag-key there
		"aws:ResourceTag/":                       "",
		"aws:ResourceTag":                        "",
		"":                                       "",
		"nosuch:Key":                             "",
	} {
		set := c.NewSet()
		n := c.AddByConditionKey(set, key)
		if n != set.Count() || (action == "") != (n == 0) {
			t.Errorf("%s: %d actions, %d in the set", key, n, set.Count())
		}
		if a, ok := c.LookupAction(action); ok && !set.Has(a) {
			t.Errorf("%s: %s is missing", key, action)
		}
	}
}

// TestAddByConditionKeyEqualsTheActions compares with what actions and resource types
// list: tags of a resource are known by all actions on it, those of a request by the
// actions that list them.
func TestAddByConditionKeyEqualsTheActions(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for key, ofTypes := range map[string]bool{"aws:RequestTag/${TagKey}": false, "aws:TagKeys": false, "aws:ResourceTag/${TagKey}": true, "s3:BucketTag/${TagKey}": true} {
		got, want := c.NewSet(), c.NewSet()
		c.AddByConditionKey(got, key)
		for s := range catalog.ServiceID(c.Services()) {
			types := map[string][]string{}
			for _, typ := range c.ResourceTypes(s) {
				types[typ.Name] = typ.ConditionKeys
			}
			service := c.Service(s)
			for a := service.First; a < service.End; a++ {
				keys := c.Action(a).ConditionKeys
				for _, r := range c.Action(a).Resources {
					keys = append(keys, r.ConditionKeys...)
					if ofTypes {
						keys = append(keys, types[r.Type]...)
					}
				}
				if slices.Contains(keys, key) {
					want.Add(a)
				}
				if c.SupportsKey(a, catalog.AnyResource, key) != got.Has(a) {
					t.Errorf("%s: %s", key, c.FullName(a))
				}
			}
		}
		if !got.Equal(want) || want.Empty() {
			t.Errorf("%s: %d actions, want %d", key, got.Count(), want.Count())
		}
	}
}

// TestKeysOfResourceTypesFindActions asks for each key that a resource type lists. The
// two that no action is found by are of API Gateway's authorizers, whose actions AWS's
// reference does not have.
func TestKeysOfResourceTypesFindActions(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	var none []string
	for s := range catalog.ServiceID(c.Services()) {
		for _, typ := range c.ResourceTypes(s) {
			for _, key := range typ.ConditionKeys {
				found, err := c.FindActions(catalog.ActionFilter{Service: typ.Service, Condition: key})
				if err != nil {
					t.Fatal(err)
				}
				if found.Empty() {
					none = append(none, key)
				}
			}
		}
	}
	slices.Sort(none)
	if want := []string{"apigateway:Request/AuthorizerUri", "apigateway:Resource/AuthorizerUri"}; !slices.Equal(slices.Compact(none), want) {
		t.Errorf("no action knows %q", none)
	}
}

func TestKeyOfNoAction(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, test := range []struct {
		service, key string
		want         bool
	}{
		{"glacier", "glacier:ResourceTag/team", true},
		{"lambda", "lambda:SourceFunctionArn", true},
		{"lambda", "lambda:FunctionArn", false},
		{"sqs", "aws:ResourceTag/team", false}, // of the queue
		{"secretsmanager", "secretsmanager:ResourceTag/team", false},
	} {
		service, _ := c.LookupService(test.service)
		if got := c.KeyOfNoAction(service.ID, test.key); got != test.want {
			t.Errorf("%s %s: %v", test.service, test.key, got)
		}
	}
}

func TestDependentsAndWildcardOnlyEqualTheActions(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	dependents := 0
	for id := range catalog.ActionID(c.Len()) {
		a := c.Action(id)
		if c.WildcardOnly(id) != (len(a.Resources) == 0) {
			t.Errorf("WildcardOnly(%s) with %d resources", a.FullName(), len(a.Resources))
		}
		set := c.NewSet()
		n := c.AddDependents(set, id)
		var names []string
		for d := range set.All() {
			names = append(names, c.FullName(d))
		}
		slices.Sort(names)
		if n != len(a.Dependents) || !slices.Equal(names, a.Dependents) {
			t.Errorf("dependents of %s: %q, %q", a.FullName(), names, a.Dependents)
		}
		if n > 0 {
			dependents++
		}
	}
	if dependents != 1584 {
		t.Errorf("%d actions have dependents, want 1584", dependents)
	}
}

func TestSupportsKeyKnowsKeysOfActionsAndOfTypes(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	tests := []struct {
		action, typ, key string // typ "" for any
		want             bool
	}{
		{"iam:PassRole", "", "iam:PassedToService", true},
		{"iam:PassRole", "role", "IAM:passedtoservice", true},
		{"iam:GetRole", "", "iam:PassedToService", false},
		{"ec2:RunInstances", "key-pair", "ec2:KeyPairName", true},
		{"ec2:RunInstances", "subnet", "ec2:KeyPairName", false},
		{"ec2:RunInstances", "", "ec2:KeyPairName", true},
		{"ecr:ListImages", "repository", "ecr:ResourceTag/team", true}, // a key of the type
		{"ecr:GetAuthorizationToken", "", "ecr:ResourceTag/team", false},
		{"ec2:CreateVolume", "volume", "aws:RequestTag/team", true},
		{"ec2:TerminateInstances", "instance", "AWS:requesttag/team", false}, // though the type lists it
		{"ec2:TerminateInstances", "instance", "aws:tagkeys", false},
		{"ec2:TerminateInstances", "instance", "aws:ResourceTag/team", true},
		{"s3:ListBucket", "bucket", "s3:prefix", true},
		{"s3:ListBucket", "bucket", "aws:PrincipalOrgID", false}, // in no catalog
	}
	for _, test := range tests {
		a, ok := c.LookupAction(test.action)
		if !ok {
			t.Fatalf("no %s", test.action)
		}
		index := catalog.AnyResource
		for i, typ := range c.ResourceTypes(c.ServiceOf(a)) {
			if typ.Name == test.typ {
				index = i
			}
		}
		if got := c.SupportsKey(a, index, test.key); got != test.want {
			t.Errorf("%s on %q with %s: %v", test.action, test.typ, test.key, got)
		}
	}
	ec2, _ := c.LookupService("ec2")
	if k, ok := c.LookupConditionKey(ec2.ID, "AWS:ResourceTag/team"); !ok || k.Name != "aws:ResourceTag/${TagKey}" || k.Type != "String" {
		t.Errorf("found %+v, %v", k, ok)
	}
	if k, ok := c.LookupConditionKey(ec2.ID, "s3:prefix"); ok {
		t.Errorf("found %+v", k)
	}
}
