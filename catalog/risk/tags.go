package risk

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

//go:embed actions.json
var actionsFile string

// Tags knows which actions of one catalog carry which tags. It does not change
// after LoadTags, so any number of goroutines may use it.
type Tags struct {
	sets      [TagCount]catalog.Set
	byService [][]tagged // by catalog.ServiceID
	unknown   []string
}

// tagged is one action that carries tags.
type tagged struct {
	action catalog.ActionID
	tags   TagSet
}

// LoadTags reads the embedded list for the actions of c. Actions that c does not
// have are left out: see Unknown. An error means that the list itself is broken.
func LoadTags(c *catalog.Catalog) (*Tags, error) {
	var lists map[string][]string
	if err := json.Unmarshal([]byte(actionsFile), &lists); err != nil {
		return nil, fmt.Errorf("read risk actions: %w", err)
	}
	t := &Tags{byService: make([][]tagged, c.Services())}
	for i := range t.sets {
		t.sets[i] = c.NewSet()
	}
	for name, actions := range lists {
		tag, err := ParseTag(name)
		if err != nil {
			return nil, fmt.Errorf("read risk actions: %w", err)
		}
		t.add(c, tag, actions)
	}
	t.index(c)
	slices.Sort(t.unknown)
	t.unknown = slices.Compact(t.unknown)
	return t, nil
}

func (t *Tags) add(c *catalog.Catalog, tag Tag, actions []string) {
	for _, name := range actions {
		if id, ok := c.LookupAction(name); ok {
			t.sets[tag].Add(id)
		} else {
			t.unknown = append(t.unknown, name)
		}
	}
}

// index fills byService from the sets.
func (t *Tags) index(c *catalog.Catalog) {
	all := c.NewSet()
	for _, set := range t.sets {
		all.Union(set)
	}
	for id := range all.All() {
		var tags TagSet
		for tag := range Tag(TagCount) {
			if t.sets[tag].Has(id) {
				tags = tags.With(tag)
			}
		}
		service := c.ServiceOf(id)
		t.byService[service] = append(t.byService[service], tagged{action: id, tags: tags})
	}
}

// Actions returns the actions that carry the tag. The set must not be changed.
// It is empty for tags that belong to no action.
func (t *Tags) Actions(tag Tag) catalog.Set { return t.sets[tag] }

// Of returns the tags of the actions of one service that are in any of the
// granted sets.
func (t *Tags) Of(service catalog.ServiceID, granted ...catalog.Set) TagSet {
	var tags TagSet
	for _, entry := range t.byService[service] {
		for _, set := range granted {
			if set.Has(entry.action) {
				tags |= entry.tags
			}
		}
	}
	return tags
}

// Unknown returns the actions of the list that the catalog does not have, sorted.
func (t *Tags) Unknown() []string { return t.unknown }
