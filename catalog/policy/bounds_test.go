package policy_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// TestATemplateCannotAskForEverythingAgainAndAgain gives each of a thousand values
// conditions of its own.
func TestATemplateCannotAskForEverythingAgainAndAgain(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	values := make([]string, 1000)
	for i := range values {
		values[i] = fmt.Sprintf(`{"action":"*:*","conditions":{"StringEquals":{"aws:PrincipalTag/a":"%d"}}}`, i)
	}
	list := "[" + strings.Join(values, ",") + "]"
	arns := make([]string, 10_000)
	for i := range arns {
		arns[i] = fmt.Sprintf(`"arn:aws:ec2:*:*:*/i-%d*"`, i)
	}
	for name, text := range map[string]string{
		"actions":                   `{"mode":"actions","actions":` + list + `}`,
		"skip-resource-constraints": `{"mode":"crud","skip-resource-constraints":` + list + `}`,
		"read":                      `{"mode":"crud","read":[` + strings.Join(arns, ",") + `]}`,
		"single-actions":            `{"mode":"crud","wildcard-only":{"single-actions":` + list + `}}`,
	} {
		template, err := policy.ParseTemplate([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []policy.Options{{}, {Explain: true}} {
			_, err = writer.WriteWith(template, o)
			faults, _ := errors.AsType[policy.Faults](err)
			if len(faults) != 1 || faults[0].Code != policy.CodeTooLarge {
				t.Errorf("%s, %+v: %v", name, o, err)
			}
		}
	}
}

func TestMaxNamesIsTheMostThatAPolicyNames(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	for _, template := range []policy.Template{
		{Mode: "actions", Actions: []string{"s3:Get*", "sqs:*", "ec2:Describe*"}},
		{Mode: "crud", Read: []string{"arn:aws:s3:::b", "arn:aws:s3:::b/*"}, List: []string{"arn:aws:s3:::b"}},
		{Mode: "crud", SkipResourceConstraints: []string{"s3:Get*", "s3:*"}},
		{Mode: "crud", WildcardOnly: policy.WildcardOnly{SingleActions: []string{"ec2:Describe*"}, ServiceRead: []string{"ec2", "s3"}}},
	} {
		whole, err := writer.WriteWith(template, policy.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, s := range whole.Policies[0].Statement {
			n += len(s.Action)
			if template.Read != nil {
				n += len(s.Resource)
			}
		}
		if _, err := writer.WriteWith(template, policy.Options{MaxNames: n}); err != nil {
			t.Errorf("%+v: %v", template, err)
		}
		if _, err := writer.WriteWith(template, policy.Options{MaxNames: n / 2}); err == nil {
			t.Errorf("%+v: half of its names are enough", template)
		}
	}
}

// TestMaxActionsLeavesRoomForResources bounds actions alone.
func TestMaxActionsLeavesRoomForResources(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	buckets := make([]string, 1000)
	for i := range buckets {
		buckets[i] = fmt.Sprintf("arn:aws:s3:::b-%d", i)
	}
	tests := map[string]struct {
		template policy.Template
		options  policy.Options
		want     string // in the fault
	}{
		"many resources, few actions":       {policy.Template{Mode: "crud", List: buckets}, policy.Options{MaxActions: 50}, ""},
		"and few names":                     {policy.Template{Mode: "crud", List: buckets}, policy.Options{MaxActions: 50, MaxNames: 900}, "more than 900 actions and resources"},
		"many actions":                      {policy.Template{Mode: "actions", Actions: []string{"s3:*"}}, policy.Options{MaxActions: 50}, "more than 50 actions;"},
		"many actions on every resource":    {policy.Template{Mode: "crud", SkipResourceConstraints: []string{"s3:*"}}, policy.Options{MaxActions: 50}, "more than 50 actions;"},
		"many actions of few resources":     {policy.Template{Mode: "crud", Write: []string{"arn:aws:s3:::b", "arn:aws:ec2:*:*:instance/*"}}, policy.Options{MaxActions: 50}, "more than 50 actions;"},
		"explanations of many parts":        {policy.Template{Mode: "crud", List: buckets}, policy.Options{MaxActions: 50, MaxSize: 500}, ""},
		"and with their reasons":            {policy.Template{Mode: "crud", List: buckets}, policy.Options{MaxActions: 50, MaxSize: 500, Explain: true}, "more than 50 explanations"},
		"names bound actions as well":       {policy.Template{Mode: "actions", Actions: []string{"s3:*"}}, policy.Options{MaxNames: 50}, "more than 50 actions;"},
		"names bound what is more than few": {policy.Template{Mode: "actions", Actions: []string{"s3:*"}}, policy.Options{MaxNames: 50, MaxActions: 1000}, "more than 50 actions and resources"},
	}
	for name, test := range tests {
		_, err := writer.WriteWith(test.template, test.options)
		if got := fmt.Sprint(err); (err == nil) != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// TestWhatIsAskedAgainIsExplainedOnce repeats a pattern more often than an action has
// reasons.
func TestWhatIsAskedAgainIsExplainedOnce(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	patterns := slices.Repeat([]string{"sqs:List*"}, 20)
	for _, template := range []policy.Template{
		{Mode: "actions", Actions: append(patterns, "sqs:ListQueues")},
		{Mode: "crud", SkipResourceConstraints: append(patterns, "sqs:ListQueues")},
		{Mode: "crud", WildcardOnly: policy.WildcardOnly{SingleActions: append(patterns, "sqs:ListQueues")}},
	} {
		out, err := writer.Explain(template)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Explanations {
			if len(e.Because) != 16 || !strings.HasSuffix(e.Because[15].Path, "[15]") {
				t.Errorf("%s: %d reasons, the last of which is %+v", e.Action, len(e.Because), e.Because[len(e.Because)-1])
			}
			for _, why := range e.Because {
				if why.Level == "" {
					t.Errorf("%s: no level in %+v", e.Action, why)
				}
			}
		}
	}
}

// TestWhatIsAskedAgainIsThere repeats what can be bound to no resource, in a form of
// its own each time.
func TestWhatIsAskedAgainIsThere(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	once := policy.WildcardOnly{ServiceList: []string{"s3"}, ServiceRead: []string{"ec2"}}
	want, err := writer.Write(policy.Template{Mode: "crud", WildcardOnly: once})
	if err != nil || len(want.Notes) > 0 {
		t.Fatalf("%+v, %v", want, err)
	}
	again := policy.WildcardOnly{SingleActions: []string{"s3:ListAllMyBuckets", "s3:ListAllMyBuckets"}, ServiceList: []string{"s3", "S3"}, ServiceRead: []string{"ec2", "ec2"}}
	got, err := writer.Write(policy.Template{Mode: "crud", WildcardOnly: again})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("once and again (-once +again):\n%s", diff)
	}
}

func TestWhatIsWrongIsToldAtEveryPlace(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	_, err := writer.Write(policy.Template{Mode: "crud", Read: []string{"arn:bad", "arn:aws:s3:::b", "arn:bad"}, Write: []string{"arn:bad"}})
	faults, _ := errors.AsType[policy.Faults](err)
	var paths []string
	for _, f := range faults {
		paths = append(paths, f.Path)
	}
	if want := []string{"read[0]", "read[2]", "write[0]"}; !slices.Equal(paths, want) {
		t.Errorf("faults at %v, want %v", paths, want)
	}
}

// TestWhatANeededActionNeedsIsThereToo asks for an action that another one, which
// stands before it, needs already.
func TestWhatANeededActionNeedsIsThereToo(t *testing.T) {
	t.Parallel()
	c := loadFacts(t).Catalog
	writer := policy.NewWriter(c)
	checked := 0
	for a := range catalog.ActionID(c.Len()) {
		action := c.Action(a)
		if !c.WildcardOnly(a) {
			continue
		}
		for _, name := range action.Dependents {
			needed, ok := c.LookupAction(name)
			if !ok || !c.WildcardOnly(needed) || len(c.Action(needed).Dependents) == 0 {
				continue
			}
			checked++
			both, err := writer.Write(policy.Template{Mode: "crud", WildcardOnly: policy.WildcardOnly{SingleActions: []string{action.FullName(), c.FullName(needed)}}})
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range c.Action(needed).Dependents {
				if _, ok := c.LookupAction(name); ok && !slices.Contains(both.Policy.Statement[0].Action, name) {
					t.Errorf("%s and %s: no %s", action.FullName(), c.FullName(needed), name)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("the catalog has no such pair")
	}
}
