package risk_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/risk"
)

// Events, tables and dashboards know tags by these names.
func TestTagsHaveNames(t *testing.T) {
	t.Parallel()
	want := []string{
		"admin", "privilege-escalation", "credentials", "data", "public-or-cross-account-trust",
		"resource-exposure", "network-exposure", "infrastructure-modification", "service-wildcard",
	}
	if diff := cmp.Diff(want, risk.AllTags().Strings()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for tag := range risk.Tag(risk.TagCount) {
		if got, err := risk.ParseTag(tag.String()); err != nil || got != tag {
			t.Errorf("parse %s: %v, %v", tag, got, err)
		}
	}
	for _, name := range []string{"", "Admin", "admins"} {
		if _, err := risk.ParseTag(name); err == nil {
			t.Errorf("%q was taken for a tag", name)
		}
	}
	if got := risk.Tag(99).String(); got != "Tag(99)" {
		t.Errorf("tag 99 is %q", got)
	}
}

func TestTagSet(t *testing.T) {
	t.Parallel()
	set := risk.TagSet(0).With(risk.TagData).With(risk.TagAdmin).With(risk.TagData)
	if got := set.String(); got != "admin, data" {
		t.Errorf("set is %q", got)
	}
	if !set.Has(risk.TagData) || set.Has(risk.TagCredentials) {
		t.Errorf("membership of %v", set)
	}
	if names := risk.TagSet(0).Strings(); names != nil {
		t.Errorf("the empty set has names %v", names)
	}
}

// Every category is a tag, or none of what a principal may do.
func TestCategoriesHaveTags(t *testing.T) {
	t.Parallel()
	want := map[risk.Category]string{
		risk.CategoryFullAdministrator: "admin", risk.CategoryPrivilegeEscalation: "privilege-escalation",
		risk.CategoryCredentialsExposure: "credentials", risk.CategoryDataExfiltration: "data", risk.CategoryDataAccess: "data",
		risk.CategoryResourceExposure: "resource-exposure", risk.CategoryNetworkExposure: "network-exposure",
		risk.CategoryInfrastructureModification: "infrastructure-modification", risk.CategoryServiceWildcard: "service-wildcard",
	}
	for _, c := range risk.Categories() {
		tag, ok := c.Tag()
		if name := want[c]; ok != (name != "") || ok && tag.String() != name {
			t.Errorf("%s has tag %s, %v; want %q", c, tag, ok, name)
		}
		if got, err := risk.ParseCategory(string(c)); err != nil || got != c {
			t.Errorf("parse %s: %v, %v", c, got, err)
		}
	}
	if _, err := risk.ParseCategory("Trust"); err == nil || !strings.Contains(err.Error(), "trust, hygiene") {
		t.Errorf("an unknown category: %v", err)
	}
}

func TestSeveritiesHaveNamesAndAnOrder(t *testing.T) {
	t.Parallel()
	last := -1
	for _, name := range []string{"info", "low", "medium", "high", "critical"} {
		s, err := risk.ParseSeverity(name)
		if err != nil || s.String() != name || int(s) <= last {
			t.Errorf("%s: %v, %v", name, s, err)
		}
		last = int(s)
	}
	var s risk.Severity
	if err := json.Unmarshal([]byte(`"urgent"`), &s); err == nil || !strings.Contains(err.Error(), "want one of info") {
		t.Errorf("an unknown severity: %v", err)
	}
	if got := risk.Severity(9).String(); got != "Severity(9)" {
		t.Errorf("severity 9 is %q", got)
	}
}

func TestSeverityIsLoweredByEveryReason(t *testing.T) {
	t.Parallel()
	f := load(t)
	rule, _ := f.rules.Rule("iam-create-access-key")
	tests := map[string]struct {
		reasons []string
		want    risk.Severity
	}{
		"none":             {nil, risk.High},
		"exact":            {[]string{risk.WhenExact}, risk.Medium},
		"own":              {[]string{risk.WhenOwn}, risk.Info},
		"no target":        {[]string{risk.WhenNoTarget}, risk.Info},
		"below info":       {[]string{risk.WhenExact, risk.WhenOwn, risk.WhenNoTarget}, risk.Info},
		"an unknown one":   {[]string{"friday"}, risk.High},
		"the same, twice":  {[]string{risk.WhenExact, risk.WhenExact}, risk.Medium},
		"of another order": {[]string{risk.WhenNoTarget, risk.WhenExact}, risk.Info},
	}
	for name, test := range tests {
		if got := f.rules.Severity(rule, test.reasons...); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	rules, err := risk.Read(f.rules, "own.yaml", strings.NewReader("lower: [{when: exact, steps: 3}]"))
	if err != nil {
		t.Fatal(err)
	}
	if got := rules.Severity(rule, risk.WhenExact, risk.WhenOwn); got != risk.Info {
		t.Errorf("with lines of its own: %s", got)
	}
	if got := rules.Severity(rule, risk.WhenOwn); got != risk.High {
		t.Errorf("a line that is gone lowers to %s", got)
	}
}
