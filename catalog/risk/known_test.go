package risk_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/risk"
)

const factsFile = "../../../shared/facts/risk_facts.json"

// methods are cloudsplaining's methods as the rules know them: the actions by
// the name.
func methods(f facts) map[string][]string {
	out := make(map[string][]string)
	for _, rule := range f.rules.All() {
		for _, known := range rule.KnownTo {
			name, ok := strings.CutPrefix(known, "cloudsplaining:")
			if !ok || rule.Category != risk.CategoryPrivilegeEscalation {
				continue
			}
			for _, a := range rule.Actions {
				out[name] = append(out[name], f.FullName(a))
			}
		}
	}
	return out
}

// spread deals actions out to n documents.
func spread(actions []string, n int) []string {
	parts := make([][]string, n)
	for i, a := range actions {
		parts[i%n] = append(parts[i%n], a)
	}
	var documents []string
	for _, part := range parts {
		if len(part) > 0 {
			documents = append(documents, allow(strings.Join(part, " "), "*"))
		}
	}
	return documents
}

// expectKnown checks that a role with exactly these actions has a finding that is
// known by a name, whether they are in one policy or in three.
func expectKnown(t *testing.T, f facts, name string, actions []string) {
	t.Helper()
	for _, n := range []int{1, 3} {
		findings := f.judge(f.carry(t, spread(actions, n)...))
		if !slices.ContainsFunc(findings, func(found risk.Finding) bool { return slices.Contains(found.KnownTo, name) }) {
			t.Errorf("%s is not found for %v in %d documents: %v", name, actions, n, ids(findings))
		}
	}
}

func TestEveryMethodOfCloudsplainingIsFound(t *testing.T) {
	t.Parallel()
	f := load(t)
	known := methods(f)
	if len(known) != 59 {
		t.Errorf("%d methods of cloudsplaining are known, want 59", len(known))
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectKnown(t, f, "cloudsplaining:"+name, known[name])
		})
	}
}

// publicFacts are the action names that public tools agree on.
type publicFacts struct {
	Combinations []struct {
		Actions []string `json:"actions"`
		KnownTo []string `json:"known_to"`
	} `json:"privilege_escalation_combinations"`
	Methods     map[string][]string `json:"cloudsplaining_method_names"`
	Credentials []string            `json:"credentials_exposure"`
	Exfil       []string            `json:"data_exfiltration"`
	Access      []string            `json:"data_access"`
	Resources   []string            `json:"resource_exposure"`
	Network     []string            `json:"network_exposure_2020"`
}

func readFacts(t *testing.T) publicFacts {
	t.Helper()
	text, err := os.ReadFile(factsFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the facts of public tools are not here: %v", err)
	}
	var facts publicFacts
	if err == nil {
		err = json.Unmarshal(text, &facts)
	}
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func TestEveryCombinationOfPublicToolsIsFound(t *testing.T) {
	t.Parallel()
	f, public := load(t), readFacts(t)
	for _, c := range public.Combinations {
		for _, name := range c.KnownTo {
			expectKnown(t, f, name, c.Actions)
		}
	}
	for name, actions := range public.Methods {
		expectKnown(t, f, "cloudsplaining:"+name, actions)
	}
}

// Whatever public lists name is found alone, but for what does not exist any more
// and what the rules say they leave out.
func TestEveryActionOfPublicListsIsFound(t *testing.T) {
	t.Parallel()
	f, public := load(t), readFacts(t)
	opensNothing := []string{
		"rds:createdbsnapshot", "rds:rebootdbinstance", "rds:promotereadreplica",
		"redshift:revokeclustersecuritygroupingress", "ec2:withdrawbyoipcidr",
	}
	for category, actions := range map[risk.Category][]string{
		risk.CategoryCredentialsExposure: public.Credentials, risk.CategoryDataExfiltration: public.Exfil, risk.CategoryDataAccess: public.Access,
		risk.CategoryResourceExposure: public.Resources, risk.CategoryNetworkExposure: public.Network,
	} {
		gone := 0
		for _, action := range actions {
			_, exists := f.LookupAction(action)
			if !exists {
				gone++
			}
			found := slices.ContainsFunc(f.judge(f.carry(t, allow(action, "*"))), func(found risk.Finding) bool { return found.Category == category })
			leftOut := category == risk.CategoryNetworkExposure && slices.Contains(opensNothing, action)
			if found != (exists && !leftOut) {
				t.Errorf("%s: %s is found: %v", category, action, found)
			}
		}
		if want := map[risk.Category]int{risk.CategoryCredentialsExposure: 4, risk.CategoryResourceExposure: 17}[category]; gone != want {
			t.Errorf("%s: %d actions do not exist, want %d", category, gone, want)
		}
	}
}
