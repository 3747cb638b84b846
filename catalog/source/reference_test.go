package source_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/source"
)

// shedFile is a service's file as the Service Reference has it.
const shedFile = `{
  "Name": "shed",
  "Actions": [ {
    "Name": "BorrowTool",
    "ActionConditionKeys": [ "aws:RequestTag/${TagKey}", "shed:Sharpness" ],
    "Annotations": { "Properties": { "IsList": false, "IsPermissionManagement": false, "IsTaggingOnly": false, "IsWrite": true } },
    "Resources": [ { "Name": "tool" }, { "Name": "shelf" } ],
    "SupportedBy": { "IAM Access Analyzer Policy Generation": true, "IAM Action Last Accessed": true }
  }, {
    "Name": "ListTools",
    "Annotations": { "Properties": { "IsList": true, "IsPermissionManagement": false, "IsTaggingOnly": false, "IsWrite": false } },
    "SupportedBy": { "IAM Access Analyzer Policy Generation": true, "IAM Action Last Accessed": false }
  } ],
  "ConditionKeys": [ { "Name": "aws:RequestTag/${TagKey}", "Types": [ "String" ] }, { "Name": "shed:Sharpness", "Types": [ "Numeric" ] } ],
  "Operations": [ { "Name": "BorrowTool", "AuthorizedActions": [ { "Name": "BorrowTool", "Service": "shed" } ], "SDK": [ { "Name": "shed", "Method": "borrow_tool", "Package": "Boto3" } ] } ],
  "Resources": [ {
    "Name": "shelf",
    "ARNFormats": [ "arn:${Partition}:shed:${Region}:${Account}:shelf/${ShelfName}", "arn:${Partition}:shed:::shelf/${ShelfName}" ]
  }, {
    "Name": "tool",
    "ARNFormats": [ "arn:${Partition}:shed:${Region}:${Account}:tool/${ToolName}" ],
    "ConditionKeys": [ "shed:Sharpness" ]
  } ],
  "Version": "v1.4"
}`

func entry(service string) source.ReferenceEntry {
	return source.ReferenceEntry{Service: service, URL: "https://reference.example/v1/" + service + "/" + service + ".json", Modified: time.Unix(1_785_247_299, 0).UTC()}
}

