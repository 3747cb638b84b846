package event_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/schemas/event"
)

// badEvents are events with one fault each, and the words that name it.
func badEvents() map[string]struct {
	schema string
	spoil  func(v any)
	fault  string
} {
	type bad = struct {
		schema string
		spoil  func(v any)
		fault  string
	}
	return map[string]bad{
		"run id with a dot":           {"raw.user", spoil(func(u *event.User) { u.Run = "r.1" }), `run is "r.1"`},
		"no run id":                   {"raw.user", spoil(func(u *event.User) { u.Run = "" }), `run is ""`},
		"account of 11 digits":        {"raw.role", spoil(func(r *event.Role) { r.Account = "12345678901" }), "12-digit"},
		"account with a letter":       {"raw.role", spoil(func(r *event.Role) { r.Account = "12345678901a" }), "12-digit"},
		"ARN as id":                   {"raw.role", spoil(func(r *event.Role) { r.ID = "arn:aws:iam::1:role/x" }), "id is"},
		"id with a wildcard":          {"raw.group", spoil(func(g *event.Group) { g.ID = "*" }), "id is"},
		"id with a full wildcard":     {"raw.group", spoil(func(g *event.Group) { g.ID = ">" }), "id is"},
		"id with a line break":        {"raw.group", spoil(func(g *event.Group) { g.ID = "AGPA1\n" }), "id is"},
		"id of 129 characters":        {"raw.group", spoil(func(g *event.Group) { g.ID = strings.Repeat("A", 129) }), "id is"},
		"never observed":              {"raw.group", spoil(func(g *event.Group) { g.ObservedAt = time.Time{} }), "observed_at is missing"},
		"no name":                     {"raw.user", spoil(func(u *event.User) { u.Name = "" }), "name is missing"},
		"no ARN":                      {"raw.user", spoil(func(u *event.User) { u.ARN = "" }), "arn is missing"},
		"policy without name":         {"raw.user", spoil(func(u *event.User) { u.Policies[0].Name = "" }), "policies.name"},
		"policy of no source":         {"raw.user", spoil(func(u *event.User) { u.Policies[1].Source = "aws" }), "policies.source"},
		"policy with an ETag as hash": {"raw.user", spoil(func(u *event.User) { u.Policies[1].Document = "d41d8cd98f00b204e9800998ecf8427e" }), "policies.document"},
		"group without name":          {"raw.user", spoil(func(u *event.User) { u.Groups[0].Name = "" }), "groups.name"},
		"group's policy of no source": {"raw.user", spoil(func(u *event.User) { u.Groups[1].Policies[0].Source = "" }), "groups.policies.source"},
		"boundary without name":       {"raw.role", spoil(func(r *event.Role) { r.Boundary.Name = "" }), "boundary.name"},
		"trust in upper case":         {"raw.role", spoil(func(r *event.Role) { r.Trust = strings.ToUpper(r.Trust) }), "trust is"},
		"policy of no owner":          {"raw.policy", spoil(func(p *event.Policy) { p.Owner = "AWS" }), "owner is"},
		"policy version without hash": {"raw.policy", spoil(func(p *event.Policy) { p.Versions[0].Document = "" }), "versions.document"},
		"policy version without id":   {"raw.policy", spoil(func(p *event.Policy) { p.Versions[0].ID = "" }), "versions.id"},
		"fewer than no attachments":   {"raw.policy", spoil(func(p *event.Policy) { p.AttachmentCount = -1 }), "attachment_count"},
		"fewer than no boundaries":    {"raw.policy", spoil(func(p *event.Policy) { p.BoundaryCount = -1 }), "boundary_count"},
		"account of no partition":     {"raw.account", spoil(func(a *event.Account) { a.Partition = "" }), "partition is missing"},
		"report on a run":             {"raw.access", spoil(func(a *event.Access) { a.Entity = event.KindRun }), "entity is"},
		"report in no state":          {"raw.access", spoil(func(a *event.Access) { a.State = "" }), "state is"},
		"report of odd granularity":   {"raw.access", spoil(func(a *event.Access) { a.Granularity = "ACTION" }), "granularity is"},
		"report on no service":        {"raw.access", spoil(func(a *event.Access) { a.Services[0].Service = "" }), "services.service"},
		"report on no action":         {"raw.access", spoil(func(a *event.Access) { a.Services[0].Actions[1].Action = "" }), "services.actions.action"},
		"report by minus one":         {"raw.access", spoil(func(a *event.Access) { a.Services[0].Entities = -1 }), "services.entities"},
		"credentials of nobody":       {"raw.credential", spoil(func(c *event.Credential) { c.User = "" }), "user is missing"},
		"third access key":            {"raw.credential", spoil(func(c *event.Credential) { c.AccessKeys[0].Slot = 3 }), "access_keys.slot"},
		"certificate number 0":        {"raw.credential", spoil(func(c *event.Credential) { c.Certificates[0].Slot = 0 }), "certificates.slot"},
		"run in no phase":             {"raw.run", spoil(func(r *event.Run) { r.Phase = "" }), "phase is"},
		"run of no status":            {"raw.run", spoil(func(r *event.Run) { r.Status = "done" }), "status is"},
		"run of no source":            {"raw.run", spoil(func(r *event.Run) { r.Source = "" }), "source is"},
		"run that never started":      {"raw.run", spoil(func(r *event.Run) { r.StartedAt = time.Time{} }), "started_at is missing"},
		"closed run that never ended": {"raw.run", spoil(func(r *event.Run) { r.EndedAt = time.Time{} }), "ended_at is missing"},
		"run that counts runs":        {"raw.run", spoil(func(r *event.Run) { r.Expected[event.KindRun] = 1 }), `"run"`},
		"run that counts documents":   {"raw.run", spoil(func(r *event.Run) { r.Expected[event.KindDocument] = 1 }), `"document"`},
		"run that expects minus one":  {"raw.run", spoil(func(r *event.Run) { r.Expected[event.KindRole] = -1 }), "expected.role"},
		"run that called minus once":  {"raw.run", spoil(func(r *event.Run) { r.Calls["iam:GetRole"] = -1 }), "calls.iam:GetRole"},
		"problem with nothing":        {"raw.run", spoil(func(r *event.Run) { r.Problems[0].Part = "" }), "problems.part"},
		"problem in no state":         {"raw.run", spoil(func(r *event.Run) { r.Problems[0].State = "bad" }), "problems.state"},
		"problem seen minus once":     {"raw.run", spoil(func(r *event.Run) { r.Problems[0].Count = -1 }), "problems.count"},
		"short version":               {"enriched.role", spoil(func(r *event.EnrichedRole) { r.Version = "abc" }), "version is"},
		"no catalog":                  {"enriched.role", spoil(func(r *event.EnrichedRole) { r.Catalog = "" }), "catalog is missing"},
		"catalog of no date":          {"enriched.user", spoil(func(u *event.EnrichedUser) { u.CatalogDate = time.Time{} }), "catalog_date is missing"},
		"unknown access level":        {"enriched.group", spoil(func(g *event.EnrichedGroup) { g.AccessLevel = "Admin" }), "access_level is"},
		"grant for no service":        {"enriched.policy", spoil(func(p *event.EnrichedPolicy) { p.Grants[0].Service = "" }), "grants.service"},
		"enriched without account":    {"enriched.policy", spoil(func(p *event.EnrichedPolicy) { p.Account = "" }), "12-digit"},
		"enriched without owner":      {"enriched.policy", spoil(func(p *event.EnrichedPolicy) { p.Owner = "" }), "owner is"},
		"trust in statement minus 1":  {"enriched.role", spoil(func(r *event.EnrichedRole) { r.Trusts[0].Statement = -1 }), "trusts.statement"},
		"document without hash":       {"enriched.document", spoil(func(d *event.Document) { d.Hash = "" }), "hash is"},
		"document of no catalog":      {"enriched.document", spoil(func(d *event.Document) { d.Catalog = "" }), "catalog is missing"},
		"document minus 1 statements": {"enriched.document", spoil(func(d *event.Document) { d.Statements = -1 }), "statements is"},
		"judgement of a report":       {"enriched.judgement", spoil(func(j *event.Judgement) { j.Entity = event.KindAccess }), "entity is"},
		"judgement of the nameless":   {"enriched.judgement", spoil(func(j *event.Judgement) { j.Name = "" }), "name is missing"},
		"judgement by nobody":         {"enriched.judgement", spoil(func(j *event.Judgement) { j.Judge = "" }), "judge is"},
		"judgement at no time":        {"enriched.judgement", spoil(func(j *event.Judgement) { j.JudgedAt = time.Time{} }), "judged_at is missing"},
		"score over 100":              {"enriched.judgement", spoil(func(j *event.Judgement) { j.Score.Value = 100.5 }), "score.value is 100.5"},
		"score below 0":               {"enriched.judgement", spoil(func(j *event.Judgement) { j.Score.Value = -1 }), "score.value is -1"},
		"finding without id":          {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].ID = "" }), "findings.id"},
		"finding without version":     {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[1].Version = "v1" }), "findings.version"},
		"finding of no rule":          {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].Rule = "" }), "findings.rule"},
		"finding of no category":      {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].Category = "" }), "findings.category"},
		"finding of odd severity":     {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].Severity = "Severe" }), "findings.severity"},
		"finding without reason":      {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].Reason = "" }), "findings.reason"},
		"finding without remedy":      {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].Remedy = "" }), "findings.remedy"},
		"finding of minus 1 actions":  {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].ActionCount = -1 }), "findings.action_count"},
		"evidence in no document":     {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].Evidence[0].Document = "x" }), "evidence.document"},
		"evidence before the first":   {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].Evidence[1].Statement = -1 }), "evidence.statement"},
		"condition without key":       {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].Evidence[0].Conditions[0].Key = "" }), "conditions.key"},
		"condition without operator":  {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].Evidence[0].Conditions[0].Operator = "" }), "conditions.operator"},
		"target of nothing":           {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].Target.Needs = "" }), "target.needs"},
		"target of minus 1":           {"enriched.judgement", spoil(func(j *event.Judgement) { j.Findings[0].Target.Count = -1 }), "target.count"},
		"unused nothing":              {"enriched.judgement", spoil(func(j *event.Judgement) { j.Unused[0].Service = "" }), "unused.service"},
		"path from nowhere":           {"enriched.judgement", spoil(func(j *event.Judgement) { j.Paths[0].From = "" }), "paths.from"},
		"path to nowhere":             {"enriched.judgement", spoil(func(j *event.Judgement) { j.Paths[0].To = "" }), "paths.to"},
		"step from nowhere":           {"enriched.judgement", spoil(func(j *event.Judgement) { j.Paths[0].Steps[0].From = "" }), "steps.from"},
		"step to nowhere":             {"enriched.judgement", spoil(func(j *event.Judgement) { j.Paths[0].Steps[0].To = "" }), "steps.to"},
		"step by no method":           {"enriched.judgement", spoil(func(j *event.Judgement) { j.Paths[0].Steps[1].Method = "" }), "steps.method"},
		"totals of minus 1":           {"enriched.judgement", spoil(func(j *event.Judgement) { j.Totals.Judgements = -1 }), "totals.judgements"},
		"totals of no severity":       {"enriched.judgement", spoil(func(j *event.Judgement) { j.Totals.Findings["odd"] = 1 }), "totals.findings"},
		"minus 1 of a severity":       {"enriched.judgement", spoil(func(j *event.Judgement) { j.Totals.Findings["low"] = -1 }), "totals.findings.low"},
		"minus 1 excluded":            {"enriched.judgement", spoil(func(j *event.Judgement) { j.Excluded = -1 }), "excluded is -1"},
		"totals of minus 1 excluded":  {"enriched.judgement", spoil(func(j *event.Judgement) { j.Totals.Excluded = -1 }), "totals.excluded"},
		"minus 1 escalating":          {"enriched.judgement", spoil(func(j *event.Judgement) { j.Totals.Escalating = -1 }), "totals.escalating"},
		"job for no account":          {"job", spoil(func(j *event.Job) { j.Account = "all" }), "12-digit"},
		"job with a space":            {"job", spoil(func(j *event.Job) { j.ID = "a b" }), "id is"},
		"job in no partition":         {"job", spoil(func(j *event.Job) { j.Partition = "" }), "partition is missing"},
		"control of no source":        {"raw.user", spoil(func(u *event.User) { u.Controls[1][0].Source = "scp" }), "controls.source"},
		"control without name":        {"raw.role", spoil(func(r *event.Role) { r.Controls[0][1].Name = "" }), "controls.name"},
		"control with an odd hash":    {"raw.account", spoil(func(a *event.Account) { a.Levels[0][0].Document = "x" }), "controls.document"},
		"level without controls":      {"raw.role", spoil(func(r *event.Role) { r.Controls[1] = []event.PolicyRef{} }), "controls have no policy at level 1"},
		"controls in no state":        {"raw.account", spoil(func(a *event.Account) { a.State = "good" }), "controls_state is"},
		"organization without id":     {"job", spoil(func(j *event.Job) { j.Organization.ID = "" }), "organization.id"},
		"organization of nobody":      {"job", spoil(func(j *event.Job) { j.Organization.Management = "" }), "organization.management"},
		"organization of odd list":    {"raw.account", spoil(func(a *event.Account) { a.Organization.Accounts = "all" }), "organization.accounts"},
		"job with a control unnamed":  {"job", spoil(func(j *event.Job) { j.Levels[0][0].Name = "" }), "controls.name"},
		"job for no time":             {"job", spoil(func(j *event.Job) { j.At = time.Time{} }), "at is missing"},
	}
}

