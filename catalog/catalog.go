package catalog

import (
	_ "embed"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

//go:generate go run ./build

//go:embed data/catalog.bin
var embedded string

// ActionID is the index of an action. Actions are ordered by service prefix,
// then by level, then by name, so that a service, and a level in a service, is
// one contiguous range. Ids are stable only within one catalog file.
type ActionID uint16

// ServiceID is the index of a service, in the order of the prefixes.
type ServiceID uint16

// Catalog holds the facts of one catalog file. It is immutable and safe for
// concurrent use.
type Catalog struct {
	info Info

	prefixes, titles names
	services         []serviceRanges

	keyNames, keyTypes names
	serviceKeys        []serviceKey

	typeNames, typeHeads, typeTails names
	typeHead, typeKeys              []uint16

	keySets    sets
	resources  resourceSets
	dependents sets

	actionNames, folded                           names
	serviceOf                                     []ServiceID
	actionResources, actionKeys, actionDependents []uint16
	tracked                                       Set // nil where the source does not say

	index       actionIndex
	spellings   []atomic.Pointer[spelling] // by service, once asked for
	everyName   func() []string            // the full names of all actions
	patterns    func() *arnPatterns
	typeActions func() *typeActions
}

// serviceRanges is where a service's parts lie in the catalog's columns.
type serviceRanges struct {
	levels             [LevelCount + 1]ActionID // level l is [levels[l], levels[l+1])
	firstType, endType uint16
	firstKey, endKey   uint32
}

type serviceKey struct {
	name uint16
	kind uint8
}

// Info says where a catalog's facts come from and how many there are.
type Info struct {
	// Package is the npm package the facts were taken from, or what else it
	// was: "AWS Service Reference".
	Package string
	// Versions of the package: the first gave everything but dependent
	// actions, the last those.
	Versions []string
	// Date is when the first of the versions was collected from AWS.
	Date time.Time
	// KeptFrom is the package and version that the facts were kept from which
	// the source does not tell: dependent actions for example. It is empty for
	// the embedded catalog, whose Versions say it.
	KeptFrom string
	// ConditionKeys counts distinct names; one key can belong to many services.
	Services, Actions, ResourceTypes, ConditionKeys int
	// LastAccessed counts the actions whose last use IAM tells; 0 where the
	// source does not say which do.
	LastAccessed int
}

// Open returns the embedded catalog. Every call decodes it anew, which takes
// about two milliseconds: open it once and share it.
func Open() (*Catalog, error) {
	c, err := parse(embedded)
	if err != nil {
		return nil, fmt.Errorf("open embedded catalog: %w", err)
	}
	return c, nil
}

// Parse returns the catalog in data, a file made by package
// [github.com/leastwise/leastwise/catalog/source]. Data that is corrupt, cut
// off or of another version of the format gives an error.
func Parse(data []byte) (*Catalog, error) {
	c, err := parse(string(data))
	if err != nil {
		return nil, fmt.Errorf("parse catalog: %w", err)
	}
	return c, nil
}

func parse(data string) (*Catalog, error) {
	d := decoder{catalog: &Catalog{}}
	if err := d.decode(data); err != nil {
		return nil, err
	}
	if err := d.catalog.derive(); err != nil {
		return nil, err
	}
	return d.catalog, nil
}

// derive makes what follows from the columns.
func (c *Catalog) derive() error {
	if err := c.buildIndex(); err != nil {
		return err
	}
	c.spellings = make([]atomic.Pointer[spelling], len(c.services))
	c.everyName = sync.OnceValue(c.spellEverything)
	c.patterns = sync.OnceValue(c.compilePatterns)
	c.typeActions = sync.OnceValue(c.compileTypeActions)
	return nil
}

// Info returns the catalog's source and size.
func (c *Catalog) Info() Info {
	info := c.info
	info.Versions = append([]string(nil), info.Versions...)
	return info
}

// Len returns the number of actions.
func (c *Catalog) Len() int { return c.actionNames.len() }

// Services returns the number of services.
func (c *Catalog) Services() int { return len(c.services) }

// ServiceOf returns the service that a belongs to.
func (c *Catalog) ServiceOf(a ActionID) ServiceID { return c.serviceOf[a] }

// LevelOf returns the access level of a.
func (c *Catalog) LevelOf(a ActionID) Level {
	levels := &c.services[c.serviceOf[a]].levels
	l := List
	for a >= levels[l+1] {
		l++
	}
	return l
}

// LastAccessed reports whether IAM's action last accessed information covers an
// action: only then does no last use mean that it was not used. Known is false
// where the catalog's source does not say.
func (c *Catalog) LastAccessed(a ActionID) (tracked, known bool) {
	if c.tracked == nil {
		return false, false
	}
	return c.tracked.Has(a), true
}

// LevelRange returns the half-open range of a service's actions at a level.
func (c *Catalog) LevelRange(s ServiceID, l Level) (first, end ActionID) {
	levels := &c.services[s].levels
	return levels[l], levels[l+1]
}