func parseReference(t *testing.T, service, text string) *source.ReferenceService {
	t.Helper()
	s, err := source.ParseReferenceService(entry(service), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// older facts know more of the shed, and of what is there no more.
func olderShed() *source.Facts {
	return &source.Facts{Package: "base", Versions: []string{"2", "1"}, Services: []source.Service{{
		Prefix: "shed", Name: "Amazon Shed",
		Actions: []source.Action{
			{Name: "borrowtool", Level: catalog.Read, Dependents: []string{"shed:ListTools", "shed:LockDoor"},
				Resources: []catalog.ActionResource{{Type: "Tool", Required: true, ConditionKeys: []string{"shed:Sharpness", "aws:requesttag/${TagKey}", "shed:Gone"}}}},
			{Name: "LockDoor", Level: catalog.Write},
		},
		ResourceTypes: []catalog.ResourceType{{Name: "drawer", ARN: "arn:${Partition}:shed:::drawer/${Id}"}},
	}}}
}

func TestReferenceIndexIsRead(t *testing.T) {
	t.Parallel()
	got, err := source.ParseReferenceIndex([]byte(`[
		{"service": "s3", "url": "https://servicereference.us-east-1.amazonaws.com/v1/s3/s3.json", "modified": 1785247299},
		{"service": "shed", "url": "/v1/shed/shed.json"}]`))
	if err != nil {
		t.Fatal(err)
	}
	want := []source.ReferenceEntry{
		{Service: "s3", URL: "https://servicereference.us-east-1.amazonaws.com/v1/s3/s3.json", Modified: time.Unix(1785247299, 0).UTC()},
		{Service: "shed", URL: "/v1/shed/shed.json"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestReferenceIndexTellsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`[{"service": "a"}, {"url": "/b"}, {"service": "c", "url": "/c"}, {"service": "c", "url": "/d"}]`: {
			"entry 1 lacks", "entry 2 lacks", "service c is listed twice",
		},
		`[]`:      {"it lists no service"},
		`{}`:      {"read index"},
		`<html>`:  {"invalid character '<'"},
		`[{"a":1`: {"unexpected end"},
	} {
		_, err := source.ParseReferenceIndex([]byte(text))
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v does not say %q", text, err, w)
			}
		}
	}
}

func TestReferenceServiceIsRead(t *testing.T) {
	t.Parallel()
	s := parseReference(t, "shed", shedFile)
	want := source.Service{
		Prefix: "shed",
		Actions: []source.Action{
			{Name: "BorrowTool", Level: catalog.Write, ConditionKeys: []string{"aws:RequestTag/${TagKey}", "shed:Sharpness"}, LastAccessed: true,
				Resources: []catalog.ActionResource{{Type: "tool"}, {Type: "shelf"}}},
			{Name: "ListTools", Level: catalog.List},
		},
		ResourceTypes: []catalog.ResourceType{
			{Service: "shed", Name: "shelf", ARN: "arn:${Partition}:shed:${Region}:${Account}:shelf/${ShelfName}, arn:${Partition}:shed:::shelf/${ShelfName}"},
			{Service: "shed", Name: "tool", ARN: "arn:${Partition}:shed:${Region}:${Account}:tool/${ToolName}", ConditionKeys: []string{"shed:Sharpness"}},
		},
		ConditionKeys: []catalog.ConditionKey{{Service: "shed", Name: "aws:RequestTag/${TagKey}", Type: "String"}, {Service: "shed", Name: "shed:Sharpness", Type: "Numeric"}},
	}
	if got, want := fmt.Sprintf("%+v", s.Service), fmt.Sprintf("%+v", want); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if s.Version != "v1.4" || !s.Modified.Equal(time.Unix(1_785_247_299, 0)) {
		t.Errorf("version %s of %s", s.Version, s.Modified)
	}
}

func TestReferenceServiceTellsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{"Name": "spade"}`: {`its file is of "spade"`},
		`{"Name": "shed", "Actions": [{"Name": "A"}, {"Name": "a"}, {}], "Resources": [{}], "ConditionKeys": [{"Name": "x:K"}, {"Name": "x:K"}]}`: {
			"action a is named twice", "action 3 has no name", "resource type 1 has no name", "condition key x:K is named twice",
		},
		`{"Name": "shed", "Actions": {}}`: {"read service shed", "Actions"},
		`not found`:                       {"read service shed"},
		``:                                {"unexpected end"},
	} {
		_, err := source.ParseReferenceService(entry("shed"), []byte(text))
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v does not say %q", text, err, w)
			}
		}
	}
}

func TestReferenceLevelsAreTheFirstOfTheRule(t *testing.T) {
	t.Parallel()
	for properties, want := range map[string]catalog.Level{
		`{}`:                                catalog.Read,
		`{"IsList": true}`:                  catalog.List,
		`{"IsList": true, "IsWrite": true}`: catalog.Write,
		`{"IsWrite": true, "IsTaggingOnly": true}`:                                                           catalog.Tagging,
		`{"IsWrite": true, "IsPermissionManagement": true}`:                                                  catalog.PermissionsManagement,
		`{"IsList": true, "IsWrite": true, "IsTaggingOnly": true, "IsPermissionManagement": true, "IsX": 1}`: catalog.PermissionsManagement,
	} {
		s := parseReference(t, "shed", `{"Name": "shed", "Actions": [{"Name": "A", "Annotations": {"Properties": `+properties+`}}]}`)
		if got := s.Actions[0].Level; got != want {
			t.Errorf("%s: %s, want %s", properties, got, want)
		}
	}
}

func TestReferenceFactsKeepWhatTheReferenceDoesNotTell(t *testing.T) {
	t.Parallel()
	f, notes := source.ReferenceFacts([]*source.ReferenceService{parseReference(t, "shed", shedFile)}, time.Unix(1, 0), olderShed())
	if len(notes) > 0 {
		t.Errorf("notes %q", notes)
	}
	if f.Package != "AWS Service Reference" || !slices.Equal(f.Versions, []string{"v1.4"}) || f.KeptFrom != "base 2, 1" || f.Date.Unix() != 1_785_247_299 {
		t.Errorf("%s %v of %s, kept from %s", f.Package, f.Versions, f.Date, f.KeptFrom)
	}
	s := f.Services[0]
	if s.Name != "Amazon Shed" {
		t.Errorf("name %q", s.Name)
	}
	borrow := find(t, f, "BorrowTool")
	want := catalog.ActionResource{Type: "tool", Required: true, ConditionKeys: []string{"aws:requesttag/${TagKey}"}}
	if got := fmt.Sprint(borrow.Level, borrow.Dependents, borrow.Resources[1]); got != fmt.Sprint(catalog.Write, []string{"shed:ListTools"}, catalog.ActionResource{Type: "shelf"}) {
		t.Errorf("got %s", got)
	}
	if got := fmt.Sprint(borrow.Resources[0]); got != fmt.Sprint(want) {
		t.Errorf("got %s, want %v", got, want)
	}
}

func TestReferenceFactsAreACatalog(t *testing.T) {
	t.Parallel()
	embedded, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	f, notes := source.ReferenceFacts([]*source.ReferenceService{parseReference(t, "shed", shedFile)}, time.Unix(1, 0), source.FactsOf(embedded))
	data, err := source.Encode(f)
	if err != nil || len(notes) > 0 {
		t.Fatal(err, notes)
	}
	c, err := catalog.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	borrow, _ := c.LookupAction("shed:BorrowTool")
	list, _ := c.LookupAction("shed:ListTools")
	if a, known := c.LastAccessed(borrow); !a || !known {
		t.Errorf("shed:BorrowTool: %v %v", a, known)
	}
	if a, known := c.LastAccessed(list); a || !known {
		t.Errorf("shed:ListTools: %v %v", a, known)
	}
	if s, _ := c.LookupService("shed"); s.Name != "shed" {
		t.Errorf("a service that nobody knows is called %q", s.Name)
	}
}

func TestReferenceFactsSayWhatContradictsItself(t *testing.T) {
	t.Parallel()
	broken := `{"Name": "shed",
		"Actions": [
			{"Name": "A", "ActionConditionKeys": ["shed:none", "SHED:k"], "Resources": [{"Name": "none"}, {"Name": "bare"}, {"Name": "Drawer"}, {"Name": "Drawer"}]},
			{"Name": "BorrowTool"}],
		"Resources": [{"Name": "bare"}, {"Name": "odd", "ARNFormats": ["arn:aws:x", "*"]}, {"Name": "drawer", "ConditionKeys": ["shed:none"]}],
		"ConditionKeys": [{"Name": "shed:K"}]}`
	f, notes := source.ReferenceFacts([]*source.ReferenceService{parseReference(t, "shed", broken)}, time.Unix(1, 0), olderShed())
	want := []string{
		"action A has no access level; it is taken for Write",
		"condition key shed:K has no type",
		"resource type bare has no ARN format",
		"resource type odd has no ARN format",
		`resource type drawer supports a condition key "shed:none"`,
		`action A supports a condition key "shed:none"`,
		`action A supports a resource type "none"`,
		`action A supports a resource type "bare"`,
	}
	for i, w := range want {
		if len(notes) != len(want) || !strings.Contains(notes[i], w) || !strings.HasPrefix(notes[i], "service shed: ") {
			t.Fatalf("notes %q, want %q", notes, want)
		}
	}
	if a := find(t, f, "A"); fmt.Sprint(a.Level, a.ConditionKeys, a.Resources) != "Write [shed:K] [{Drawer false []}]" {
		t.Errorf("A: %+v", a)
	}
	if a := find(t, f, "BorrowTool"); a.Level != catalog.Read {
		t.Errorf("an action without a level has not the one that it had: %s", a.Level)
	}
	if _, err := source.Encode(f); err != nil {
		t.Errorf("what is left is no catalog: %v", err)
	}
}

func TestReferenceFactsSayWhatLostItsActions(t *testing.T) {
	t.Parallel()
	older := olderShed()
	had := len(older.Services[0].Actions)
	_, notes := source.ReferenceFacts([]*source.ReferenceService{parseReference(t, "shed", `{"Name": "shed"}`)}, time.Unix(1, 0), older)
	want := fmt.Sprintf("service shed: it has no action, and had %d before", had)
	if len(notes) != 1 || notes[0] != want || had == 0 {
		t.Errorf("notes %q, want %q", notes, want)
	}
}

func TestReferenceFactsWithoutDatesAreOfNow(t *testing.T) {
	t.Parallel()
	s := parseReference(t, "shed", shedFile)
	s.Modified = time.Time{}
	f, _ := source.ReferenceFacts([]*source.ReferenceService{s}, time.Unix(77, 0), &source.Facts{})
	if f.Date.Unix() != 77 || f.KeptFrom != "" {
		t.Errorf("date %s, kept from %q", f.Date, f.KeptFrom)
	}
}

func TestPackagesKeepDependentsOnlyWhereTheyHaveNone(t *testing.T) {
	t.Parallel()
	f, err := source.Read(files(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	base, err := source.Read(older(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f.KeepDependents(base)
	if got := find(t, f, "GetThing").Dependents; strings.Join(got, " ") != "one:PutThing One:PutThing one:GetThing" || f.KeptFrom != "facts 1.0" {
		t.Errorf("dependents %q, kept from %q", got, f.KeptFrom)
	}
	f.KeptFrom = ""
	f.KeepDependents(olderShed())
	if got := find(t, f, "GetThing").Dependents; len(got) != 3 || f.KeptFrom != "" {
		t.Errorf("dependents %q, kept from %q", got, f.KeptFrom)
	}
}

func FuzzParseReferenceService(f *testing.F) {
	f.Add([]byte(shedFile))
	f.Add([]byte(`{"Name": "shed", "Actions": [{"Name": "A", "Resources": [{"Name": "r"}]}], "Resources": [{"Name": "r", "ARNFormats": ["arn:${Partition}:a:b:c:d"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := source.ParseReferenceService(entry("shed"), data)
		if err != nil {
			return
		}
		facts, _ := source.ReferenceFacts([]*source.ReferenceService{s}, time.Unix(1, 0), olderShed())
		encoded, err := source.Encode(facts)
		if err != nil {
			return
		}
		if _, err := catalog.Parse(encoded); err != nil {
			t.Errorf("what Encode wrote cannot be read: %v", err)
		}
	})
}