func spoil[T any](change func(*T)) func(any) { return func(v any) { change(v.(*T)) } }

func TestValidateAndSchemasRejectBadEvents(t *testing.T) {
	t.Parallel()
	compiler := newCompiler(t)
	schemas := make(map[string]*jsonschema.Schema)
	for name := range contracts() {
		schemas[name] = compiler.MustCompile(schemaBase + name + ".schema.json")
	}
	for name, bad := range badEvents() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := reflect.New(reflect.TypeOf(contracts()[bad.schema]))
			v.Elem().Set(reflect.ValueOf(fitting(filled(t, contracts()[bad.schema]))))
			bad.spoil(v.Interface())
			spoiled := v.Elem().Interface().(validator)
			reject(t, schemas[bad.schema], spoiled)
			if err := spoiled.Validate(); err != nil && !strings.Contains(err.Error(), bad.fault) {
				t.Errorf("Validate says %q, which does not name %q", err, bad.fault)
			}
		})
	}
}

func TestValidateNamesEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	err := event.Policy{}.Validate()
	for _, field := range []string{"run", "account", "id", "observed_at", "name", "arn", "owner"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("Validate of an empty policy does not name %s: %v", field, err)
		}
	}
}

func TestDocumentWithAnotherContentIsInvalid(t *testing.T) {
	t.Parallel()
	d := fitting(filled(t, event.Document{})).(event.Document)
	for _, content := range []string{"", d.Content + " "} {
		d.Content = content
		if err := d.Validate(); err == nil || !strings.Contains(err.Error(), "content does not have the hash") {
			t.Errorf("Validate of content %q: %v", content, err)
		}
	}
}

