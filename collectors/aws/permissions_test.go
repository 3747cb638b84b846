package aws_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/schemas/event"
)

// allowed returns the actions that a role template of deploy/aws grants.
func allowed(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile("../../deploy/aws/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Properties struct {
				Policies []struct {
					PolicyDocument struct {
						Statement []struct {
							Effect string   `yaml:"Effect"`
							Action []string `yaml:"Action"`
						} `yaml:"Statement"`
					} `yaml:"PolicyDocument"`
				} `yaml:"Policies"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(raw, &template); err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, resource := range template.Resources {
		for _, p := range resource.Properties.Policies {
			for _, s := range p.PolicyDocument.Statement {
				if s.Effect == "Allow" {
					actions = append(actions, s.Action...)
				}
			}
		}
	}
	slices.Sort(actions)
	return actions
}

func TestRolesAllowWhatTheCodeSaysItCalls(t *testing.T) {
	t.Parallel()
	for file, says := range map[string][]string{
		"collector-role.yaml":    aws.Actions(),
		"organization-role.yaml": aws.OrganizationActions(),
	} {
		slices.Sort(says)
		if diff := cmp.Diff(says, allowed(t, file)); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

// granted makes the simulation's collector role and user those of deploy/aws,
// but for the action to leave out.
func granted(t *testing.T, without string) func(*awssim.Config) {
	actions := append(allowed(t, "collector-role.yaml"), allowed(t, "organization-role.yaml")...)
	return func(c *awssim.Config) {
		c.CollectorActions = slices.DeleteFunc(actions, func(a string) bool { return a == without })
	}
}

func TestCollectorMakesTheCallsThatItsRolesAllowAndNoOthers(t *testing.T) {
	t.Parallel()
	f := start(t, granted(t, ""))
	id := f.account(1)
	complete(t, f, id)
	roles := allowed(t, "collector-role.yaml")
	called := map[string]bool{}
	for call := range f.org.Calls() {
		switch {
		case call.Account != id:
			if !slices.Contains(allowed(t, "organization-role.yaml"), call.Action) {
				t.Errorf("%s was called in the management account", call.Action)
			}
		case call.Action == "sts:AssumeRole":
		case !slices.Contains(roles, call.Action):
			t.Errorf("%s was called and is not allowed", call.Action)
		}
		called[call.Action] = true
	}
	for _, action := range append(roles, allowed(t, "organization-role.yaml")...) {
		if !called[action] {
			t.Errorf("%s is allowed and was not called", action)
		}
	}
}

func TestWithoutAnyOneActionARunIsNotComplete(t *testing.T) {
	t.Parallel()
	for _, action := range aws.Actions() {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			f := start(t, granted(t, action))
			s, _ := f.collect(t, f.account(1))
			if s.Status == event.RunComplete {
				t.Error("the run is complete")
			}
			if s.Status == event.RunPartial && (s.Problems[0].Part != action || s.Problems[0].State != event.StateAccessDenied) {
				t.Errorf("%+v", s.Problems)
			}
		})
	}
}

// TestWithoutAnyOneActionOfTheOrganizationsRoleARunSaysSo leaves out what reads
// service control policies; without ListAccounts there is no run.
func TestWithoutAnyOneActionOfTheOrganizationsRoleARunSaysSo(t *testing.T) {
	t.Parallel()
	for _, action := range aws.OrganizationActions() {
		if action == "organizations:ListAccounts" {
			continue
		}
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			f := start(t, granted(t, action))
			s, err := f.collect(t, f.account(1))
			if err != nil || s.Status != event.RunPartial || len(s.Problems) != 1 {
				t.Fatalf("%s: %v; %+v", s.Status, err, s.Problems)
			}
			p := s.Problems[0]
			if p.Part != "controls" || p.State != event.StateAccessDenied || !strings.Contains(p.Reason, action) || !strings.Contains(p.Reason, "organization-role.yaml") {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestOneAccountNeedsNoOtherPermissions(t *testing.T) {
	t.Parallel()
	f := start(t, granted(t, ""))
	f.cfg.Organization = false
	complete(t, f, f.account(0))
	for call := range f.org.Calls() {
		if !slices.Contains(append(aws.Actions(), "sts:GetCallerIdentity"), call.Action) {
			t.Errorf("%s was called", call.Action)
		}
	}
}
