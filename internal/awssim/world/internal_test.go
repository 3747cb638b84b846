package world

import (
	"slices"
	"strings"
	"testing"
)

func TestDrawsAreEvenAndIndependent(t *testing.T) {
	t.Parallel()
	const n, buckets = 100_000, 10
	var counts [buckets]int
	together := 0
	for i := range n {
		d := draw(7).of(forSlot, i)
		counts[d.below(buckets)]++
		if d.of(forGap).chance(30) && d.of(forSnap).chance(30) {
			together++
		}
	}
	for i, c := range counts {
		if c < n/buckets*95/100 || c > n/buckets*105/100 {
			t.Errorf("bucket %d has %d of %d draws", i, c, n)
		}
	}
	if together < 8_500 || together > 9_500 {
		t.Errorf("two events of 30 %% come together %d times of %d, want 9 %%", together, n)
	}
}

func TestEpochsFollowOneAnotherWithoutGaps(t *testing.T) {
	t.Parallel()
	for i := range 50 {
		d := draw(i).of(forEpoch)
		before := d.epoch(-300, 5, 60)
		for day := -299; day < 300; day++ {
			e := d.epoch(day, 5, 60)
			if day < e.since || day >= e.until || e.until-e.since < 5 || e.until-e.since >= 60 {
				t.Fatalf("day %d is in %+v", day, e)
			}
			if e != before && (e.n != before.n+1 || e.since != before.until) {
				t.Fatalf("%+v follows %+v", e, before)
			}
			before = e
		}
	}
}

func TestFloorDivisionRoundsDown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, div, mod int }{{7, 3, 2, 1}, {-7, 3, -3, 2}, {-6, 3, -2, 0}, {0, 3, 0, 0}, {-1, 3, -1, 2}} {
		if div, mod := floorDiv(c.a, c.b), floorMod(c.a, c.b); div != c.div || mod != c.mod {
			t.Errorf("%d by %d: %d rest %d, want %d rest %d", c.a, c.b, div, mod, c.div, c.mod)
		}
	}
}

func TestTextsReplaceTheirPlaceholders(t *testing.T) {
	t.Parallel()
	v := values{varAccount: "123456789012", varApp: "shop"}
	for in, want := range map[string]string{
		"":                          "",
		"plain":                     "plain",
		"<account>":                 "123456789012",
		"a<app><app>b<account>":     "ashopshopb123456789012",
		`{"${aws:username}": "> "}`: `{"${aws:username}": "> "}`,
	} {
		text, err := parseText(in)
		if err != nil {
			t.Errorf("parse %q: %v", in, err)
			continue
		}
		if got := string(text.render(nil, &v)); got != want {
			t.Errorf("%q renders as %q, want %q", in, got, want)
		}
	}
	for _, broken := range []string{"<", "<app", "<nonsense>", "a < b"} {
		if _, err := parseText(broken); err == nil {
			t.Errorf("%q is accepted", broken)
		}
	}
}

func FuzzParseText(f *testing.F) {
	f.Add("role/<app>-<env>")
	f.Add("<<app>>")
	f.Fuzz(func(t *testing.T, s string) {
		text, err := parseText(s)
		if err != nil {
			return
		}
		var names values
		for name, v := range variableNames() {
			names[v] = "<" + name + ">"
		}
		if got := string(text.render(nil, &names)); got != s {
			t.Errorf("%q renders as %q when variables stand for themselves", s, got)
		}
	})
}