// Any event that comes about by changing some fields of a good one is judged
// alike by Validate and by the schema.
func TestValidateAgreesWithSchemas(t *testing.T) {
	t.Parallel()
	texts := rapid.SampledFrom(append(strangeStrings(), enumerated(t)...))
	eachContract(t, func(t *testing.T, name string, zero validator, schema *jsonschema.Schema) {
		rapid.Check(t, func(rt *rapid.T) {
			v := newValue(zero)
			v.Set(reflect.ValueOf(fitting(filled(rt, zero))))
			places := leaves(rt, v, name, texts)
			for range rapid.IntRange(0, 3).Draw(rt, "changes") {
				rapid.SampledFrom(places).Draw(rt, "place").change(rt)
			}
			got, want := v.Interface().(validator).Validate(), judge(rt, schema, v.Interface())
			if (got == nil) != (want == nil) {
				rt.Fatalf("Validate says %v, the schema says %v", got, want)
			}
		})
	})
}

// leaf is a value within an event that can be changed.
type leaf struct {
	path   string
	change func(rt *rapid.T)
}

func (l leaf) String() string { return l.path }

// leaves finds what can be changed in v. The hash and content of a document
// stay: no schema can tell whether they fit.
func leaves(t rapid.TB, v reflect.Value, path string, texts *rapid.Generator[string]) []leaf {
	t.Helper()
	switch {
	case strings.HasSuffix(path, "document.hash"), strings.HasSuffix(path, "document.content"):
		return nil
	case v.Type() == reflect.TypeFor[time.Time]():
		return draw(path, v, rapid.SampledFrom([]time.Time{{}, time.Unix(1_700_000_000, 0).UTC()}))
	}
	switch v.Kind() {
	case reflect.String:
		return draw(path, v, texts)
	case reflect.Int, reflect.Int64:
		return draw(path, v, rapid.SampledFrom([]int64{-1, 0, 1, 2, 3}))
	case reflect.Map:
		return drawMap(path, v)
	case reflect.Pointer:
		return leaves(t, v.Elem(), path, texts)
	case reflect.Slice:
		all := draw(path, v, rapid.Just(reflect.Zero(v.Type()).Interface()))
		for i := range v.Len() {
			all = append(all, leaves(t, v.Index(i), fmt.Sprintf("%s[%d]", path, i), texts)...)
		}
		return all
	case reflect.Struct:
		var all []leaf
		for _, f := range jsonFields(t, v.Type()) {
			all = append(all, leaves(t, v.FieldByIndex(f.index), path+"."+f.name, texts)...)
		}
		return all
	}
	return nil
}

