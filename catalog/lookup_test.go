package catalog_test

import (
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
)

func TestLookupActionFindsEveryNameInAnyCase(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for id := range catalog.ActionID(c.Len()) {
		name := c.FullName(id)
		for _, s := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			if got, ok := c.LookupAction(s); !ok || got != id {
				t.Fatalf("LookupAction(%q) = %d, %v; want %d", s, got, ok, id)
			}
		}
	}
}

func TestLookupActionRefusesWhatIsNotOne(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, s := range []string{
		"", ":", "s3", "s3:", ":GetObject", "GetObject", "s3:GetObject ", " s3:GetObject", "s3:GetObjec", "s3:GetObjectX",
		"s3::GetObject", "s3:Get*", "*", "s4:GetObject", "iam:GetObject", "s3:getobjecT\u212a", strings.Repeat("a", 1<<16),
	} {
		if id, ok := c.LookupAction(s); ok {
			t.Errorf("LookupAction(%q) found %s", s, c.FullName(id))
		}
	}
}

func TestLookupServiceFindsEveryPrefixInAnyCase(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for id := range c.Services() {
		want := c.Service(catalog.ServiceID(id))
		for _, s := range []string{want.Prefix, strings.ToUpper(want.Prefix)} {
			if got, ok := c.LookupService(s); !ok || got != want {
				t.Errorf("LookupService(%q) = %+v, %v", s, got, ok)
			}
		}
		if got, ok := c.LookupService(want.Prefix + "~"); ok {
			t.Errorf("LookupService(%q~) = %+v", want.Prefix, got)
		}
	}
	if got, ok := c.LookupService(""); ok {
		t.Errorf("LookupService(\"\") = %+v", got)
	}
}

func TestLookupsAndExpansionsDoNotAllocate(t *testing.T) {
	c := embedded(t)
	set := c.NewSet()
	for name, f := range map[string]func(){
		"LookupAction":        func() { c.LookupAction("EC2:runINSTANCES") },
		"LookupService":       func() { c.LookupService("EC2") },
		"AddMatches name":     func() { c.AddMatches(set, "ec2:runinstances") },
		"AddMatches wildcard": func() { c.AddMatches(set, "Ec2:*Inst?nce*") },
		"AddMatches all":      func() { c.AddMatches(set, "*") },
		"AddByResourceType":   func() { c.AddByResourceType(set, 7, 0) },
		"AddDependents":       func() { c.AddDependents(set, 7) },
		"All": func() {
			for range set.All() {
			}
		},
	} {
		if n := testing.AllocsPerRun(10, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}
