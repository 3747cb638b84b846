package risk_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog/risk"
)

// hygieneCase is an account and the findings of hygiene on one of its entities.
type hygieneCase struct {
	build func(*world)
	of    string
	want  string // ids with spaces between them, "" for none
}

func runHygiene(t *testing.T, tests map[string]hygieneCase) {
	t.Helper()
	t.Parallel()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.build(w)
			j, known := w.judge()[tt.of]
			if !known {
				t.Fatalf("there is no judgement of %s", tt.of)
			}
			if got := hygieneOf(j); got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

func hygieneOf(j risk.Judgement) string {
	var found []string
	for _, f := range j.Findings {
		if f.Category == risk.CategoryHygiene || f.Category == risk.CategoryUnusedPermission {
			found = append(found, strings.TrimSuffix(f.Rule+":"+f.Discriminator, ":"))
		}
	}
	return strings.Join(found, " ")
}

// since sets when a principal was made and last used, in days; 0 is never.
func since(created, used int) part {
	return func(_ *world, p *risk.Principal) {
		p.CreatedAt, p.LastUsedAt = daysAgo(created), time.Time{}
		if used > 0 {
			p.LastUsedAt = daysAgo(used)
		}
	}
}

// report adds a last-accessed report: days since a service was used, 0 is never.
func (w *world) report(entity risk.Entity, ok bool, services map[string]int) *world {
	report := risk.Access{ID: entity.ID, OK: ok}
	for _, name := range slices.Sorted(maps.Keys(services)) {
		s := risk.ServiceAccess{Service: name}
		if days := services[name]; days > 0 {
			s.LastAt = daysAgo(days)
		}
		report.Services = append(report.Services, s)
	}
	w.access = append(w.access, report)
	return w
}

func TestUnusedEntities(t *testing.T) {
	role := func(parts ...part) func(*world) { return func(w *world) { w.role("r", parts...) } }
	runHygiene(t, map[string]hygieneCase{
		"used role":                 {role(since(500, 5)), "role/r", ""},
		"unused role":               {role(since(500, 91)), "role/r", "unused-role"},
		"role used on the last day": {role(since(500, 90)), "role/r", ""},
		"never used role":           {role(since(500, 0)), "role/r", "unused-role"},
		"new role":                  {role(since(80, 0)), "role/r", ""},
		"role of unknown age":       {role(func(_ *world, p *risk.Principal) { p.CreatedAt, p.LastUsedAt = time.Time{}, time.Time{} }), "role/r", ""},
		"role that the report saw":  {func(w *world) { w.role("r", since(500, 0)).report(entity("role", "r"), true, map[string]int{"s3": 3}) }, "role/r", ""},
		"service-linked role":       {func(w *world) { w.role("aws-service-role/x.amazonaws.com/r", since(500, 0), can("s3:*", "*")) }, "role/r", ""},

		"user of whom nothing is known": {func(w *world) { w.user("u", since(500, 0)) }, "user/u", ""},
		"user whose report was denied":  {func(w *world) { w.user("u", since(500, 0)).report(entity("user", "u"), false, nil) }, "user/u", ""},
		"user whose report is empty of use": {func(w *world) { w.user("u", since(500, 0)).report(entity("user", "u"), true, map[string]int{"s3": 0}) },
			"user/u", "unused-user"},
		"user with credentials of a service only": {func(w *world) { w.user("u", since(500, 0)).keys("u", false) }, "user/u", ""},
		"user who signs in": {func(w *world) {
			w.user("u", since(500, 0)).keys("u", true)
			w.credentials[0].MFA, w.credentials[0].PasswordLastUsedAt = true, daysAgo(3)
		}, "user/u", ""},
		"user whose key is used": {func(w *world) {
			w.user("u", since(500, 0)).keys("u", false, risk.AccessKey{Slot: 1, Active: true, RotatedAt: daysAgo(80), LastUsedAt: daysAgo(2)})
			w.credentials[0].MFA = true
		}, "user/u", ""},
		"user who is gone": {func(w *world) {
			w.user("u", since(500, 0)).keys("u", true)
			w.credentials[0].MFA, w.credentials[0].PasswordLastUsedAt, w.credentials[0].PasswordChangedAt = true, daysAgo(300), daysAgo(400)
		}, "user/u", "unused-password unused-user"},
		"user who is new": {func(w *world) { w.user("u", since(20, 0)).report(entity("user", "u"), true, map[string]int{"s3": 0}) }, "user/u", ""},

		"group with a member": {func(w *world) {
			w.group("g", everything).user("u", in("g"))
			w.groups[0].CreatedAt = daysAgo(500)
		}, "group/g", "inline-policy"},
		"group without members": {func(w *world) {
			w.group("g", everything)
			w.groups[0].CreatedAt = daysAgo(500)
		}, "group/g", "inline-policy unused-group"},
		"new group without members": {func(w *world) { w.group("g", everything) }, "group/g", "inline-policy"},
		"group whose members do not use it": {func(w *world) {
			w.group("g", everything).user("u", in("g")).report(entity("group", "g"), true, map[string]int{"s3": 200, "ec2": 0})
			w.groups[0].CreatedAt = daysAgo(500)
		}, "group/g", "inline-policy unused-group"},
		"group of which a service is used": {func(w *world) {
			w.group("g", everything).user("u", in("g")).report(entity("group", "g"), true, map[string]int{"s3": 2, "ec2": 0})
			w.groups[0].CreatedAt = daysAgo(500)
		}, "group/g", "inline-policy"},
	})
}

func TestPolicies(t *testing.T) {
	old := func(w *world) { w.policies[0].CreatedAt = daysAgo(500) }
	runHygiene(t, map[string]hygieneCase{
		"attached":   {func(w *world) { w.policy("p", everything); old(w) }, "policy/p", ""},
		"unattached": {func(w *world) { w.policy("p", everything); old(w); w.policies[0].Attachments = 0 }, "policy/p", "unattached-policy"},
		"a boundary": {func(w *world) {
			w.policy("p", everything)
			old(w)
			w.policies[0].Attachments, w.policies[0].Boundaries = 0, 1
		}, "policy/p", ""},
		"new and unattached": {func(w *world) { w.policy("p", everything); w.policies[0].Attachments = 0 }, "policy/p", ""},
		"changed lately, unattached": {func(w *world) {
			w.policy("p", everything)
			old(w)
			w.policies[0].Attachments, w.policies[0].UpdatedAt = 0, daysAgo(3)
		}, "policy/p", ""},
		"AWS's, unattached": {func(w *world) {
			w.policy("p", everything)
			old(w)
			w.policies[0].Attachments, w.policies[0].AWS = 0, true
		}, "policy/p", ""},
		"unused": {func(w *world) {
			w.policy("p", everything)
			old(w)
			w.report(entity("policy", "p"), true, map[string]int{"s3": 0})
		}, "policy/p", "unused-policy"},
		"used": {func(w *world) {
			w.policy("p", everything)
			old(w)
			w.report(entity("policy", "p"), true, map[string]int{"s3": 9, "ec2": 0})
		}, "policy/p", ""},
		"report denied": {func(w *world) { w.policy("p", everything); old(w); w.report(entity("policy", "p"), false, nil) }, "policy/p", ""},

		"an earlier version allows more":        {func(w *world) { w.policy("p", allow("s3:GetObject", "*"), allow("s3:*", "*")) }, "policy/p", "policy-version"},
		"an earlier version allows it anywhere": {func(w *world) { w.policy("p", allow("s3:PutObject", "arn:aws:s3:::b/k"), allow("s3:PutObject", "*")) }, "policy/p", "policy-version"},
		"an earlier version allows less":        {func(w *world) { w.policy("p", allow("s3:*", "*"), allow("s3:GetObject", "*")) }, "policy/p", ""},
		"an earlier version lists more": {func(w *world) {
			w.policy("p", allow("s3:GetObject", "*"), allow("s3:GetObject s3:ListAllMyBuckets", "*"))
		}, "policy/p", ""},
		"inline policy of a user":           {func(w *world) { w.user("u", can("s3:GetObject", "*")) }, "user/u", "inline-policy"},
		"inline policy of the user's group": {func(w *world) { w.group("g", everything).user("u", in("g")) }, "user/u", ""},
		"managed policy of a user":          {func(w *world) { w.policy("p", everything).user("u", carries("p")) }, "user/u", ""},
	})
}

func TestCredentials(t *testing.T) {
	key := func(slot, made, used int) risk.AccessKey {
		k := risk.AccessKey{Slot: slot, Active: true, RotatedAt: daysAgo(made)}
		if used > 0 {
			k.LastUsedAt = daysAgo(used)
		}
		return k
	}
	user := func(change func(*risk.Credential)) func(*world) {
		return func(w *world) {
			w.user("u", since(10, 0)).keys("u", false)
			w.credentials[0].MFA = true
			change(&w.credentials[0])
		}
	}
	runHygiene(t, map[string]hygieneCase{
		"nothing":              {user(func(*risk.Credential) {}), "user/u", ""},
		"password with MFA":    {user(func(c *risk.Credential) { c.PasswordEnabled = true }), "user/u", ""},
		"password without MFA": {user(func(c *risk.Credential) { c.PasswordEnabled, c.MFA = true, false }), "user/u", "user-without-mfa"},
		"nothing, without MFA": {user(func(c *risk.Credential) { c.MFA = false }), "user/u", ""},
		"key without MFA":      {user(func(c *risk.Credential) { c.MFA = false; c.Keys = []risk.AccessKey{key(1, 3, 1)} }), "user/u", "keys-without-mfa"},
		"password and key without MFA": {user(func(c *risk.Credential) {
			c.PasswordEnabled, c.MFA = true, false
			c.Keys = []risk.AccessKey{key(1, 3, 1)}
		}), "user/u", "user-without-mfa"},
		"new key":           {user(func(c *risk.Credential) { c.Keys = []risk.AccessKey{key(1, 3, 0)} }), "user/u", ""},
		"old key in use":    {user(func(c *risk.Credential) { c.Keys = []risk.AccessKey{key(2, 91, 1)} }), "user/u", "old-access-key:key-2"},
		"old key, unused":   {user(func(c *risk.Credential) { c.Keys = []risk.AccessKey{key(1, 200, 0)} }), "user/u", "old-access-key:key-1 unused-access-key:key-1"},
		"old key, inactive": {user(func(c *risk.Credential) { c.Keys = []risk.AccessKey{key(1, 200, 0)}; c.Keys[0].Active = false }), "user/u", ""},
		"two keys":          {user(func(c *risk.Credential) { c.Keys = []risk.AccessKey{key(1, 3, 1), key(2, 3, 1)} }), "user/u", "several-access-keys"},
		"two keys, one inactive": {user(func(c *risk.Credential) {
			c.Keys = []risk.AccessKey{key(1, 3, 1), key(2, 3, 1)}
			c.Keys[0].Active = false
		}), "user/u", ""},
		"old password, unused":      {user(func(c *risk.Credential) { c.PasswordEnabled, c.PasswordChangedAt = true, daysAgo(200) }), "user/u", "unused-password"},
		"new password, unused":      {user(func(c *risk.Credential) { c.PasswordEnabled, c.PasswordChangedAt = true, daysAgo(20) }), "user/u", ""},
		"password of unknown age":   {user(func(c *risk.Credential) { c.PasswordEnabled = true }), "user/u", ""},
		"disabled password, unused": {user(func(c *risk.Credential) { c.PasswordChangedAt = daysAgo(200) }), "user/u", ""},
	})
}

func TestRoot(t *testing.T) {
	root := func(change func(*risk.Credential)) func(*world) {
		return func(w *world) {
			c := risk.Credential{ID: risk.RootID, MFA: true}
			change(&c)
			w.credentials = append(w.credentials, c)
		}
	}
	summary := func(s map[string]int64) func(*world) { return func(w *world) { w.info.Summary = s } }
	runHygiene(t, map[string]hygieneCase{
		"as it should be":                 {root(func(*risk.Credential) {}), "account/test", ""},
		"nothing known":                   {func(*world) {}, "account/test", ""},
		"without MFA":                     {root(func(c *risk.Credential) { c.MFA = false }), "account/test", "root-without-mfa"},
		"with a key":                      {root(func(c *risk.Credential) { c.Keys = []risk.AccessKey{activeKey(1)} }), "account/test", "root-access-key"},
		"with an inactive key":            {root(func(c *risk.Credential) { c.Keys = []risk.AccessKey{{Slot: 1}} }), "account/test", ""},
		"used lately":                     {root(func(c *risk.Credential) { c.PasswordLastUsedAt = daysAgo(30) }), "account/test", "root-used"},
		"used long ago":                   {root(func(c *risk.Credential) { c.PasswordLastUsedAt = daysAgo(300) }), "account/test", ""},
		"by the summary":                  {summary(map[string]int64{"AccountAccessKeysPresent": 1, "AccountMFAEnabled": 0}), "account/test", "root-access-key root-without-mfa"},
		"as it should be, by the summary": {summary(map[string]int64{"AccountAccessKeysPresent": 0, "AccountMFAEnabled": 1}), "account/test", ""},
		"without any credentials": {func(w *world) {
			root(func(c *risk.Credential) { c.MFA = false })(w)
			summary(map[string]int64{"AccountPasswordPresent": 0, "AccountMFAEnabled": 0})(w)
		}, "account/test", ""},
	})
}

func TestActiveKeysAreCounted(t *testing.T) {
	t.Parallel()
	for want, keys := range map[string][]risk.AccessKey{"1 active key": {activeKey(1)}, "2 active keys": {activeKey(1), activeKey(2)}} {
		w := newWorld(t)
		w.credentials = append(w.credentials, risk.Credential{ID: risk.RootID, MFA: true, Keys: keys})
		got := w.judge()["account/test"].Findings
		if len(got) != 1 || got[0].Rule != "root-access-key" || got[0].Evidence[0].Note != want {
			t.Errorf("%+v, want evidence %q", got, want)
		}
	}
}

func TestEqualPolicies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.policy("a", everything).policy("b", everything).policy("c", allow("s3:*", "*")).role("r", can("s3:*", "*")).role("s", can("ec2:*", "*"))
	w.policies[0].Document, w.policies[1].Document, w.policies[2].Document = "one", "one", "two"
	w.principals[0].Policies.Attachments[0].Document = "two"
	j := w.judge()["account/test"]
	if got := hygieneOf(j); got != "equal-policies:one equal-policies:two" {
		t.Fatalf("found %q", got)
	}
	var notes []string
	for _, f := range j.Findings {
		for _, e := range f.Evidence {
			notes = append(notes, short(strings.ReplaceAll(e.Note, "arn:aws:iam::"+accountID+":", "")))
		}
	}
	want := []string{"2 copies", "policy/a", "policy/b", "2 copies", "policy/c", "inline policy r-0 of role/r"}
	if !slices.Equal(notes, want) {
		t.Errorf("evidence %q, want %q", notes, want)
	}
}

func TestExclusionsHoldForHygiene(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	x, err := risk.ReadExclusions(w.rules, "x.yaml", strings.NewReader("exclude: [{roles: [r], rules: [unused-role], reason: for emergencies}]"))
	if err != nil {
		t.Fatal(err)
	}
	w.facts = w.options(func(o *risk.Options) { o.At, o.Exclusions = today(), x })
	w.role("r", since(500, 0)).role("s", since(500, 0))
	all := w.judge()
	if got := hygieneOf(all["role/r"]) + "/" + hygieneOf(all["role/s"]); got != "/unused-role" {
		t.Errorf("found %q", got)
	}
	if all["role/r"].Excluded != 1 {
		t.Errorf("%d excluded", all["role/r"].Excluded)
	}
}
