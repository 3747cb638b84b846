package diff_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/diff"
	"github.com/leastwise/leastwise/catalog/source"
)

func parse(t testing.TB, f *source.Facts) *catalog.Catalog {
	t.Helper()
	if f.Date.IsZero() {
		f.Date = time.Unix(1, 0)
	}
	data, err := source.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shed are facts of one service that tests change.
func shed() *source.Facts {
	return &source.Facts{LastAccessedKnown: true, Services: []source.Service{{
		Prefix: "shed", Name: "Shed",
		Actions: []source.Action{
			{Name: "BorrowTool", Level: catalog.Write, ConditionKeys: []string{"shed:Size"}, Dependents: []string{"shed:ListTools"},
				Resources: []catalog.ActionResource{{Type: "tool", Required: true, ConditionKeys: []string{"shed:Age"}}}},
			{Name: "ListTools", Level: catalog.List, LastAccessed: true},
		},
		ResourceTypes: []catalog.ResourceType{
			{Name: "tool", ARN: "arn:${Partition}:shed:::tool/${Id}", ConditionKeys: []string{"shed:Age"}},
			{Name: "shelf", ARN: "arn:${Partition}:shed:::shelf/${Id}"},
		},
		ConditionKeys: []catalog.ConditionKey{{Name: "shed:Size", Type: "Numeric"}, {Name: "shed:Age", Type: "Numeric"}},
	}}}
}

func compare(t *testing.T, old, now *source.Facts) string {
	t.Helper()
	text, err := json.Marshal(diff.Compare(parse(t, old), parse(t, now)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCompareSaysWhatChanged(t *testing.T) {
	t.Parallel()
	const none = `{"services":[],"actions":[],"resource_types":[],"condition_keys":[]}`
	with := func(list, changes string) string {
		return strings.Replace(none, `"`+list+`":[]`, `"`+list+`":[`+changes+`]`, 1)
	}
	tests := map[string]struct {
		change func(s *source.Service)
		want   string
	}{
		"nothing": {func(*source.Service) {}, none},
		"another order": {func(s *source.Service) {
			slices.Reverse(s.Actions)
			slices.Reverse(s.ResourceTypes)
			slices.Reverse(s.ConditionKeys)
		}, none},
		"a name": {func(s *source.Service) { s.Name = "AWS Shed" },
			with("services", `{"change":"changed","service":"shed","name":"shed","fields":[{"field":"service_name","from":"Shed","to":"AWS Shed"}]}`)},
		"a level": {func(s *source.Service) { s.Actions[1].Level = catalog.Read },
			with("actions", `{"change":"changed","service":"shed","name":"shed:ListTools","access_level":"Read","fields":[{"field":"access_level","from":"List","to":"Read"}]}`)},
		"an action more": {func(s *source.Service) {
			s.Actions = append(s.Actions, source.Action{Name: "Burn", Level: catalog.Write})
		},
			with("actions", `{"change":"added","service":"shed","name":"shed:Burn","access_level":"Write"}`)},
		"an action less": {func(s *source.Service) { s.Actions = s.Actions[1:] },
			with("actions", `{"change":"removed","service":"shed","name":"shed:BorrowTool","access_level":"Write"}`)},
		"an action's spelling": {func(s *source.Service) { s.Actions[0].Name = "borrowTool" },
			with("actions", `{"change":"changed","service":"shed","name":"shed:borrowTool","access_level":"Write","fields":[{"field":"name","from":"shed:BorrowTool","to":"shed:borrowTool"}]}`)},
		"what an action supports and needs": {func(s *source.Service) {
			a := &s.Actions[0]
			a.Resources[0].Type, a.ConditionKeys, a.Dependents, a.LastAccessed = "shelf", nil, nil, true
		}, with("actions", `{"change":"changed","service":"shed","name":"shed:BorrowTool","access_level":"Write","fields":[`+
			`{"field":"resource_types","added":["shelf"],"removed":["tool"]},{"field":"required_resource_types","added":["shelf"],"removed":["tool"]},`+
			`{"field":"condition_keys","removed":["shed:Size"]},{"field":"dependent_actions","removed":["shed:ListTools"]},{"field":"last_accessed","from":"no","to":"yes"}]}`)},
		"a type no longer required": {func(s *source.Service) { s.Actions[0].Resources[0].Required = false },
			with("actions", `{"change":"changed","service":"shed","name":"shed:BorrowTool","access_level":"Write","fields":[{"field":"required_resource_types","removed":["tool"]}]}`)},
		"a key of the action, not of its type": {func(s *source.Service) {
			s.Actions[0].ConditionKeys, s.Actions[0].Resources[0].ConditionKeys = []string{"shed:Age", "shed:Size"}, nil
		}, none},
		"types": {func(s *source.Service) {
			s.ResourceTypes[0].ARN, s.ResourceTypes[0].ConditionKeys = "arn:${Partition}:shed:::tools/${Id}", []string{"shed:Size"}
			s.ResourceTypes[1].Name = "board"
		}, with("resource_types", `{"change":"added","service":"shed","name":"board"},{"change":"removed","service":"shed","name":"shelf"},`+
			`{"change":"changed","service":"shed","name":"tool","fields":[{"field":"arn","from":"arn:${Partition}:shed:::tool/${Id}","to":"arn:${Partition}:shed:::tools/${Id}"},`+
			`{"field":"condition_keys","added":["shed:Size"],"removed":["shed:Age"]}]}`)},
		"keys": {func(s *source.Service) {
			s.ConditionKeys[0].Type = "String"
			s.ConditionKeys = append(s.ConditionKeys, catalog.ConditionKey{Name: "aws:TagKeys", Type: "ArrayOfString"})
		}, with("condition_keys", `{"change":"added","service":"shed","name":"aws:TagKeys"},{"change":"changed","service":"shed","name":"shed:Size","fields":[{"field":"type","from":"Numeric","to":"String"}]}`)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := shed()
			tt.change(&now.Services[0])
			if got := compare(t, shed(), now); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestCompareHasAllPartsOfAServiceThatCame(t *testing.T) {
	t.Parallel()
	want := `{"services":[{"change":"added","service":"shed","name":"shed"}],"actions":[{"change":"added","service":"shed","name":"shed:BorrowTool","access_level":"Write"},{"change":"added","service":"shed","name":"shed:ListTools","access_level":"List"}],` +
		`"resource_types":[{"change":"added","service":"shed","name":"shelf"},{"change":"added","service":"shed","name":"tool"}],"condition_keys":[{"change":"added","service":"shed","name":"shed:Age"},{"change":"added","service":"shed","name":"shed:Size"}]}`
	if got := compare(t, &source.Facts{}, shed()); got != want {
		t.Errorf("got %s", got)
	}
	if got := compare(t, shed(), &source.Facts{}); got != strings.ReplaceAll(want, `"added"`, `"removed"`) {
		t.Errorf("got %s", got)
	}
}

func TestCompareIgnoresWhatASourceDoesNotSay(t *testing.T) {
	t.Parallel()
	silent := shed()
	silent.LastAccessedKnown = false
	if !diff.Compare(parse(t, silent), parse(t, shed())).Empty() {
		t.Error("what one source does not say is no change")
	}
}

// What changes are said to be there and back are each other's opposite, and a
// catalog compared with itself has none.
func TestCompareIsSymmetric(t *testing.T) {
	t.Parallel()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	if !diff.Compare(c, c).Empty() {
		t.Error("the embedded catalog differs from itself")
	}
	r := rand.New(rand.NewPCG(1, 2))
	levels := map[catalog.ActionID]catalog.Level{}
	for range 200 {
		levels[catalog.ActionID(r.IntN(c.Len()))] = catalog.PermissionsManagement
	}
	other, err := c.WithLevels(levels)
	if err != nil {
		t.Fatal(err)
	}
	there, back := diff.Compare(c, other), diff.Compare(other, c)
	want := 0
	for a, l := range levels {
		if c.LevelOf(a) != l {
			want++
		}
	}
	if len(there.Actions) != want || len(there.Services)+len(there.ResourceTypes)+len(there.ConditionKeys) > 0 {
		t.Errorf("%d changes, want %d", len(there.Actions), want)
	}
	for i, x := range there.Actions {
		y := back.Actions[i]
		f, g := x.Fields[0], y.Fields[0]
		if x.Name != y.Name || f.From != g.To || f.To != g.From || len(x.Fields) != 1 {
			t.Errorf("%s against %s", fmt.Sprint(x), fmt.Sprint(y))
		}
	}
}
