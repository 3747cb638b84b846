package policy_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

var (
	placeholder = regexp.MustCompile(`\$?\{[^}]*\}`)
	validSID    = regexp.MustCompile(`^[A-Za-z0-9]+$`)
)

// concreteARN fills in a resource type's pattern.
func concreteARN(pattern string) string {
	pattern, _, _ = strings.Cut(pattern, ", ")
	pattern = strings.Replace(pattern, "${Partition}", "aws", 1)
	return placeholder.ReplaceAllString(pattern, "123456789012")
}

// drawARNs draws ARNs of the types of a few services, ec2 and s3 among them.
func (f facts) drawARNs(t *rapid.T, label string) []string {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		prefix := rapid.SampledFrom([]string{"s3", "ec2", "iam", "sqs", "states", "lambda", "amplifyuibuilder", "rtbfabric"}).Draw(t, "service")
		service, _ := f.LookupService(prefix)
		return concreteARN(rapid.SampledFrom(f.ResourceTypes(service.ID)).Draw(t, "type").ARN)
	}), 0, 4).Draw(t, label)
}

// needs reports whether one of the actions has another among its dependents.
func (f facts) needs(actions []string, wanted string) bool {
	return slices.ContainsFunc(actions, func(name string) bool {
		id, _ := f.LookupAction(name)
		return slices.Contains(f.Action(id).Dependents, wanted)
	})
}

func (f facts) all(actions []string, level catalog.Level) []string {
	return slices.DeleteFunc(slices.Clone(actions), func(name string) bool {
		id, _ := f.LookupAction(name)
		return f.LevelOf(id) != level
	})
}

func TestWriteGrantsWhatWasAskedAndNoMore(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		asked := map[catalog.Level][]string{}
		for level := range catalog.Level(catalog.LevelCount) {
			asked[level] = f.drawARNs(t, level.String())
		}
		template := policy.Template{
			Mode: "crud", List: asked[catalog.List], Read: asked[catalog.Read], Tagging: asked[catalog.Tagging],
			Write: asked[catalog.Write], PermissionsManagement: asked[catalog.PermissionsManagement],
			ExcludeActions: rapid.SliceOfN(rapid.SampledFrom([]string{"s3:Get*", "ec2:*Tags", "iam:PassRole", "lambda:*"}), 0, 2).Draw(t, "excluded"),
		}
		out, err := writer.Write(template)
		if err != nil {
			t.Fatal(err)
		}
		excluded, star, bound := f.NewSet(), []string(nil), []string(nil)
		for _, pattern := range template.ExcludeActions {
			f.AddMatches(excluded, pattern)
		}
		sids := map[string]bool{}
		for _, s := range out.Policy.Statement {
			if sids[s.SID] || !validSID.MatchString(s.SID) || !slices.IsSorted(s.Action) || len(s.Action) == 0 {
				t.Fatalf("statement %+v", s)
			}
			sids[s.SID] = true
			for _, name := range s.Action {
				if id, ok := f.LookupAction(name); !ok || excluded.Has(id) {
					t.Fatalf("%s grants %s, which is excluded or unknown", s.SID, name)
				}
			}
			if s.SID == "MultMultNone" {
				star = s.Action
				continue
			}
			bound = append(bound, s.Action...)
			f.checkBound(t, s, asked)
		}
		for _, name := range star {
			if !f.needs(bound, name) {
				t.Fatalf("MultMultNone grants %s, which no action needs", name)
			}
		}
	})
}

// checkBound checks that every action of a statement has the level that its
// resources were given for and supports what they name, or is needed by one.
func (f facts) checkBound(t *rapid.T, s policy.WrittenStatement, asked map[catalog.Level][]string) {
	level := catalog.Level(0)
	for l := range catalog.Level(catalog.LevelCount) {
		name := strings.ReplaceAll(l.String(), " ", "")
		if strings.Contains(strings.ToLower(s.SID), strings.ToLower(name)) && len(f.all(s.Action, l)) > 0 && subset(s.Resource, asked[l]) {
			level = l
		}
	}
	direct := f.all(s.Action, level)
	for _, name := range s.Action {
		if !slices.Contains(direct, name) && !f.needs(direct, name) {
			t.Fatalf("%s grants %s, which was not asked for at %s", s.SID, name, level)
		}
		for _, arn := range s.Resource {
			if !f.supports(name, arn) {
				t.Fatalf("%s grants %s on %s, of which it knows nothing", s.SID, name, arn)
			}
		}
	}
}

// supports reports whether an action supports a type that the ARN names.
func (f facts) supports(name, arn string) bool {
	id, _ := f.LookupAction(name)
	action := f.Action(id)
	matches, _ := f.MatchARN(arn)
	return slices.ContainsFunc(matches, func(m catalog.ResourceMatch) bool {
		return m.Service == f.ServiceOf(id) &&
			slices.ContainsFunc(action.Resources, func(r catalog.ActionResource) bool { return r.Type == m.Type })
	})
}

func subset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

