package table_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/table"
)

func open(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func find(t *testing.T, c *catalog.Catalog, f catalog.ActionFilter) catalog.Set {
	t.Helper()
	set, err := c.FindActions(f)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestActionsHaveARowForEachResourceType(t *testing.T) {
	t.Parallel()
	c := open(t)
	want := []table.Action{{
		Action: "iam:PassRole", AccessLevel: "Write", ResourceType: "role", Required: true,
		ARN:           "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
		ConditionKeys: []string{"iam:AssociatedResourceArn", "iam:PassedToService"}, Dependents: []string{},
	}}
	got := rowsOf(t, c, catalog.ActionFilter{Name: "iam:PassRole"})
	got[0].ConditionKeys = slices.DeleteFunc(got[0].ConditionKeys, func(k string) bool { return strings.HasPrefix(k, "aws:") || k == "iam:ResourceTag/${TagKey}" })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	got = rowsOf(t, c, catalog.ActionFilter{Name: "s3:ListAllMyBuckets"})
	if len(got) != 1 || got[0].ARN != "*" || got[0].ResourceType != "" || got[0].Dependents == nil {
		t.Errorf("rows %+v", got)
	}
}

// TestEveryRowPassesTheFilter asks for actions that support several types, and for a
// key that an action has on one of its types only.
func TestEveryRowPassesTheFilter(t *testing.T) {
	t.Parallel()
	c := open(t)
	rows := rowsOf(t, c, catalog.ActionFilter{Service: "s3", ResourceType: "Bucket"})
	for _, r := range rows {
		if r.ResourceType != "bucket" {
			t.Errorf("row %+v", r)
		}
	}
	if len(rows) != find(t, c, catalog.ActionFilter{Service: "s3", ResourceType: "bucket"}).Count() {
		t.Errorf("%d rows", len(rows))
	}
	const key = "ec2:InstanceType"
	rows = rowsOf(t, c, catalog.ActionFilter{Name: "ec2:RunInstances", Condition: key})
	for _, r := range rows {
		if !slices.Contains(r.ConditionKeys, key) {
			t.Errorf("row %+v", r)
		}
	}
	if len(rows) == 0 || len(rows) == len(rowsOf(t, c, catalog.ActionFilter{Name: "ec2:RunInstances"})) {
		t.Errorf("%d rows under %s", len(rows), key)
	}
	for typ, want := range map[string]int{"instance": 1, "subnet": 0} {
		if rows := rowsOf(t, c, catalog.ActionFilter{Name: "ec2:RunInstances", Condition: key, ResourceType: typ}); len(rows) != want {
			t.Errorf("%s: %+v", typ, rows)
		}
	}
}

// TestRowsHaveTheKeysOfTheirResourceTypes asks by keys that resource types list, and
// that no action does.
func TestRowsHaveTheKeysOfTheirResourceTypes(t *testing.T) {
	t.Parallel()
	c := open(t)
	for key, want := range map[string]catalog.ActionFilter{
		"aws:ResourceTag/${TagKey}": {Service: "sqs", ResourceType: "queue"},
		"s3:BucketTag/${TagKey}":    {Name: "s3:ListBucket", ResourceType: "bucket"},
	} {
		under := want
		under.Condition = key
		rows := rowsOf(t, c, under)
		if diff := cmp.Diff(rowsOf(t, c, want), rows); diff != "" || len(rows) == 0 {
			t.Errorf("%s (-all +under the key):\n%s", key, diff)
		}
		for _, r := range rows {
			if !slices.Contains(r.ConditionKeys, key) {
				t.Errorf("%s: row %+v", key, r)
			}
		}
	}
	for _, r := range rowsOf(t, c, catalog.ActionFilter{Name: "ec2:TerminateInstances"}) {
		if slices.ContainsFunc(r.ConditionKeys, catalog.KeyOfRequest) {
			t.Errorf("no tags are in a request to terminate: %+v", r)
		}
	}
}

// TestRowsAreUnderTheKeysThatTheyList takes each key of each row as a filter.
func TestRowsAreUnderTheKeysThatTheyList(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, service := range []string{"sqs", "s3", "ec2", "ecr", "amplify", "secretsmanager"} {
		for _, r := range rowsOf(t, c, catalog.ActionFilter{Service: service}) {
			a, _ := c.LookupAction(r.Action)
			for _, key := range r.ConditionKeys {
				if r.ResourceType != "" && !c.SupportsKeyOn(a, r.ResourceType, key) {
					t.Errorf("%s on %s does not support %s", r.Action, r.ResourceType, key)
				}
			}
		}
	}
}

func rowsOf(t *testing.T, c *catalog.Catalog, f catalog.ActionFilter) []table.Action {
	t.Helper()
	return table.Actions(c, find(t, c, f), f)
}

func TestActionsAgreeWithTheCatalog(t *testing.T) {
	t.Parallel()
	c := open(t)
	all := find(t, c, catalog.ActionFilter{})
	rows := table.Actions(c, all, catalog.ActionFilter{})
	var names []string
	for _, r := range rows {
		if len(names) == 0 || names[len(names)-1] != r.Action {
			names = append(names, r.Action)
		}
	}
	if !slices.Equal(names, c.Names(all)) {
		t.Error("the rows are not in the order of the names")
	}
	perAction := map[string]int{}
	for _, r := range rows {
		perAction[r.Action]++
		if r.ARN == "" || strings.Contains(r.ARN, ",") || (r.ARN == "*") != (r.ResourceType == "") || !slices.IsSorted(r.ConditionKeys) {
			t.Errorf("row %+v", r)
		}
	}
	for id := range catalog.ActionID(c.Len()) {
		a, types, patterns := c.Action(id), c.ResourceTypes(c.ServiceOf(id)), 0
		for _, r := range a.Resources {
			of := slices.IndexFunc(types, func(t catalog.ResourceType) bool { return t.Name == r.Type })
			patterns += len(types[of].Patterns())
		}
		if got, want := perAction[a.FullName()], max(1, patterns); got != want {
			t.Errorf("%s has %d rows, want %d", a.FullName(), got, want)
		}
	}
}

func TestARNsHaveEachPatternOnce(t *testing.T) {
	t.Parallel()
	got := table.ARNs([]table.Resource{{ARN: "arn:a"}, {ARN: "arn:b"}, {ARN: "arn:a"}, {ARN: "arn:c"}})
	if diff := cmp.Diff([]string{"arn:a", "arn:b", "arn:c"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRowsOfTheOtherTables(t *testing.T) {
	t.Parallel()
	got := table.Resources([]catalog.ResourceType{{Service: "s", Name: "n", ARN: "a"}})
	if diff := cmp.Diff([]table.Resource{{Service: "s", Name: "n", ARN: "a", ConditionKeys: []string{}}}, got); diff != "" {
		t.Error(diff)
	}
	got = table.Resources([]catalog.ResourceType{{Service: "s", Name: "n", ARN: "a, b", ConditionKeys: []string{"k"}}})
	want := []table.Resource{{Service: "s", Name: "n", ARN: "a", ConditionKeys: []string{"k"}}, {Service: "s", Name: "n", ARN: "b", ConditionKeys: []string{"k"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := table.Conditions([]catalog.ConditionKey{{Service: "s", Name: "s:k", Type: "Bool"}}); got[0] != (table.Condition{Service: "s", Name: "s:k", Type: "Bool"}) {
		t.Errorf("%+v", got)
	}
	if got := table.Services([]catalog.Service{{Prefix: "s", Name: "S", First: 2, End: 5}}); got[0] != (table.Service{Prefix: "s", Name: "S", Actions: 3}) {
		t.Errorf("%+v", got)
	}
}