// compiled returns the tables of the default world.
func compiled(t *testing.T) *tables {
	t.Helper()
	tables, err := newTables(DefaultConfig(), &values{varActions: "[]"})
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

func TestEveryTemplateIsUsed(t *testing.T) {
	t.Parallel()
	tables := compiled(t)
	used := map[string]bool{}
	policies := slices.Concat(tables.templates, tables.boundaries)
	var trusts []*template
	attached := []policyRef{tables.awsBoundary}
	for _, a := range slices.Concat(tables.users, tables.groups, tables.roles, tables.hubUsers, tables.fixedGroups, tables.fixedRole) {
		policies = append(policies, a.inline...)
		trusts = append(trusts, a.trust...)
		attached = slices.Concat(attached, a.aws, a.maybe)
	}
	for _, p := range tables.planted {
		for _, a := range slices.Concat(p.users, p.groups, p.roles) {
			trusts = append(trusts, a.trust...)
			attached = append(attached, a.aws...)
			for _, t := range a.inline {
				used["plants/"+t.name] = true
			}
		}
		for _, own := range p.policies {
			used["plants/"+own.template.name] = true
		}
	}
	for _, p := range policies {
		used["policies/"+p.name] = true
	}
	for _, p := range trusts {
		used["trust/"+p.name] = true
	}
	for _, p := range attached {
		used["aws/"+tables.aws.list[p.ref().Slot].name] = true
	}
	for folder, set := range map[string]templateSet{"policies": tables.policies, "trust": tables.trust, "aws": tables.aws, "plants": tables.plants} {
		for _, p := range set.list {
			if !used[folder+"/"+p.name] {
				t.Errorf("nothing is made from templates/%s/%s.txt", folder, p.name)
			}
		}
	}
}

func TestRevisionsOfATemplateDiffer(t *testing.T) {
	t.Parallel()
	tables := compiled(t)
	for _, set := range []templateSet{tables.policies, tables.trust, tables.aws, tables.plants} {
		for _, p := range set.list {
			seen := map[string]bool{}
			for _, r := range p.revisions {
				text := string(r.text.render(nil, &values{}))
				if seen[text] {
					t.Errorf("%s has a revision twice", p.name)
				}
				seen[text] = true
			}
		}
	}
}

func TestGrantsAreReadFromAllowStatements(t *testing.T) {
	t.Parallel()
	services := compiled(t).services
	for _, c := range []struct {
		name, document, services, actions string
	}{
		{"scalar", `{"Statement":{"Effect":"Allow","Action":"sqs:CreateQueue"}}`, "sqs", "sqs:CreateQueue"},
		{"case", `{"Statement":[{"Effect":"Allow","Action":["SQS:createqueue"]}]}`, "sqs", "sqs:CreateQueue"},
		{"wildcard", `{"Statement":[{"Effect":"Allow","Action":["sqs:*Queues"]}]}`, "sqs", "sqs:ListQueues"},
		{"deny", `{"Statement":[{"Effect":"Deny","Action":"*"}]}`, "", ""},
		{"unknown service", `{"Statement":[{"Effect":"Allow","Action":"nonsense:Do"}]}`, "", ""},
		{"unknown action", `{"Statement":[{"Effect":"Allow","Action":"sqs:Dance"}]}`, "sqs", ""},
		{"two statements", `{"Statement":[{"Effect":"Allow","Action":"cur:*"},{"Effect":"Allow","Action":"xray:Put*"}]}`, "cur xray", "cur:DescribeReportDefinitions"},
	} {
		g, err := readGrants([]byte(c.document), services)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var granted, tracked []string
		for i, s := range services.services {
			if g.hasService(i) {
				granted = append(granted, s.namespace)
			}
		}
		for i, a := range services.actions {
			if g.hasAction(i) {
				tracked = append(tracked, a.service+":"+a.name)
			}
		}
		if strings.Join(granted, " ") != c.services || strings.Join(tracked, " ") != c.actions {
			t.Errorf("%s: services %v and actions %v, want %q and %q", c.name, granted, tracked, c.services, c.actions)
		}
	}
	g, err := readGrants([]byte(`{"Statement":{"Effect":"Allow","NotAction":["iam:*","sqs:CreateQueue"]}}`), services)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range services.services {
		if want := s.namespace != "iam"; g.hasService(i) != want {
			t.Errorf("NotAction grants %s: %v", s.namespace, g.hasService(i))
		}
	}
	for i, a := range services.actions {
		if a.name == "CreateQueue" && g.hasAction(i) {
			t.Error("NotAction grants the action that it names")
		}
	}
	for _, broken := range []string{``, `{`, `{}`, `{"Statement":3}`} {
		if _, err := readGrants([]byte(broken), services); err == nil {
			t.Errorf("%q is accepted", broken)
		}
	}
}

func BenchmarkRole(b *testing.B) {
	w, err := New(large())
	if err != nil {
		b.Fatal(err)
	}
	d := w.Management().Day(w.cfg.Start)
	b.ReportAllocs()
	for slot := 0; b.Loop(); slot++ {
		d.Role(slot % d.Slots(KindRole))
	}
}

func BenchmarkIndexOfAHundredThousandRoles(b *testing.B) {
	w, err := New(large())
	if err != nil {
		b.Fatal(err)
	}
	d := w.Management().Day(w.cfg.Start)
	b.ReportAllocs()
	for b.Loop() {
		d.countUse()
		d.hashNames(KindRole)
	}
}

func large() Config {
	cfg := DefaultConfig()
	cfg.Accounts, cfg.Roles, cfg.Policies = 1, 100_000, 1500
	return cfg
}
