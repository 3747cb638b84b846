package world_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// newWorld returns the default world, changed by edit.
func newWorld(t testing.TB, edit func(*world.Config)) *world.World {
	t.Helper()
	cfg := world.DefaultConfig()
	cfg.CollectorActions = []string{"iam:GetAccountAuthorizationDetails"}
	if edit != nil {
		edit(&cfg)
	}
	w, err := world.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// start is day 0 of the default world.
func start() time.Time { return world.DefaultConfig().Start }

// onDay returns the n-th day of the i-th account.
func onDay(t testing.TB, w *world.World, i, n int) world.Day {
	t.Helper()
	for a := range w.Accounts(i) {
		return a.Day(start().AddDate(0, 0, n))
	}
	t.Fatalf("there is no account %d", i)
	return world.Day{}
}

// fingerprint hashes everything about a day.
func fingerprint(t testing.TB, d world.Day) uint64 {
	t.Helper()
	h := fnv.New64a()
	encoder := json.NewEncoder(h)
	add := func(v any) {
		if err := encoder.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	for u := range d.Users() {
		add(u)
	}
	for g := range d.Groups() {
		add(g)
	}
	for r := range d.Roles() {
		add(r)
		access, _ := d.Access(r.ARN)
		add(access)
	}
	for p := range d.Policies() {
		add(p)
	}
	for p := range d.AWSPolicies() {
		add(p)
	}
	for c := range d.Credentials() {
		add(c)
	}
	return h.Sum64()
}

func TestOneSeedGivesOneWorldInAnyOrder(t *testing.T) {
	t.Parallel()
	forwards, backwards := newWorld(t, nil), newWorld(t, nil)
	const days = 15
	prints := map[[2]int]uint64{}
	for n := range days {
		for i := range 5 {
			prints[[2]int{i, n}] = fingerprint(t, onDay(t, forwards, i, n))
		}
	}
	for _, at := range rand.New(rand.NewPCG(1, 2)).Perm(days * 5) {
		i, n := at%5, at/5
		if got := fingerprint(t, onDay(t, backwards, i, n)); got != prints[[2]int{i, n}] {
			t.Fatalf("account %d on day %d differs when visited in another order", i, n)
		}
	}
}

func TestAnotherSeedGivesAnotherWorld(t *testing.T) {
	t.Parallel()
	other := newWorld(t, func(c *world.Config) { c.Seed = 2 })
	one := newWorld(t, nil)
	if one.OrganizationID() == other.OrganizationID() || one.Management().ID() == other.Management().ID() {
		t.Error("two seeds share ids")
	}
	if fingerprint(t, onDay(t, one, 0, 0)) == fingerprint(t, onDay(t, other, 0, 0)) {
		t.Error("two seeds share a whole account")
	}
}

func TestADayIsTheSameFromItsFirstSecondToItsLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for second, want := range map[time.Duration]int{0: 3, 24*time.Hour - 1: 3, 24 * time.Hour: 4, -1: 2} {
		if got := w.Management().Day(start().AddDate(0, 0, 3).Add(second)).Number(); got != want {
			t.Errorf("%s after the beginning of day 3 is day %d, want %d", second, got, want)
		}
	}
}

func TestDaysBeforeTheStartAreYounger(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	count := func(n int) (roles int) {
		for r := range onDay(t, w, 1, n).Roles() {
			if begins := onDay(t, w, 1, n).Begins(); r.Created.After(begins) {
				t.Errorf("on day %d role %s is created later, at %s", n, r.Name, r.Created)
			}
			roles++
		}
		return roles
	}
	if early, now := count(-400), count(0); early == 0 || early >= now {
		t.Errorf("%d roles 400 days before the start and %d at the start: want a younger organization", early, now)
	}
	if ancient := count(-5000); ancient != 0 {
		t.Errorf("%d roles before there was an organization", ancient)
	}
}

func TestAccountsAreListedOnceWithDistinctIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Accounts, c.Suspended = 3000, 7 })
	ids, names, suspended := map[string]bool{}, map[string]bool{}, 0
	for a := range w.Accounts(0) {
		if !regexp.MustCompile(`^\d{12}$`).MatchString(a.ID()) {
			t.Errorf("account id %q is not twelve digits", a.ID())
		}
		if ids[a.ID()] || names[a.Name()] {
			t.Errorf("account %s %s comes twice", a.ID(), a.Name())
		}
		ids[a.ID()], names[a.Name()] = true, true
		if a.Suspended() {
			suspended++
		}
		if found, ok := w.Account(a.ID()); !ok || found != a {
			t.Errorf("account %s is not found by its id", a.ID())
		}
	}
	if len(ids) != 3007 || suspended != 7 {
		t.Errorf("%d accounts of which %d suspended, want 3007 and 7", len(ids), suspended)
	}
	for a := range w.Accounts(1) {
		if !strings.HasPrefix(a.ID(), "0") {
			t.Errorf("second account is %s, want one with a leading zero", a.ID())
		}
		break
	}
}

