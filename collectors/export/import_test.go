package export_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/collectors/export"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/schemas/event"
)

const (
	arns  = "arn:aws-cn:iam::123456789012:"
	trust = `{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com.cn"},"Action":"sts:AssumeRole"}]}`
	team  = `{"Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}`
	team1 = `{"Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}`
	ada   = `{"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws-cn:s3:::a+b/*"}]}`
	empty = `{"Statement":[]}`
)

func hash(doc string) string { return event.HashDocument([]byte(doc)) }

func TestImportReadsWhatExportsVaryIn(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	s := imported(t, js, export.Config{ObservedAt: at}, "testdata/account.json")
	got := natstest.Read(t, js)

	teamRef := event.PolicyRef{Source: "managed", Name: "Team", ARN: arns + "policy/Team", Document: hash(team)}
	common := func(id string) event.Common {
		return event.Common{Run: s.Run, Account: "123456789012", ID: id, ObservedAt: at}
	}
	want := natstest.Events{
		Accounts: []event.Account{{
			Common: common("123456789012"), Partition: "aws-cn",
			Controls: event.Controls{State: event.StateNotCollected, Reason: "a saved account does not hold the service control policies of its organization"},
		}},
		Users: []event.User{{
			Common: common("AIDAAAAAAAAAAAAAAAADA"),
			Identity: event.Identity{Name: "ada", Path: "/people/", ARN: arns + "user/people/ada",
				CreatedAt: time.Date(2022, 8, 7, 12, 55, 38, 0, time.UTC), Tags: map[string]string{"team": "blue"}},
			Groups: []event.Membership{{Name: "admins", Policies: []event.PolicyRef{teamRef}}, {Name: "readers"}},
			Policies: []event.PolicyRef{
				{Source: "managed", Name: "Absent", ARN: "arn:aws-cn:iam::aws:policy/Absent"}, teamRef,
				{Source: "inline", Name: "own", Document: hash(ada)},
			},
			Boundary: &event.PolicyRef{Source: "managed", Name: "Boundary", ARN: arns + "policy/edge/Boundary", Document: hash(empty)},
		}, {
			Common:   common("bf7e8b35b5bc62e3ffca0a5f8b6a6ee8"),
			Identity: event.Identity{Name: "bob", Path: "/", ARN: arns + "user/bob"},
		}},
		Roles: []event.Role{{
			Common: common("app"),
			Identity: event.Identity{Name: "app", Path: "/", ARN: arns + "role/app",
				CreatedAt: time.Date(2019, 12, 18, 11, 10, 8, 0, time.UTC)},
			Trust: hash(trust), Policies: []event.PolicyRef{{Source: "inline", Name: "own", Document: hash(empty)}},
			LastUsedAt: time.Date(2026, 5, 30, 1, 2, 3, 0, time.UTC), LastUsedRegion: "cn-north-1",
			InstanceProfiles: []string{arns + "instance-profile/a", arns + "instance-profile/z"},
		}, {
			Common: common("twin"), Identity: event.Identity{Name: "twin", Path: "/", ARN: arns + "role/twin"},
		}},
		Groups: []event.Group{{
			Common: common("AGPAAAAAAAAAAAADMINS"), Identity: event.Identity{Name: "admins", Path: "/", ARN: arns + "group/admins"},
			Policies: []event.PolicyRef{teamRef},
		}, {
			Common: common("readers"), Identity: event.Identity{Name: "readers", Path: "/", ARN: arns + "group/readers"},
		}},
		Policies: []event.Policy{{
			Common:   common("ANPAAAAAAAAAAAAATEAM"),
			Identity: event.Identity{Name: "Team", Path: "/", ARN: arns + "policy/Team", CreatedAt: time.Unix(1600000000, 0).UTC()},
			Owner:    "customer", UpdatedAt: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), DefaultVersion: "v2", Document: hash(team),
			Versions: []event.PolicyVersion{
				{ID: "v2", Default: true, CreatedAt: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), Document: hash(team)},
				{ID: "v1", CreatedAt: time.Date(2020, 9, 13, 12, 26, 40, 0, time.UTC), Document: hash(team1)},
			},
			AttachmentCount: 2, Attachable: true,
		}, {
			Common:   common("ANPAAAAAAAAAABOUNDAR"),
			Identity: event.Identity{Name: "Boundary", Path: "/edge/", ARN: arns + "policy/edge/Boundary"},
			Owner:    "customer", DefaultVersion: "v1", Document: hash(empty),
			Versions: []event.PolicyVersion{{ID: "v1", Default: true, Document: hash(empty)}},
		}},
		Documents: map[string][]byte{},
	}
	for _, doc := range []string{trust, team, team1, ada, empty} {
		want.Documents[hash(doc)] = []byte(doc)
	}
	// Ids that were made up are compared by their shape.
	for i := range got.Users {
		standIn(t, &want.Users[i].Common, got.Users[i].Common, want.Users[i].Name == "bob")
		standIn(t, &want.Roles[i].Common, got.Roles[i].Common, true)
		standIn(t, &want.Groups[i].Common, got.Groups[i].Common, want.Groups[i].Name == "readers")
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(natstest.Events{}, "Runs")); diff != "" {
		t.Error(diff)
	}
	if got.Roles[0].ID == got.Roles[1].ID {
		t.Error("two roles have one id")
	}
	wantCounts := map[event.Kind]int64{"account": 1, "user": 2, "group": 2, "role": 2, "policy": 2}
	if diff := cmp.Diff(wantCounts, s.Events); diff != "" || s.Documents != 5 || got.Runs[1].Source != event.SourceImport {
		t.Errorf("%s; %d documents; %+v", diff, s.Documents, got.Runs[1])
	}
}

