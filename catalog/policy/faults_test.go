package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

func TestWriteReportsAllFaults(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	tests := map[string]struct {
		template policy.Template
		want     []string // path, code and a part of the reason
	}{
		"no mode":        {policy.Template{}, []string{"mode unknown-mode the mode is missing"}},
		"another mode":   {policy.Template{Mode: "CRUD"}, []string{`mode unknown-mode "CRUD" is not a mode`}},
		"another effect": {policy.Template{Mode: "crud", Effect: "deny"}, []string{`effect unknown-effect "deny" is not an effect`}},
		"fields of the other mode": {
			policy.Template{Mode: "crud", Actions: []string{"s3:GetObject"}},
			[]string{"actions unknown-field no meaning in mode crud"},
		},
		"fields of mode crud": {
			policy.Template{Mode: "actions", Read: []string{"x"}, STS: policy.STS{AssumeRole: []string{"x"}}, ExcludeActions: []string{"x"}},
			[]string{"read unknown-field", "exclude-actions unknown-field", "sts unknown-field"},
		},
		"empty fields of the other mode": {
			policy.Template{Mode: "actions", Read: []string{""}, WildcardOnly: policy.WildcardOnly{ServiceRead: []string{""}}}, nil,
		},
		"arns": {
			policy.Template{
				Mode: "crud", Read: []string{"", "s3", "arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:s4:::b"},
				Write: []string{"arn:aws:s3:::", "arn:aws:sns:us-east-1:123456789012:a/b/c:d:e"},
				List:  []string{"arn:aws:iam::123456789012:rolle/x"},
			},
			[]string{
				"read[1] malformed-arn", `read[3] unknown-service the catalog has no service "s4"; did you mean s3`,
				"write[0] malformed-arn", "list[0] unknown-resource none of the resource types of iam",
			},
		},
		"services": {
			policy.Template{Mode: "crud", WildcardOnly: policy.WildcardOnly{
				ServiceRead: []string{"s3", "s33"}, ServiceWrite: []string{"lamda"}, ServiceList: []string{"x:y"},
				ServiceTagging: []string{"*"}, ServicePermissionsManagement: []string{"e c 2"},
			}},
			[]string{
				"wildcard-only.service-read[1] unknown-service did you mean s3", "wildcard-only.service-write[0] unknown-service did you mean lambda",
				"wildcard-only.service-list[0] unknown-service", "wildcard-only.service-tagging[0] unknown-service",
				"wildcard-only.service-permissions-management[0] unknown-service",
			},
		},
		"actions": {
			policy.Template{
				Mode: "crud", WildcardOnly: policy.WildcardOnly{SingleActions: []string{"s3:ListAllMyBukets"}},
				SkipResourceConstraints: []string{"s3:Foo*"}, ExcludeActions: []string{"s3", "nosuch:*", "s3:GetObjekt"},
			},
			[]string{
				"exclude-actions[0] unknown-action", "exclude-actions[1] unknown-action", "exclude-actions[2] unknown-action did you mean s3:GetObject",
				"wildcard-only.single-actions[0] unknown-action did you mean s3:ListAllMyBuckets", "skip-resource-constraints[0] unknown-action",
			},
		},
		"roles": {
			policy.Template{Mode: "crud", STS: policy.STS{
				AssumeRole: []string{"role", "arn:aws:s3:::role", "arn:aws:iam::123456789012:user/x"},
			}},
			[]string{
				"sts.assume-role[0] malformed-arn", "sts.assume-role[1] unknown-resource no resource of sts:AssumeRole",
				"sts.assume-role[2] unknown-resource no resource of sts:AssumeRole",
			},
		},
		"listed actions": {
			policy.Template{Mode: "actions", Effect: "Maybe", Actions: []string{"s3:GetObject", "GetObject", "s3:", ""}},
			[]string{"effect unknown-effect", "actions[1] unknown-action GetObject?", "actions[2] unknown-action"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := policy.Write(f.Catalog, test.template)
			faults, _ := errors.AsType[policy.Faults](err)
			if len(faults) != len(test.want) || (err == nil) != (out != nil) {
				t.Fatalf("faults:\n%v\nwant %d", err, len(test.want))
			}
			for i, want := range test.want {
				path, rest, _ := strings.Cut(want, " ")
				code, reason, _ := strings.Cut(rest, " ")
				if got := faults[i]; got.Path != path || got.Code != code || !strings.Contains(got.Reason, reason) {
					t.Errorf("fault %d: %+v, want %s", i, got, want)
				}
			}
		})
	}
}

// A template of nothing but slips must not cost a search over all names each.
func TestWriteBoundsItsSuggestions(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	template := policy.Template{Mode: "actions"}
	for i := range 1000 {
		template.Actions = append(template.Actions, fmt.Sprintf("s3:GetObjec%d", i))
	}
	_, err := policy.Write(f.Catalog, template)
	faults, _ := errors.AsType[policy.Faults](err)
	if suggested := strings.Count(err.Error(), "did you mean"); len(faults) != 1000 || suggested != 16 {
		t.Errorf("%d faults, %d with a suggestion", len(faults), suggested)
	}
}

func TestWriteIsAFunctionOfItsTemplate(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	template := policy.Template{
		Mode: "crud", Read: []string{"arn:aws:s3:::b", "arn:aws:ec2:*:*:*"}, Write: []string{"arn:aws:ec2:*:*:*"},
		WildcardOnly: policy.WildcardOnly{SingleActions: []string{"*"}},
	}
	var texts []string
	for _, w := range []*policy.Writer{writer, writer, policy.NewWriter(f.Catalog)} {
		out, err := w.Write(template)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(out.Policy.JSON("")))
	}
	if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
		t.Errorf("second time:\n%s", diff)
	}
	if diff := cmp.Diff(texts[0], texts[2]); diff != "" {
		t.Errorf("another writer:\n%s", diff)
	}
}
