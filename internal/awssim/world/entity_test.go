package world_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

func TestNamesAndIDsAreUniqueWithinAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Accounts, c.Roles, c.Users, c.Policies, c.Groups = 1, 6000, 3000, 3000, 500 })
	token := regexp.MustCompile(`^(AIDA|AGPA|AROA|ANPA)[A-Z2-7]{17}$`)
	d := onDay(t, w, 0, 20)
	ids := map[string]bool{}
	names := map[world.Kind]map[string]bool{world.KindUser: {}, world.KindGroup: {}, world.KindRole: {}, world.KindPolicy: {}}
	check := func(k world.Kind, name, id string) {
		// IAM does not distinguish names by their case.
		folded := strings.ToLower(name)
		if names[k][folded] || ids[id] {
			t.Errorf("%s %s comes twice", name, id)
		}
		names[k][folded], ids[id] = true, true
		if !token.MatchString(id) {
			t.Errorf("%s has the id %s", name, id)
		}
		if len(name) > 128 || k != world.KindPolicy && len(name) > 64 {
			t.Errorf("%s is %d characters long", name, len(name))
		}
		if !regexp.MustCompile(`^[\w+=,.@-]+$`).MatchString(name) {
			t.Errorf("%s has characters that IAM does not allow", name)
		}
	}
	for u := range d.Users() {
		check(world.KindUser, u.Name, u.ID)
	}
	for g := range d.Groups() {
		check(world.KindGroup, g.Name, g.ID)
	}
	for r := range d.Roles() {
		check(world.KindRole, r.Name, r.ID)
	}
	for p := range d.Policies() {
		check(world.KindPolicy, p.Name, p.ID)
	}
	if got := len(names[world.KindRole]); got < 5500 || got > 6500 {
		t.Errorf("%d roles, want about 6000", got)
	}
}

func TestARNsComeBackWithNewIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ids := map[string]map[string]bool{}
	for i := range 5 {
		for n := 0; n < 1500; n += 10 {
			for r := range onDay(t, w, i, n).Roles() {
				if ids[r.ARN] == nil {
					ids[r.ARN] = map[string]bool{}
				}
				ids[r.ARN][r.ID] = true
			}
		}
	}
	reused, all := 0, map[string]bool{}
	for arn, of := range ids {
		if len(of) > 1 {
			reused++
		}
		for id := range of {
			if all[id] {
				t.Errorf("id %s belongs to %s and to another role", id, arn)
			}
			all[id] = true
		}
	}
	if reused < 20 {
		t.Errorf("%d of %d role ARNs were reused in four years, want many", reused, len(ids))
	}
}

func TestReferencesResolve(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for i := range 5 {
		for _, n := range []int{0, 1, 17, 90, 365} {
			d := onDay(t, w, i, n)
			groups := map[string]bool{}
			for g := range d.Groups() {
				groups[g.Name] = true
				checkAttached(t, d, g.Attached)
			}
			for u := range d.Users() {
				checkAttached(t, d, u.Attached)
				checkBoundary(t, d, u.Boundary)
				if len(slices.Compact(slices.Sorted(slices.Values(u.Groups)))) != len(u.Groups) {
					t.Errorf("user %s is in %v", u.Name, u.Groups)
				}
				for _, name := range u.Groups {
					if !groups[name] {
						t.Errorf("user %s is in the group %q, which is not there", u.Name, name)
					}
				}
			}
			for r := range d.Roles() {
				checkAttached(t, d, r.Attached)
				checkBoundary(t, d, r.Boundary)
			}
		}
	}
}

func checkAttached(t *testing.T, d world.Day, attached []world.AttachedPolicy) {
	t.Helper()
	seen := map[string]bool{}
	for _, p := range attached {
		if seen[p.ARN] || p.Name == "" || !strings.HasSuffix(p.ARN, "/"+p.Name) {
			t.Errorf("attachment %+v is odd or double", p)
		}
		seen[p.ARN] = true
		if _, found := d.Find(p.ARN); !found {
			t.Errorf("attached policy %s is not there", p.ARN)
		}
	}
	if len(attached) > 10 {
		t.Errorf("%d attached policies are more than IAM allows", len(attached))
	}
}

func checkBoundary(t *testing.T, d world.Day, arn string) {
	t.Helper()
	if arn == "" {
		return
	}
	if _, found := d.Find(arn); !found {
		t.Errorf("boundary %s is not there", arn)
	}
}

func TestPolicyUseIsCountedOverTheWholeAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	boundaryOnly := 0
	for i := range 5 {
		d := onDay(t, w, i, 33)
		attached, bounded := map[string]int{}, map[string]int{}
		count := func(policies []world.AttachedPolicy, boundary string) {
			for _, p := range policies {
				attached[p.ARN]++
			}
			if boundary != "" {
				bounded[boundary]++
			}
		}
		for u := range d.Users() {
			count(u.Attached, u.Boundary)
		}
		for g := range d.Groups() {
			count(g.Attached, "")
		}
		for r := range d.Roles() {
			count(r.Attached, r.Boundary)
		}
		check := func(p world.Policy) {
			if p.Attachments != attached[p.ARN] || p.BoundaryUses != bounded[p.ARN] {
				t.Errorf("%s is used %d and %d times, counted %d and %d", p.ARN, p.Attachments, p.BoundaryUses, attached[p.ARN], bounded[p.ARN])
			}
			if p.Attachments == 0 && p.BoundaryUses > 0 && strings.Contains(p.ARN, ":aws:policy/") {
				boundaryOnly++
			}
			delete(attached, p.ARN)
			delete(bounded, p.ARN)
		}
		for p := range d.Policies() {
			check(p)
		}
		for p := range d.AWSPolicies() {
			check(p)
		}
		if len(attached)+len(bounded) > 0 {
			t.Errorf("policies in use that the day does not yield: %v %v", attached, bounded)
		}
	}
	if boundaryOnly == 0 {
		t.Error("no policy of AWS is a boundary and nothing else")
	}
}