// standIn takes over an id that is made of the ARN.
func standIn(t *testing.T, want *event.Common, got event.Common, isStandIn bool) {
	t.Helper()
	if !isStandIn {
		return
	}
	if len(got.ID) != 32 || strings.Trim(got.ID, "0123456789abcdef") != "" {
		t.Errorf("%s is no stand-in for an id", got.ID)
	}
	want.ID = got.ID
}

func TestImportTakesListsInAnyOrderAndTwice(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/account.json")
	if err != nil {
		t.Fatal(err)
	}
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		t.Fatal(err)
	}
	object := func(keys ...string) string {
		var b strings.Builder
		for i, k := range keys {
			b.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + `"` + k + `":` + string(whole[k]))
		}
		return b.String() + "}\n"
	}
	var first natstest.Events
	for i, text := range []string{
		object("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"),
		object("Policies", "GroupDetailList", "RoleDetailList", "UserDetailList"),
		object("RoleDetailList", "UserDetailList") + object("GroupDetailList") + object("Policies"),
		object("Policies", "UserDetailList", "RoleDetailList", "GroupDetailList") + object("UserDetailList", "Policies"),
	} {
		js := natstest.Start(t)
		imported(t, js, export.Config{ObservedAt: at}, file(t, []byte(text)))
		got := natstest.Read(t, js)
		if i == 0 {
			first = got
			continue
		}
		anyRun := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Run" }, cmp.Ignore())
		if diff := cmp.Diff(first, got, anyRun, cmpopts.IgnoreFields(natstest.Events{}, "Runs")); diff != "" {
			t.Errorf("text %d: %s", i, diff)
		}
	}
}

func TestImportReadsPackedFilesAndPipes(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/account.json")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	js := natstest.Start(t)
	for name, content := range map[string][]byte{"gzip": packed.Bytes(), "byte order mark": slices.Concat([]byte("\uFEFF"), raw)} {
		if s := imported(t, js, export.Config{}, file(t, content)); s.Events[event.KindUser] != 2 {
			t.Errorf("%s: %v", name, s.Events)
		}
	}
	s, err := importerFrom(js, export.Config{}, &packed).Import(t.Context(), "-")
	if err != nil || s.Events[event.KindUser] != 2 {
		t.Errorf("standard input: %v, %v", s.Events, err)
	}
}

func TestImportSaysThatItKnowsNoServiceControlPolicies(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	whole := `{"UserDetailList":[{"UserName":"a","UserId":"AIDA1","Arn":"arn:aws:iam::123456789012:user/a"}]}`
	s, err := newImporter(js, export.Config{}).Import(t.Context(), file(t, []byte(whole)))
	if err != nil || s.Status != event.RunComplete || len(s.Problems) != 1 || s.Problems[0].Part != "controls" || s.Problems[0].State != event.StateNotCollected {
		t.Errorf("%+v, %v", s, err)
	}
	if got := natstest.Read(t, js); got.Accounts[0].State != event.StateNotCollected || got.Users[0].Controls != nil {
		t.Errorf("%+v", got.Accounts[0].Controls)
	}
}

func TestImportOfOnePageIsPartial(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	page := `{"UserDetailList":[{"UserName":"a","UserId":"AIDA1","Arn":"arn:aws:iam::123456789012:user/a"}],"IsTruncated":true,"Marker":"x"}`
	s, err := newImporter(js, export.Config{}).Import(t.Context(), file(t, []byte(page)))
	if err != nil || s.Status != event.RunPartial || len(s.Problems) != 2 || s.Problems[1].State != event.StateTruncated {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	t.Parallel()
	var cfg export.Config
	flags := pflag.NewFlagSet("import", pflag.ContinueOnError)
	cfg.AddFlags(flags)
	if err := flags.Parse([]string{"--account=12", "--observed-at=2999-01-01"}); err != nil {
		t.Fatal(err)
	}
	if joined, ok := cfg.Validate().(interface{ Unwrap() []error }); !ok || len(joined.Unwrap()) != 2 {
		t.Errorf("%v", cfg.Validate())
	}
	if err := (export.Config{Account: "123456789012", ObservedAt: at}).Validate(); err != nil {
		t.Error(err)
	}
}
