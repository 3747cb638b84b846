package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/leastwise/leastwise/catalog/policy"
)

// The two templates of policy_sentry 0.6, filled in.
const (
	oldCRUD = `{"policy_with_crud_levels":[{"name":"orders","description":"why","role_arn":"arn:aws:iam::123456789012:role/orders",
		"read":["arn:aws:ssm:us-east-1:123456789012:parameter/a"],"write":[""],"list":[],"tagging":null,
		"permissions-management":["arn:aws:s3:::b"],"wildcard":["ec2:DescribeInstances"]},
		{"name":"second","read":["arn:aws:ssm:us-east-1:123456789012:parameter/b"]}]}`
	// Until 0.6.6 role_arn was arn, and tagging was tag.
	oldNames = `{"policy_with_crud_levels":[{"name":"orders","description":"why","arn":"arn:aws:iam::123456789012:role/orders",
		"tagging":["arn:aws:s3:::b"],"tag":["arn:aws:s3:::c"]}]}`
	oldActions = `{"policy_with_actions":[{"name":"orders","description":"","role_arn":"","actions":["kms:Decrypt","s3:GetObject"]}]}`
)

func TestTemplatesOf2020AreTemplates(t *testing.T) {
	t.Parallel()
	both := strings.TrimSuffix(oldCRUD, "}") + "," + strings.TrimPrefix(oldActions, "{")
	crud := policy.Template{
		Mode: "crud", Name: "orders", Write: []string{""}, PermissionsManagement: []string{"arn:aws:s3:::b"},
		Read:         []string{"arn:aws:ssm:us-east-1:123456789012:parameter/a", "arn:aws:ssm:us-east-1:123456789012:parameter/b"},
		WildcardOnly: policy.WildcardOnly{SingleActions: []string{"ec2:DescribeInstances"}},
	}
	actions := policy.Template{Mode: "actions", Name: "orders", Actions: []string{"kms:Decrypt", "s3:GetObject"}}
	tests := map[string]struct {
		mode, text string
		want       policy.Template
	}{
		"levels":             {"", oldCRUD, crud},
		"levels, asked for":  {"crud", oldCRUD, crud},
		"actions":            {"", oldActions, actions},
		"actions, asked for": {"actions", oldActions, actions},
		"levels of both":     {"crud", both, crud},
		"actions of both":    {"actions", both, actions},
		"until 0.6.6": {"", oldNames, policy.Template{
			Mode: "crud", Name: "orders", Tagging: []string{"arn:aws:s3:::b", "arn:aws:s3:::c"},
		}},
		"actions until 0.6.6":       {"", `{"policy_with_actions":[{"name":"n","arn":"","actions":["s3:GetObject"]}]}`, policy.Template{Mode: "actions", Name: "n", Actions: []string{"s3:GetObject"}}},
		"one policy without a list": {"", `{"policy_with_actions":{"name":"n","actions":["s3:GetObject"]}}`, policy.Template{Mode: "actions", Name: "n", Actions: []string{"s3:GetObject"}}},
		"no policies":               {"", `{"policy_with_actions":[]}`, policy.Template{Mode: "actions"}},
		"of today, asked for":       {"crud", `{"mode":"crud"}`, policy.Template{Mode: "crud"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := policy.ParseTemplateOf(tt.mode, []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(policy.Template{}, "Places")); diff != "" {
				t.Errorf("template (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTemplatesOf2020WriteThePolicyOfToday(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	old, err := policy.ParseTemplate([]byte(oldCRUD))
	if err != nil {
		t.Fatal(err)
	}
	now, err := policy.ParseTemplate([]byte(`{"mode":"crud","permissions-management":["arn:aws:s3:::b"],
		"read":["arn:aws:ssm:us-east-1:123456789012:parameter/a","arn:aws:ssm:us-east-1:123456789012:parameter/b"],
		"wildcard-only":{"single-actions":["ec2:DescribeInstances"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	want, err := policy.Write(f.Catalog, now)
	if err != nil {
		t.Fatal(err)
	}
	got, err := policy.Write(f.Catalog, old)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got.Policy.Statement) < 3 {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestFaultsOfTemplatesOf2020HaveTheirPlaces(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	tests := map[string]struct {
		mode, text string
		want       string // paths and codes
	}{
		"values": {"", `{"policy_with_crud_levels":[{"read":["arn:aws:s3:::b"]},{"read":["arn:aws:s3:::b","b"],"wildcard":["s3:Nothing"]}]}`,
			"policy_with_crud_levels[1].wildcard[0] unknown-action, policy_with_crud_levels[1].read[1] malformed-arn"},
		"tags":               {"", `{"policy_with_crud_levels":[{"tagging":["arn:aws:s3:::b"],"tag":["b"]}]}`, "policy_with_crud_levels[0].tag[0] malformed-arn"},
		"actions":            {"", `{"policy_with_actions":{"actions":["s3:GetObject","s3:Nothing"]}}`, "policy_with_actions.actions[1] unknown-action"},
		"fields":             {"", `{"policy_with_actions":[{"read":[]}]}`, "policy_with_actions[0].read unknown-field"},
		"types":              {"", `{"policy_with_actions":[7,{"actions":"a"}]}`, "policy_with_actions[0] wrong-type, policy_with_actions[1].actions wrong-type"},
		"no list":            {"", `{"policy_with_crud_levels":"x"}`, "policy_with_crud_levels wrong-type"},
		"both":               {"", `{"policy_with_crud_levels":[],"policy_with_actions":[]}`, "policy_with_actions unknown-mode"},
		"both forms":         {"", `{"mode":"crud","policy_with_crud_levels":[]}`, "policy_with_crud_levels unknown-field"},
		"another mode":       {"crud", oldActions, "policy_with_actions unknown-mode"},
		"another mode today": {"crud", `{"mode":"actions"}`, "mode unknown-mode"},
		"a slip":             {"", `{"policy_with_crud_level":[]}`, "policy_with_crud_level unknown-field"},
		"twice":              {"", `{"policy_with_actions":[],"policy_with_actions":[]}`, "policy_with_actions repeated-field"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template, err := policy.ParseTemplateOf(tt.mode, []byte(tt.text))
			if err == nil {
				_, err = policy.Write(f.Catalog, template)
			}
			faults, _ := errors.AsType[policy.Faults](err)
			var got []string
			for _, fault := range faults {
				got = append(got, fault.Path+" "+fault.Code)
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("got %v", err)
			}
		})
	}
}