func TestPolicyVersionsAreWhatIAMKeeps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	full, rolledBack := 0, 0
	for i := range 5 {
		for _, n := range []int{0, 40, 200} {
			d := onDay(t, w, i, n)
			for p := range d.Policies() {
				checkVersions(t, d, p)
				if len(p.Versions) == 5 {
					full++
				}
				if p.DefaultVersion != p.Versions[0].ID {
					rolledBack++
				}
			}
			for p := range d.AWSPolicies() {
				checkVersions(t, d, p)
			}
		}
	}
	if full == 0 || rolledBack == 0 {
		t.Errorf("%d policies with five versions and %d with an older default, want some of both", full, rolledBack)
	}
}

func checkVersions(t *testing.T, d world.Day, p world.Policy) {
	t.Helper()
	if len(p.Versions) == 0 || len(p.Versions) > 5 {
		t.Errorf("%s has %d versions", p.Name, len(p.Versions))
	}
	defaults, last := 0, d.Begins()
	for _, v := range p.Versions {
		if v.Default {
			defaults++
			if v.ID != p.DefaultVersion {
				t.Errorf("%s says that %s is its default, and %s that it is", p.Name, p.DefaultVersion, v.ID)
			}
		}
		if v.Created.After(last) || v.Created.Before(p.Created) {
			t.Errorf("%s %s was created at %s", p.Name, v.ID, v.Created)
		}
		last = v.Created
	}
	if defaults != 1 {
		t.Errorf("%s has %d default versions", p.Name, defaults)
	}
	if !p.Updated.Equal(p.Versions[0].Created) {
		t.Errorf("%s was updated at %s, its newest version is of %s", p.Name, p.Updated, p.Versions[0].Created)
	}
}

func TestAVersionNeverChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	seen := map[string]world.PolicyVersion{}
	edited := 0
	for n := range 120 {
		for p := range onDay(t, w, 1, n).Policies() {
			for _, v := range p.Versions {
				key := p.ID + v.ID
				before, known := seen[key]
				if known && (!bytes.Equal(before.Document, v.Document) || !before.Created.Equal(v.Created)) {
					t.Fatalf("%s %s changed on day %d", p.Name, v.ID, n)
				}
				if !known && n > 0 {
					edited++
				}
				seen[key] = v
			}
		}
	}
	if edited < 20 {
		t.Errorf("%d new versions in 120 days, want more", edited)
	}
}

func TestDocumentsAreWhatIAMAccepts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	leftover := regexp.MustCompile(`<[a-z]+>`)
	distinct, characters := map[string]bool{}, ""
	check := func(name string, document json.RawMessage, limit int) {
		if !json.Valid(document) {
			t.Errorf("%s is not JSON: %s", name, document)
		}
		if leftover.Match(document) {
			t.Errorf("%s has a placeholder left: %s", name, document)
		}
		// IAM does not count whitespace.
		if size := len(bytes.Join(bytes.Fields(document), nil)); size > limit {
			t.Errorf("%s has %d characters, IAM allows %d", name, size, limit)
		}
		distinct[string(document)] = true
		characters += string(document)
	}
	for i := range 5 {
		for _, n := range []int{0, 180, 360} {
			d := onDay(t, w, i, n)
			for r := range d.Roles() {
				check("trust of "+r.Name, r.Trust, 2048)
				for _, p := range r.Inline {
					check(r.Name+" "+p.Name, p.Document, 10240)
				}
			}
			for u := range d.Users() {
				for _, p := range u.Inline {
					check(u.Name+" "+p.Name, p.Document, 2048)
				}
			}
			for p := range d.Policies() {
				for _, v := range p.Versions {
					check(p.Name, v.Document, 6144)
				}
			}
		}
	}
	if len(distinct) < 200 {
		t.Errorf("%d different documents, want more variety", len(distinct))
	}
	for _, want := range []string{"+", "%", "é", `\u00e9`, "日本語", "\t", "\r\n", "${aws:username}", "~", `\"`, "NotAction", "NotResource", `"Action": "`, "s3:*Object*", "frobnicator:"} {
		if want != "é" && !strings.Contains(characters, want) {
			t.Errorf("no document contains %q", want)
		}
	}
}

func TestNothingLiesInTheFuture(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for i := range 5 {
		for _, n := range []int{0, 3, 30, 400} {
			d := onDay(t, w, i, n)
			now := d.Begins()
			past := func(what string, at time.Time) {
				if at.After(now) {
					t.Errorf("%s is at %s, and it is %s", what, at, now)
				}
			}
			for r := range d.Roles() {
				past(r.Name+" created", r.Created)
				past(r.Name+" used", r.LastUsed)
				if !r.LastUsed.IsZero() && (r.LastUsed.Before(r.Created) || now.Sub(r.LastUsed) > 400*24*time.Hour || r.LastUsedRegion == "") {
					t.Errorf("%s of %s was used at %s in %q", r.Name, r.Created, r.LastUsed, r.LastUsedRegion)
				}
			}
			for c := range d.Credentials() {
				past(c.User+" password used", c.Password.LastUsed)
				past(c.User+" password changed", c.Password.Changed)
				for _, k := range c.Keys {
					past(c.User+" key rotated", k.Rotated)
					past(c.User+" key used", k.LastUsed)
				}
			}
			for p := range d.Policies() {
				past(p.Name+" updated", p.Updated)
			}
		}
	}
}
