package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

func TestParseRequestReadsOptions(t *testing.T) {
	t.Parallel()
	template, o, err := policy.ParseRequest([]byte(`{"mode":"actions","minimize":4,"actions":["s3:GetObject"],"max-size":6144,"explain":true}`))
	if err != nil || template.Mode != "actions" || o.Minimize == nil || *o.Minimize != 4 || o.MaxSize != 6144 || !o.Explain {
		t.Errorf("%+v, %+v, %v", template, o, err)
	}
	_, o, err = policy.ParseRequest([]byte(`{"mode":"crud","minimize":null,"max-size":null,"explain":null}`))
	if err != nil || o != (policy.Options{}) {
		t.Errorf("%+v, %v", o, err)
	}
	_, _, err = policy.ParseRequest([]byte(`{"mode":"crud","minimize":-1,"max-size":1.5,"explain":1,"minimise":0}`))
	want := policy.Faults{
		{Path: "minimize", Code: policy.CodeWrongType, Reason: "-1 is not a whole number of at least 0"},
		{Path: "max-size", Code: policy.CodeWrongType, Reason: "1.5 is not a whole number of at least 0"},
		{Path: "explain", Code: policy.CodeWrongType, Reason: "the value is a number, not a boolean"},
		{Path: "minimise", Code: policy.CodeUnknownField, Reason: `a template has no field "minimise"; did you mean minimize?`},
	}
	faults, _ := errors.AsType[policy.Faults](err)
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if _, err := policy.ParseTemplate([]byte(`{"mode":"crud","minimize":0}`)); err == nil {
		t.Error("a template has no options")
	}
}

func TestWriteWithDoesWhatItsOptionsSay(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	template := policy.Template{Mode: "crud", Write: []string{"arn:aws:ec2:us-east-1:123456789012:vpc/*", "arn:aws:ec2:us-east-1:123456789012:subnet/*"}}
	plain, err := writer.WriteWith(template, policy.Options{})
	if err != nil || len(plain.Policies) != 1 || plain.Explanations != nil {
		t.Fatalf("%+v, %v", plain, err)
	}
	zero := 0
	short, err := writer.WriteWith(template, policy.Options{Minimize: &zero})
	if err != nil || len(short.Policies) != 1 || short.Policies[0].Size() >= plain.Policies[0].Size() {
		t.Fatalf("%+v, %v", short, err)
	}
	several, err := writer.WriteWith(template, policy.Options{MaxSize: 2000})
	if err != nil || len(several.Policies) < 2 {
		t.Fatalf("%+v, %v", several, err)
	}
	if diff := cmp.Diff(grantsOf(plain.Policies...), grantsOf(several.Policies...)); diff != "" {
		t.Errorf("grants (-one +several):\n%s", diff)
	}
	for _, o := range []policy.Options{{MaxSize: -1}, {MaxSize: 150}} {
		_, err = writer.WriteWith(template, o)
		if faults, ok := errors.AsType[policy.Faults](err); !ok || faults[0].Path != "max-size" {
			t.Errorf("%+v: %v", o, err)
		}
	}
	negative := -1
	if _, err = writer.WriteWith(template, policy.Options{Minimize: &negative}); err == nil || !strings.Contains(err.Error(), "minimize") {
		t.Errorf("the error is %v", err)
	}
}

// IAM refuses a policy that is too large only when it is attached: say it before.
func TestWriteWithSaysThatAPolicyIsTooLarge(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	for bucket, want := range map[int]int{1: 0, 100: 0, 230: 1} {
		template := policy.Template{Mode: "crud"}
		for i := range bucket {
			template.List = append(template.List, fmt.Sprintf("arn:aws:s3:::bucket-%04d", i))
		}
		out, err := writer.WriteWith(template, policy.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if tooLarge := out.Policies[0].Size() > policy.MaxPolicySize; len(out.Notes) != want || tooLarge != (want == 1) {
			t.Errorf("%d buckets, %d characters: notes %v", bucket, out.Policies[0].Size(), out.Notes)
		}
		for _, note := range out.Notes {
			if !strings.Contains(note.Reason, "minimize shortens it") {
				t.Errorf("the note does not say how to shorten the policy: %s", note.Reason)
			}
		}
		zero := 0
		out, err = writer.WriteWith(template, policy.Options{Minimize: &zero})
		if err != nil {
			t.Fatal(err)
		}
		for _, note := range out.Notes {
			if strings.Contains(note.Reason, "minimize shortens it") {
				t.Errorf("a minimized policy is said to become shorter by that: %s", note.Reason)
			}
		}
	}
}

func TestWriteWithSaysThatAPolicyHasNoStatement(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	want := []policy.Fault{{Code: policy.CodeNoStatement, Reason: "the policy has no statement, and IAM takes none without"}}
	for _, o := range []policy.Options{{}, {Minimize: new(int)}, {MaxSize: policy.MaxPolicySize}, {Explain: true}} {
		out, err := writer.WriteWith(policy.Template{Mode: "crud", Read: []string{""}}, o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, out.Notes); diff != "" || len(out.Policies) != 1 {
			t.Errorf("%+v: %d policies, notes (-want +got):\n%s", o, len(out.Policies), diff)
		}
	}
}

// What a policy becomes keeps the reasons: every action of every statement has
// one, and none that is not granted.
func TestExplanationsFollowTheirActions(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	template := policy.Template{
		Mode: "crud", Read: []string{"arn:aws:s3:::b", "arn:aws:s3:::c"}, Write: []string{"arn:aws:s3:::b", "arn:aws:s3:::c", "arn:aws:ec2:us-east-1:123456789012:vpc/*"},
		WildcardOnly: policy.WildcardOnly{ServiceRead: []string{"ec2"}}, SkipResourceConstraints: []string{"s3:GetObject"},
		EntryConditions: map[string]policy.Conditions{"write[2]": {"Bool": {"aws:SecureTransport": {"true"}}}},
	}
	zero := 0
	for name, o := range map[string]policy.Options{
		"as it is": {Explain: true}, "shortened": {Explain: true, Minimize: &zero},
		"split": {Explain: true, MaxSize: 1000}, "both": {Explain: true, Minimize: &zero, MaxSize: 700},
	} {
		out, err := writer.WriteWith(template, o)
		if err != nil {
			t.Fatal(err)
		}
		want, got := f.NewSet(), f.NewSet()
		for i, p := range out.Policies {
			for _, s := range p.Statement {
				want.Clear()
				for _, pattern := range s.Action {
					f.AddMatches(want, pattern)
				}
				got.Clear()
				for _, e := range out.Explanations {
					if e.Policy != i || e.SID != s.SID {
						continue
					}
					if len(e.Because) == 0 {
						t.Errorf("%s: no reason for %s", name, e.Action)
					}
					f.AddMatches(got, e.Action)
					if as := f.NewSet(); e.As != "" && (f.AddMatches(as, e.As) == 0 || !as.Has(idOf(t, f.Catalog, e.Action))) {
						t.Errorf("%s: %s does not stand for %s", name, e.As, e.Action)
					}
				}
				if !got.Equal(want) {
					t.Errorf("%s, policy %d, %s: explained %d of %d", name, i, s.SID, got.Count(), want.Count())
				}
			}
		}
	}
}

func idOf(t *testing.T, c *catalog.Catalog, name string) catalog.ActionID {
	t.Helper()
	id, ok := c.LookupAction(name)
	if !ok {
		t.Fatalf("no action %s", name)
	}
	return id
}
