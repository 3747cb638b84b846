package world_test

import (
	"testing"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

func TestCredentialsHaveALinePerUserAndTheRoot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Users = 60 })
	passwords, keys, second, unusedKeys, inactive := 0, 0, 0, 0, 0
	for i := range 5 {
		d := onDay(t, w, i, 15)
		users := map[string]world.User{}
		for u := range d.Users() {
			users[u.ARN] = u
		}
		lines := 0
		for c := range d.Credentials() {
			if lines++; lines == 1 {
				if !c.Root || c.User != "<root_account>" || c.ARN != "arn:aws:iam::"+d.Account().ID()+":root" {
					t.Errorf("first line is %+v", c)
				}
				continue
			}
			u, known := users[c.ARN]
			if !known || u.Name != c.User || !u.Created.Equal(c.Created) || c.Root {
				t.Errorf("line %+v belongs to no user", c)
			}
			checkCredential(t, c)
			passwords += count(c.Password.Enabled)
			keys += count(c.Keys[0].Exists)
			second += count(c.Keys[1].Exists)
			unusedKeys += count(c.Keys[0].Exists && c.Keys[0].LastUsed.IsZero())
			inactive += count(c.Keys[0].Exists && !c.Keys[0].Active)
		}
		if lines != len(users)+1 {
			t.Errorf("%d lines for %d users", lines, len(users))
		}
	}
	for what, n := range map[string]int{"passwords": passwords, "keys": keys, "second keys": second, "unused keys": unusedKeys, "inactive keys": inactive} {
		if n == 0 {
			t.Errorf("there are no %s", what)
		}
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func checkCredential(t *testing.T, c world.Credential) {
	t.Helper()
	if p := c.Password; p.Enabled && p.Changed.Before(c.Created) || !p.Enabled && p != (world.Password{}) {
		t.Errorf("%s: password %+v", c.User, p)
	}
	for _, k := range c.Keys {
		switch {
		case !k.Exists && k != (world.AccessKey{}):
			t.Errorf("%s: no key, and %+v", c.User, k)
		case k.Exists && k.Rotated.Before(c.Created):
			t.Errorf("%s: key rotated at %s, before the user was there", c.User, k.Rotated)
		case !k.LastUsed.IsZero() && (k.LastUsed.Before(k.Rotated) || k.Region == "" || k.Service == ""):
			t.Errorf("%s: key %+v", c.User, k)
		case k.LastUsed.IsZero() && k.Region+k.Service != "":
			t.Errorf("%s: never used key %+v", c.User, k)
		}
	}
}

func TestTheCollectorsUserKeepsItsKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for n := range 500 {
		for c := range onDay(t, w, 0, n).Credentials() {
			if c.User == "leastwise" && (!c.Keys[0].Active || c.Keys[1].Exists) {
				t.Fatalf("day %d: keys %+v", n, c.Keys)
			}
		}
	}
}