func TestConfigReportsEveryFault(t *testing.T) {
	t.Parallel()
	cfg := world.Config{
		Accounts: 0, Suspended: -1, Partition: "aws-moon", RoleName: "no spaces", ExternalID: "x",
		CollectorActions: []string{"iam"}, Users: -1, Groups: -1, Roles: 0, Policies: -1,
	}
	_, err := world.New(cfg)
	if err == nil {
		t.Fatal("a config full of faults is accepted")
	}
	for _, word := range []string{"accounts is 0", "suspended", "partition", "role name", "external id", "collector action", "users", "groups", "roles", "policies", "start"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error does not mention %q: %v", word, err)
		}
	}
	if err := world.DefaultConfig().Validate(); err != nil {
		t.Errorf("the default config is refused: %v", err)
	}
}

func TestSmallestWorldsWork(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 2, 3} {
		w := newWorld(t, func(c *world.Config) {
			c.Accounts, c.Suspended = 2, 0
			c.Users, c.Groups, c.Roles, c.Policies = size, size, max(size, 1), size
			c.ExternalID = ""
		})
		for i := range 2 {
			d := onDay(t, w, i, 10)
			fingerprint(t, d)
			role, there := d.Role(0)
			if !there || role.Name != "leastwise-collector" || strings.Contains(string(role.Trust), "ExternalId") {
				t.Errorf("size %d, account %d: first role is %s with trust %s", size, i, role.Name, role.Trust)
			}
		}
		if user, there := onDay(t, w, 0, 0).User(0); !there || user.Name != "leastwise" {
			t.Errorf("size %d: the management account has no user for the collector", size)
		}
	}
}

func TestPartitionGovernsARNsRegionsAndPrincipals(t *testing.T) {
	t.Parallel()
	for partition, region := range map[string]string{"aws": "-", "aws-us-gov": "us-gov-", "aws-cn": "cn-"} {
		w := newWorld(t, func(c *world.Config) { c.Partition = partition })
		for i := range 5 {
			d := onDay(t, w, i, 7)
			if got := d.Account().Region(); !strings.Contains(got, region) {
				t.Errorf("%s: account in region %s", partition, got)
			}
			for r := range d.Roles() {
				whole := fmt.Sprint(r.ARN, r.Attached, r.Boundary, string(r.Trust))
				for _, p := range r.Inline {
					whole += string(p.Document)
				}
				for _, arn := range regexp.MustCompile(`arn:[a-z-]+:`).FindAllString(whole, -1) {
					if arn != "arn:"+partition+":" && r.Path != "/exchange/" {
						t.Fatalf("%s: role %s has %s", partition, r.Name, arn)
					}
				}
				if partition == "aws-cn" && strings.Contains(string(r.Trust), `"ec2.amazonaws.com"`) {
					t.Errorf("role %s trusts EC2 of another partition", r.Name)
				}
			}
		}
	}
}

func TestFindReturnsEveryEntityAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Roles = 400 })
	d := onDay(t, w, 1, 12)
	check := func(arn string, kind world.Kind) {
		ref, found := d.Find(arn)
		if !found || ref.Kind != kind {
			t.Errorf("find %s: %v %v", arn, ref, found)
		}
		if _, found := d.Find(arn + "x"); found {
			t.Errorf("found %sx", arn)
		}
	}
	for u := range d.Users() {
		check(u.ARN, world.KindUser)
	}
	for g := range d.Groups() {
		check(g.ARN, world.KindGroup)
	}
	for r := range d.Roles() {
		check(r.ARN, world.KindRole)
		ref, _ := d.Find(r.ARN)
		if again, _ := d.Role(ref.Slot); !reflect.DeepEqual(again, r) {
			t.Errorf("found another role than %s", r.Name)
		}
		if r.Path != "/" {
			if _, found := d.Find(strings.Replace(r.ARN, r.Path, "/", 1)); found {
				t.Errorf("role %s is found without its path", r.Name)
			}
		}
		if _, found := onDay(t, w, 2, 12).Find(r.ARN); found {
			t.Errorf("role %s is found in another account", r.Name)
		}
	}
	for p := range d.Policies() {
		check(p.ARN, world.KindPolicy)
	}
	for p := range d.AWSPolicies() {
		check(p.ARN, world.KindAWSPolicy)
	}
	for _, arn := range []string{"", "arn:aws:iam", "arn:aws:iam::1:root", "arn:aws:iam::aws:policy/NoSuchPolicy", "arn:aws:iam::aws:policy/service-role/AdministratorAccess"} {
		if _, found := d.Find(arn); found {
			t.Errorf("found %q", arn)
		}
	}
}