func TestWriteGrantsEveryListedActionWithWhatItNeeds(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		action := rapid.Custom(func(t *rapid.T) string {
			return f.FullName(catalog.ActionID(rapid.IntRange(0, f.Len()-1).Draw(t, "action")))
		})
		asked := rapid.SliceOfN(action, 1, 8).Draw(t, "actions")
		out, err := writer.Write(policy.Template{Mode: "actions", Actions: asked})
		if err != nil {
			t.Fatal(err)
		}
		granted, wanted := f.NewSet(), f.NewSet()
		for _, s := range out.Policy.Statement {
			for _, name := range s.Action {
				f.AddMatches(granted, name)
				id, _ := f.LookupAction(name)
				if s.Resource[0] == "*" && slices.Contains(asked, name) && len(f.Action(id).Resources) > 0 {
					t.Fatalf("%s is granted on * although it can be bound", name)
				}
			}
		}
		for _, name := range asked {
			id, _ := f.LookupAction(name)
			wanted.Add(id)
			for _, needed := range f.Action(id).Dependents {
				f.AddMatches(wanted, needed)
			}
		}
		if !granted.Equal(wanted) {
			t.Fatalf("granted %v, want %v", f.names(granted), f.names(wanted))
		}
	})
}

// Whatever has conditions is granted under them, and nothing else is; but for
// them the policy grants what it would without.
func TestConditionsStayWithTheirResources(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	blocks := []policy.Conditions{
		nil,
		{"StringEquals": {"aws:PrincipalOrgID": {"o-1"}}},
		{"Bool": {"aws:SecureTransport": {"true"}}, "IpAddress": {"aws:SourceIp": {"10.0.0.0/8", "2001:db8::/32"}}},
	}
	rapid.Check(t, func(t *rapid.T) {
		template := policy.Template{Mode: "crud", Write: f.drawARNs(t, "write"), EntryConditions: map[string]policy.Conditions{}}
		plain, err := writer.Write(template)
		if err != nil {
			t.Fatal(err)
		}
		wanted := map[string]bool{}
		for i, arn := range template.Write {
			block := rapid.IntRange(0, len(blocks)-1).Draw(t, "conditions")
			template.EntryConditions[fmt.Sprintf("write[%d]", i)] = blocks[block]
			wanted[fmt.Sprint(arn, blocks[block])] = true
		}
		out, err := writer.Write(template)
		if err != nil {
			t.Fatal(err)
		}
		granted, before := map[string]bool{}, map[string]bool{}
		for _, s := range out.Policy.Statement {
			for _, arn := range s.Resource {
				if arn != "*" && !wanted[fmt.Sprint(arn, s.Condition)] {
					t.Fatalf("%s grants on %s under %v", s.SID, arn, s.Condition)
				}
				for _, action := range s.Action {
					granted[action+" on "+arn] = true
				}
			}
		}
		for _, s := range plain.Policy.Statement {
			for _, arn := range s.Resource {
				for _, action := range s.Action {
					before[action+" on "+arn] = true
				}
			}
		}
		if diff := cmp.Diff(before, granted); diff != "" {
			t.Fatalf("grants (-without +with conditions):\n%s", diff)
		}
	})
}

// A writer uses the memory of one template for the next. Nothing of the one must be
// in the other, and what was written must stay as it is.
func TestAWriterForgetsTheTemplatesBefore(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		type written struct {
			result *policy.Result
			text   string
		}
		var before []written
		for range rapid.IntRange(2, 6).Draw(t, "templates") {
			template, options := f.drawTemplate(t), policy.Options{Explain: rapid.Bool().Draw(t, "explain")}
			got, err := writer.WriteWith(template, options)
			want, wantErr := policy.NewWriter(f.Catalog).WriteWith(template, options)
			if diff := cmp.Diff(want, got); diff != "" || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("a new writer says %v, an old one %v (-new +old):\n%s", wantErr, err, diff)
			}
			if err == nil {
				before = append(before, written{got, fmt.Sprint(*got)})
			}
		}
		for _, w := range before {
			if now := fmt.Sprint(*w.result); now != w.text {
				t.Fatalf("a later template changed\n%s\ninto\n%s", w.text, now)
			}
		}
	})
}

// drawTemplate draws a template of either mode, some with faults.
func (f facts) drawTemplate(t *rapid.T) policy.Template {
	actions := []string{"s3:GetObject", "ec2:Run*", "iam:PassRole", "s3:*", "sqs:ListQueues", "lambda:Create*", "no:Such", "s3:GetObjcet"}
	draw := func(label string) []string { return rapid.SliceOfN(rapid.SampledFrom(actions), 0, 3).Draw(t, label) }
	template := policy.Template{Mode: "actions", Actions: draw("actions"), Effect: rapid.SampledFrom([]string{"", "", "Deny"}).Draw(t, "effect")}
	if rapid.Bool().Draw(t, "crud") {
		template = policy.Template{
			Mode: "crud", Effect: template.Effect,
			Read: f.drawARNs(t, "read"), Write: f.drawARNs(t, "write"), Tagging: f.drawARNs(t, "tagging"),
			WildcardOnly:            policy.WildcardOnly{SingleActions: draw("single"), ServiceList: rapid.SliceOfN(rapid.SampledFrom([]string{"s3", "ec2", "nosuch"}), 0, 2).Draw(t, "services")},
			SkipResourceConstraints: draw("skip"), ExcludeActions: draw("exclude"),
			STS: policy.STS{AssumeRole: rapid.SliceOfN(rapid.SampledFrom([]string{"arn:aws:iam::123456789012:role/a", "arn:aws:s3:::a"}), 0, 2).Draw(t, "roles")},
		}
	}
	if rapid.Bool().Draw(t, "conditions") {
		template.Conditions = policy.Conditions{"Bool": {"aws:SecureTransport": {"true"}}}
	}
	return template
}
