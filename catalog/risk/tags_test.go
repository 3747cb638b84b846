package risk_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk"
)

func load(t testing.TB) (*catalog.Catalog, *risk.Tags) {
	t.Helper()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	tags, err := risk.LoadTags(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, tags
}

func TestEveryActionOfTheListExists(t *testing.T) {
	t.Parallel()
	_, tags := load(t)
	if unknown := tags.Unknown(); len(unknown) > 0 {
		t.Errorf("not in the catalog: %v", unknown)
	}
}

func TestActionsCarryTheTagsOfTheList(t *testing.T) {
	t.Parallel()
	c, tags := load(t)
	tests := map[string][]risk.Tag{
		"iam:CreatePolicyVersion":       {risk.PrivilegeEscalation},
		"iam:CreateAccessKey":           {risk.PrivilegeEscalation, risk.Credentials},
		"sts:AssumeRole":                {risk.PrivilegeEscalation, risk.Credentials},
		"lambda:UpdateFunctionCode":     {risk.PrivilegeEscalation},
		"ecr:GetAuthorizationToken":     {risk.Credentials},
		"s3:GetObject":                  {risk.Data},
		"secretsmanager:GetSecretValue": {risk.Data},
		"iam:PassRole":                  nil, // escalates only together with others
		"s3:ListBucket":                 nil,
	}
	for name, want := range tests {
		id, ok := c.LookupAction(name)
		if !ok {
			t.Fatalf("%s is not in the catalog", name)
		}
		for tag := range risk.Tag(risk.TagCount) {
			if got := tags.Actions(tag).Has(id); got != slices.Contains(want, tag) {
				t.Errorf("%s carries %s: %v", name, tag, got)
			}
		}
	}
}

func TestOnlyTagsOfActionsHaveActions(t *testing.T) {
	t.Parallel()
	_, tags := load(t)
	for tag := range risk.Tag(risk.TagCount) {
		follows := tag == risk.Admin || tag >= risk.PublicOrCrossAccountTrust
		if tags.Actions(tag).Empty() != follows {
			t.Errorf("%s has %d actions", tag, tags.Actions(tag).Count())
		}
	}
}

func TestOfLooksAtOneService(t *testing.T) {
	t.Parallel()
	c, tags := load(t)
	bound, unbound := c.NewSet(), c.NewSet()
	c.AddMatches(bound, "iam:CreateAccessKey")
	c.AddMatches(unbound, "s3:GetObject")
	tests := map[string]string{
		"iam": "privilege-escalation, credentials",
		"s3":  "data",
		"ec2": "",
	}
	for prefix, want := range tests {
		service, _ := c.LookupService(prefix)
		if got := tags.Of(service.ID, unbound, bound).String(); got != want {
			t.Errorf("%s: %q, want %q", prefix, got, want)
		}
	}
}

// Of must say the same as intersecting with the tags' sets.
func TestOfAgreesWithTheSets(t *testing.T) {
	t.Parallel()
	c, tags := load(t)
	for id := range catalog.ServiceID(c.Services()) {
		service := c.Service(id)
		granted := c.NewSet()
		granted.AddRange(service.First, service.End)
		var want risk.TagSet
		for tag := range risk.Tag(risk.TagCount) {
			if tags.Actions(tag).CountRange(service.First, service.End) > 0 {
				want = want.With(tag)
			}
		}
		if got := tags.Of(id, granted); got != want {
			t.Errorf("%s: %v, want %v", service.Prefix, got, want)
		}
	}
}

func TestTagsHaveNames(t *testing.T) {
	t.Parallel()
	want := []string{"admin", "privilege-escalation", "credentials", "data", "public-or-cross-account-trust",
		"resource-exposure", "network-exposure", "infrastructure-modification", "service-wildcard"}
	if diff := cmp.Diff(want, risk.AllTags().Strings()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for tag := range risk.Tag(risk.TagCount) {
		if got, err := risk.ParseTag(tag.String()); err != nil || got != tag {
			t.Errorf("parse %s: %v, %v", tag, got, err)
		}
	}
	if _, err := risk.ParseTag("Admin"); err == nil {
		t.Error("Admin was taken for a tag")
	}
	if got := risk.Tag(99).String(); got != "Tag(99)" {
		t.Errorf("tag 99 is %q", got)
	}
}

func TestTagSet(t *testing.T) {
	t.Parallel()
	set := risk.TagSet(0).With(risk.Data).With(risk.Admin).With(risk.Data)
	if got := set.String(); got != "admin, data" {
		t.Errorf("set is %q", got)
	}
	if !set.Has(risk.Data) || set.Has(risk.Credentials) {
		t.Errorf("membership of %v", set)
	}
	if names := risk.TagSet(0).Strings(); names != nil {
		t.Errorf("the empty set has names %v", names)
	}
}