func draw[T any](path string, v reflect.Value, values *rapid.Generator[T]) []leaf {
	return []leaf{{path: path, change: func(rt *rapid.T) {
		v.Set(reflect.ValueOf(values.Draw(rt, path)).Convert(v.Type()))
	}}}
}

func drawMap(path string, v reflect.Value) []leaf {
	if v.Type().Elem().Kind() != reflect.Int64 {
		return nil
	}
	return []leaf{{path: path, change: func(rt *rapid.T) {
		key := rapid.SampledFrom([]string{"", "x", "run", "document", "user", "access"}).Draw(rt, path)
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), reflect.ValueOf(rapid.Int64Range(-1, 1).Draw(rt, path)))
	}}}
}

// strangeStrings has good and bad values for the rules on strings that are not
// enumerations.
func strangeStrings() []string {
	return []string{
		"", "x", "a.b", "*", ">", "a b", "x\n", "\u00e9", "AIDAEXAMPLE_-=", strings.Repeat("a", 128), strings.Repeat("a", 129),
		"123456789012", "1234567890123", "12345678901\u0664", "0123456789abcdef", "0123456789ABCDEF",
		strings.Repeat("0", 64), strings.Repeat("f", 63), "None", "Allow", "1970-01-01",
	}
}

// enumerated returns every string that some schema enumerates.
func enumerated(t *testing.T) []string {
	t.Helper()
	var texts []string
	var walk func(node any)
	walk = func(node any) {
		switch node := node.(type) {
		case []any:
			for _, item := range node {
				walk(item)
			}
		case map[string]any:
			if values, ok := node["enum"].([]any); ok {
				for _, value := range values {
					if text, ok := value.(string); ok {
						texts = append(texts, text)
					}
				}
			}
			for _, key := range slices.Sorted(maps.Keys(node)) {
				walk(node[key])
			}
		}
	}
	for _, name := range schemaFiles(t) {
		raw, err := fs.ReadFile(event.Schemas(), name)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		walk(doc)
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}
