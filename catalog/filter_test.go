package catalog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
)

func TestFindActionsCombinesFilters(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	tests := map[string]struct {
		filter catalog.ActionFilter
		want   string
	}{
		"a name":               {catalog.ActionFilter{Service: "s3", Name: "getobject"}, "s3:GetObject"},
		"a full name":          {catalog.ActionFilter{Name: "S3:GetObject"}, "s3:GetObject"},
		"a full name twice":    {catalog.ActionFilter{Service: "S3", Name: "s3:GetObject"}, "s3:GetObject"},
		"a name of all":        {catalog.ActionFilter{Service: "all", Name: "PassRole"}, "iam:PassRole"},
		"a pattern":            {catalog.ActionFilter{Service: "sqs", Name: "*Permission"}, "sqs:AddPermission sqs:RemovePermission"},
		"a level":              {catalog.ActionFilter{Service: "sqs", Levels: []catalog.Level{catalog.Tagging}}, "sqs:TagQueue sqs:UntagQueue"},
		"two levels":           {catalog.ActionFilter{Service: "sqs", Name: "*a*g*", Levels: []catalog.Level{catalog.Tagging, catalog.Read}}, "sqs:ListMessageMoveTasks sqs:ListQueueTags sqs:ReceiveMessage sqs:TagQueue sqs:UntagQueue"},
		"a condition":          {catalog.ActionFilter{Condition: "iam:PassedToService"}, "iam:PassRole"},
		"of another service":   {catalog.ActionFilter{Service: "sqs", Condition: "iam:PassedToService"}, ""},
		"a type":               {catalog.ActionFilter{Service: "sns", ResourceType: "TOPIC", Name: "*Permission"}, "sns:AddPermission sns:RemovePermission"},
		"a type and a level":   {catalog.ActionFilter{Service: "sns", ResourceType: "topic", Levels: []catalog.Level{catalog.Tagging}}, "sns:TagResource sns:UntagResource"},
		"wildcard only":        {catalog.ActionFilter{Service: "s3", WildcardOnly: true, Levels: []catalog.Level{catalog.PermissionsManagement}}, "s3:PutAccessPointPublicAccessBlock s3:PutAccountPublicAccessBlock"},
		"wildcard as the type": {catalog.ActionFilter{Service: "s3", ResourceType: "*", Levels: []catalog.Level{catalog.PermissionsManagement}}, "s3:PutAccessPointPublicAccessBlock s3:PutAccountPublicAccessBlock"},
		"nothing passes":       {catalog.ActionFilter{Service: "sns", ResourceType: "topic", WildcardOnly: true}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := c.FindActions(tt.filter)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for a := range set.All() {
				names = append(names, c.FullName(a))
			}
			slices.Sort(names)
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
	if all, err := c.FindActions(catalog.ActionFilter{}); err != nil || all.Count() != c.Len() {
		t.Errorf("no filter finds %d of %d actions, error %v", all.Count(), c.Len(), err)
	}
}

func TestUnknownNamesSuggestTheNearest(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	action := func(f catalog.ActionFilter) func() error {
		return func() error { _, err := c.FindActions(f); return err }
	}
	tests := map[string]struct {
		find func() error
		kind catalog.Kind
		want string
	}{
		"service":       {action(catalog.ActionFilter{Service: "s33"}), catalog.KindService, `the catalog has no service "s33"; did you mean s3`},
		"action":        {action(catalog.ActionFilter{Service: "s3", Name: "GetObjcet"}), catalog.KindAction, `service s3 has no action "GetObjcet"; did you mean s3:GetObject`},
		"full name":     {action(catalog.ActionFilter{Name: "iam:PassRoll"}), catalog.KindAction, "did you mean iam:PassRole"},
		"any service":   {action(catalog.ActionFilter{Name: "PassRoll"}), catalog.KindAction, "did you mean iam:PassRole"},
		"pattern":       {action(catalog.ActionFilter{Service: "s3", Name: "Zz*"}), catalog.KindAction, `service s3 has no action "Zz*"`},
		"other service": {action(catalog.ActionFilter{Service: "s3", Name: "iam:PassRole"}), catalog.KindAction, `service s3 has no action "iam:PassRole": it is of service iam; ask for that, or for all`},
		"no service":    {action(catalog.ActionFilter{Service: "s3", Name: "iamm:PassRole"}), catalog.KindService, `the catalog has no service "iamm"; did you mean iam`},
		"name of other": {action(catalog.ActionFilter{Service: "s3", Name: "passrole"}), catalog.KindAction, `service s3 has no action "passrole": other services have it; ask for all; did you mean iam:PassRole`},
		"near to other": {action(catalog.ActionFilter{Service: "s3", Name: "passroll"}), catalog.KindAction, "did you mean iam:PassRole"},
		"type pattern":  {action(catalog.ActionFilter{Service: "ssm", ResourceType: "par*"}), catalog.KindResourceType, `"par*": a name is wanted here, and no pattern; did you mean parameter?`},
		"type of other": {func() error { _, err := c.FindResourceTypes("sqs", "bucket"); return err }, catalog.KindResourceType, `service sqs has no resource type "bucket": other services have it; ask for all`},
		"key pattern":   {action(catalog.ActionFilter{Condition: "iam:Passed*"}), catalog.KindConditionKey, `"iam:Passed*": a name is wanted here, and no pattern; did you mean iam:PassedToService?`},
		"key of other":  {func() error { _, err := c.FindConditionKeys("s3", "ec2:Vpc"); return err }, catalog.KindConditionKey, `service s3 has no condition key "ec2:Vpc": other services have it; ask for all`},
		"key, no owner": {func() error { _, err := c.FindConditionKeys("s3", "prefx"); return err }, catalog.KindConditionKey, "did you mean s3:prefix?"},
		"key with tag":  {func() error { _, err := c.FindConditionKeys("s3", "aws:RequsetTag/team"); return err }, catalog.KindConditionKey, "did you mean aws:RequestTag/${TagKey}"},
		"some services": {func() error { _, err := c.FindServices("sq*"); return err }, catalog.KindService, `"sq*": a name is wanted here, and no pattern; did you mean sqs`},
		"type":          {action(catalog.ActionFilter{Service: "s3", ResourceType: "bukcet"}), catalog.KindResourceType, "did you mean bucket"},
		"type of all":   {action(catalog.ActionFilter{ResourceType: "bukcet"}), catalog.KindResourceType, "the catalog has no resource type \"bukcet\"; did you mean Bucket"},
		"condition":     {action(catalog.ActionFilter{Condition: "iam:PassedToServic"}), catalog.KindConditionKey, "did you mean iam:PassedToService"},
		"services":      {func() error { _, err := c.FindServices("ec3"); return err }, catalog.KindService, "did you mean ec2"},
		"types":         {func() error { _, err := c.FindResourceTypes("sqs", "queu"); return err }, catalog.KindResourceType, "did you mean queue"},
		"types' owner":  {func() error { _, err := c.FindResourceTypes("sqss", ""); return err }, catalog.KindService, "did you mean sqs"},
		"keys":          {func() error { _, err := c.FindConditionKeys("s3", "s3:prefx"); return err }, catalog.KindConditionKey, "did you mean s3:prefix"},
		"a tag's key":   {action(catalog.ActionFilter{Condition: "aws:RequestTag"}), catalog.KindConditionKey, "did you mean aws:RequestTag/${TagKey}"},
		"keys of tags":  {func() error { _, err := c.FindConditionKeys("s3", "s3:ExistingObjectTag"); return err }, catalog.KindConditionKey, "did you mean s3:ExistingObjectTag/<key>"},
		"keys' name":    {func() error { _, err := c.FindConditionKeys("all", "Vpc"); return err }, catalog.KindConditionKey, "did you mean ec2:Vpc"},
		"keys' owner":   {func() error { _, err := c.FindConditionKeys("s4", ""); return err }, catalog.KindService, "did you mean "},
		"nothing near":  {action(catalog.ActionFilter{Service: "\x00\xff"}), catalog.KindService, "the catalog has no service"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.find()
			unknown, ok := errors.AsType[*catalog.UnknownError](err)
			if !ok || unknown.Kind != tt.kind || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
			if ok && len(unknown.Nearest) != len(slices.Compact(slices.Sorted(slices.Values(unknown.Nearest)))) {
				t.Errorf("a name stands twice in %v", unknown.Nearest)
			}
		})
	}
}

func TestFindTypesAndKeys(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	types, err := c.FindResourceTypes("sqs", "Queue")
	if err != nil || len(types) != 1 || types[0].Service != "sqs" || types[0].ARN != "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}" {
		t.Errorf("got %+v, %v", types, err)
	}
	all, err := c.FindResourceTypes(catalog.AllServices, "")
	if err != nil || len(all) != c.Info().ResourceTypes {
		t.Errorf("%d resource types of %d, %v", len(all), c.Info().ResourceTypes, err)
	}
	keys, err := c.FindConditionKeys("s3", "s3:existingobjecttag/team")
	if err != nil || len(keys) != 1 || keys[0].Service != "s3" || keys[0].Type != "String" {
		t.Errorf("got %+v, %v", keys, err)
	}
	keys, err = c.FindConditionKeys("all", "ec2:Vpc")
	if err != nil || len(keys) == 0 || keys[0].Name != "ec2:Vpc" {
		t.Errorf("got %+v, %v", keys, err)
	}
	services, err := c.FindServices("All")
	if err != nil || len(services) != c.Services() {
		t.Errorf("%d services of %d, %v", len(services), c.Services(), err)
	}
}

// Two filters together find what both find alone.
func TestFindActionsIsTheIntersectionOfItsFilters(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		service := c.Service(catalog.ServiceID(rapid.IntRange(0, c.Services()-1).Draw(t, "service")))
		action := c.Action(catalog.ActionID(rapid.IntRange(int(service.First), int(service.End)-1).Draw(t, "action")))
		filter := catalog.ActionFilter{Service: service.Prefix, Name: action.Name[:1] + "*", Levels: []catalog.Level{action.Level}}
		parts := []catalog.ActionFilter{{Service: service.Prefix}, {Name: filter.Name}, {Levels: filter.Levels}}
		if c.WildcardOnly(action.ID) {
			filter.WildcardOnly = true
			parts = append(parts, catalog.ActionFilter{WildcardOnly: true})
		} else {
			filter.ResourceType = action.Resources[0].Type
			parts = append(parts, catalog.ActionFilter{ResourceType: filter.ResourceType})
		}
		if len(action.ConditionKeys) > 0 {
			filter.Condition = action.ConditionKeys[0]
			parts = append(parts, catalog.ActionFilter{Condition: filter.Condition})
		}
		got, err := c.FindActions(filter)
		if err != nil {
			t.Fatal(err)
		}
		want := c.NewSet()
		want.AddRange(0, catalog.ActionID(c.Len()))
		for _, part := range parts {
			alone, err := c.FindActions(part)
			if err != nil {
				t.Fatal(err)
			}
			want.Intersect(alone)
		}
		if !got.Equal(want) || !got.Has(action.ID) {
			t.Fatalf("%+v: %d actions, want %d", filter, got.Count(), want.Count())
		}
	})
}
