package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// owned are the actions of a clause that act on the entities of the caller's own
// account only, and of which the patterns reach every resource in one account.
type owned struct {
	account string   // 12 digits, or "" for the own one whichever it is
	words   []uint64 // beside those of the clause's actions
}

// owning is the service whose actions that change something act on the caller's
// own account only: there are no policies on its resources that could let in
// others. What it reads can be AWS's, as a managed policy.
const owning = "iam"

// owned finds the actions of a denying clause that it takes from the principals of
// an account as "*" would.
func (n *analyzer) owned(c *catalog.Catalog, out *clause, resources []string) {
	service, ok := c.LookupService(owning)
	if !ok || out.statement.Effect != Deny || out.width != named {
		return
	}
	id := c.ServiceOf(service.First)
	var accounts []string
	for i := range out.patterns {
		if account, ok := out.patterns[i].ownAccount(resources[i]); ok && out.patterns[i].whole(c, id) {
			accounts = append(accounts, account)
		}
	}
	slices.Sort(accounts)
	for _, account := range slices.Compact(accounts) {
		first, end := c.TypeRange(id)
		reached := make([]bool, end-first)
		for i := range out.patterns {
			of, ok := out.patterns[i].ownAccount(resources[i])
			for _, e := range out.patterns[i].extents {
				if (e.Every || e.Whole && ok && of == account) && e.Type >= first && e.Type < end {
					reached[e.Type-first] = true
				}
			}
		}
		if words := n.ownedWords(c, out, id, reached); words != nil {
			out.owned = append(out.owned, owned{account, words})
		}
	}
}

// whole reports whether a pattern covers all resources of a type of a service in
// one account.
func (p *pattern) whole(c *catalog.Catalog, id catalog.ServiceID) bool {
	return slices.ContainsFunc(p.extents, func(e catalog.Extent) bool {
		return e.Whole && !e.Every && c.TypeService(e.Type) == id
	})
}

// ownedWords returns the actions of a clause that change something and all of
// whose types are reached, beside the actions of the clause; nil for none.
func (n *analyzer) ownedWords(c *catalog.Catalog, out *clause, id catalog.ServiceID, reached []bool) []uint64 {
	set := n.full // empty between calls
	first, _ := c.TypeRange(id)
	for i, r := range reached {
		if at, words := c.TypeActions(first + catalog.TypeID(i)); r {
			for j, w := range words {
				set[at+j] |= w
			}
		}
	}
	for i, r := range reached {
		if at, words := c.TypeActions(first + catalog.TypeID(i)); !r {
			for j, w := range words {
				set[at+j] &^= w
			}
		}
	}
	for _, level := range []catalog.Level{catalog.List, catalog.Read} {
		from, end := c.LevelRange(id, level)
		for a := from; a < end; a++ {
			set[a/64] &^= 1 << (a % 64)
		}
	}
	var found uint64
	words := make([]uint64, len(out.actions.at))
	for i, at := range out.actions.at {
		words[i] = set[at] & out.actions.words[i]
		found |= words[i]
	}
	set.Clear()
	if found == 0 {
		return nil
	}
	return words
}

// ownAccount returns the account that a pattern names, "" for that of the
// principal by its variable. It reports false where it names none.
func (p *pattern) ownAccount(resource string) (account string, ok bool) {
	account = arnAccount(p.text)
	if account == string(rune(glob.Hole)) {
		return "", strings.Contains(strings.ToLower(resource), ":${aws:principalaccount}:")
	}
	return account, isAccount(account)
}

// addOwned adds to a set the actions that the clause takes from the principals of
// an account as "*" would.
func (c *clause) addOwned(s catalog.Set, account string) {
	for _, o := range c.owned {
		if o.account == "" || o.account == account {
			c.actions.addPlane(s, o.words)
		}
	}
}
