package policy

import (
	"slices"
	"strings"
	"sync"

	"github.com/leastwise/leastwise/catalog"
)

// serviceIndex answers what writing asks of one service: which actions of a
// level support a resource type, and what each action needs beside it.
type serviceIndex struct {
	id     catalog.ServiceID
	prefix string
	first  catalog.ActionID
	types  []catalog.ResourceType
	// anyService says of each type that its ARN does not name its service.
	anyService []bool
	// sids holds the Sid of each type and level.
	sids [][catalog.LevelCount]string
	// byType holds the actions of each type and level, by name.
	byType [][catalog.LevelCount][]catalog.ActionID
	// wildcardOnly holds the actions of each level that support no type.
	wildcardOnly [catalog.LevelCount][]catalog.ActionID
	actions      []indexedAction // by ActionID less first
	folded       func() *foldedNames
}

type indexedAction struct {
	name       string // the full name
	level      catalog.Level
	types      []int // indices into types, ascending
	dependents []catalog.ActionID
}

// anyServiceARN begins the ARN patterns that a placeholder stands for the service in.
const anyServiceARN = "arn:${Partition}:${"

func newServiceIndex(c *catalog.Catalog, id catalog.ServiceID) *serviceIndex {
	service := c.Service(id)
	x := &serviceIndex{
		id: id, prefix: service.Prefix, first: service.First,
		types:   c.ResourceTypes(id),
		actions: make([]indexedAction, 0, service.End-service.First),
	}
	x.byType = make([][catalog.LevelCount][]catalog.ActionID, len(x.types))
	index := make(map[string]int, len(x.types))
	for i, t := range x.types {
		index[t.Name] = i
		x.sids = append(x.sids, statementSIDs(x.prefix, t.Name))
		x.anyService = append(x.anyService, strings.HasPrefix(t.ARN, anyServiceARN))
	}
	for a := service.First; a < service.End; a++ {
		x.add(c, c.Action(a), index)
	}
	x.folded = sync.OnceValue(x.foldNames)
	return x
}

func (x *serviceIndex) add(c *catalog.Catalog, action catalog.Action, index map[string]int) {
	entry := indexedAction{name: action.FullName(), level: action.Level}
	for _, resource := range action.Resources {
		if t, ok := index[resource.Type]; ok {
			entry.types = append(entry.types, t)
			x.byType[t][action.Level] = append(x.byType[t][action.Level], action.ID)
		}
	}
	slices.Sort(entry.types)
	if len(entry.types) == 0 {
		x.wildcardOnly[action.Level] = append(x.wildcardOnly[action.Level], action.ID)
	}
	for _, name := range action.Dependents {
		if id, ok := c.LookupAction(name); ok && id != action.ID {
			entry.dependents = append(entry.dependents, id)
		}
	}
	x.actions = append(x.actions, entry)
}

func (x *serviceIndex) action(a catalog.ActionID) *indexedAction { return &x.actions[a-x.first] }

// supports reports whether a is an action of the service that supports the type.
func (x *serviceIndex) supports(a catalog.ActionID, typ int) bool {
	if a < x.first || int(a-x.first) >= len(x.actions) {
		return false
	}
	return slices.Contains(x.action(a).types, typ)
}
