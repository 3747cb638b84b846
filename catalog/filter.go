package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// AllServices stands for every service where a prefix is asked for. No service
// has it as its prefix.
const AllServices = "all"

// ActionFilter says which actions are wanted: those for which every field that
// is set holds. The zero value wants all.
type ActionFilter struct {
	// Service is a prefix in any case, or AllServices, which is the same as "".
	Service string
	// Name is an action's name or a pattern with "*" and "?", in any case, with
	// or without its prefix: "GetObject", "s3:Get*".
	Name string
	// Levels are the access levels of which one must hold.
	Levels []Level
	// Condition is a condition key that the action supports, as
	// [Catalog.AddByConditionKey] reads it; with a resource type, on that.
	Condition string
	// ResourceType is the name, in any case, of a resource type that the action
	// supports, or "*" for actions that support none.
	ResourceType string
	// WildcardOnly wants actions that support no resource type.
	WildcardOnly bool
}

// FindActions returns the actions that a filter wants. What the filter names and
// the catalog does not have is an *[UnknownError]; filters that nothing passes
// together give an empty set.
func (c *Catalog) FindActions(f ActionFilter) (Set, error) {
	service, name, err := c.splitFilter(f.Service, f.Name)
	if err != nil {
		return nil, err
	}
	first, end, err := c.span(service)
	if err != nil {
		return nil, err
	}
	found, err := c.named(first, end, name)
	if err != nil {
		return nil, err
	}
	if f.ResourceType != "" && f.ResourceType != "*" {
		typed, err := c.ofType(first, end, f.ResourceType)
		if err != nil {
			return nil, err
		}
		found.Intersect(typed)
	}
	if f.Condition != "" {
		conditioned, err := c.underKey(f.Condition)
		if err != nil {
			return nil, err
		}
		found.Intersect(conditioned)
	}
	if f.ResourceType != "" && f.Condition != "" {
		for a := range found.All() {
			if f.ResourceType != "*" && !c.SupportsKeyOn(a, f.ResourceType, f.Condition) {
				found.Remove(a)
			}
		}
	}
	wildcardOnly := f.WildcardOnly || f.ResourceType == "*"
	for a := range found.All() {
		if wildcardOnly && !c.WildcardOnly(a) || len(f.Levels) > 0 && !slices.Contains(f.Levels, c.LevelOf(a)) {
			found.Remove(a)
		}
	}
	return found, nil
}

// splitFilter takes the service out of a name that has one.
func (c *Catalog) splitFilter(service, name string) (string, string, error) {
	prefix, rest, ok := strings.Cut(name, ":")
	if !ok {
		return service, name, nil
	}
	other, known := c.LookupService(prefix)
	if known && !isAllServices(service) && !strings.EqualFold(service, prefix) {
		return "", "", &UnknownError{Kind: KindAction, Name: name, Of: service, Why: fmt.Sprintf("it is of service %s; ask for that, or for all", other.Prefix)}
	}
	return prefix, rest, nil
}

func isAllServices(service string) bool {
	return service == "" || strings.EqualFold(service, AllServices)
}

// span returns the half-open range of services that a filter's service stands for.
func (c *Catalog) span(service string) (first, end ServiceID, err error) {
	if isAllServices(service) {
		return 0, ServiceID(c.Services()), nil
	}
	id, ok := c.findService(service)
	if !ok {
		return 0, 0, &UnknownError{Kind: KindService, Name: service, Why: whyUnknown(service, "", &c.prefixes, nil), Nearest: c.NearestServices(service, suggestions)}
	}
	return id, id + 1, nil
}

// ofOne returns the prefix where a range is a single service.
func (c *Catalog) ofOne(first, end ServiceID) string {
	if end-first != 1 {
		return ""
	}
	return c.prefixes.at(int(first))
}

// named returns the actions of a range of services that a name or a pattern
// without prefix names; an empty one names all.
func (c *Catalog) named(first, end ServiceID, name string) (Set, error) {
	set := c.NewSet()
	if name == "" {
		name = "*"
	}
	n := 0
	for s := first; s < end; s++ {
		n += c.addMatchesIn(set, s, name)
	}
	if n > 0 || name == "*" {
		return set, nil
	}
	unknown := &UnknownError{Kind: KindAction, Name: name, Of: c.ofOne(first, end)}
	if !glob.HasWildcard(name) {
		unknown.Why = whyUnknown(name, unknown.Of, &c.actionNames, strings.EqualFold)
		unknown.Nearest = c.NearestActions(strings.TrimPrefix(unknown.Of+":"+name, ":"), suggestions)
		if len(unknown.Nearest) == 0 {
			unknown.Nearest = c.NearestActions(name, suggestions)
		}
	}
	return nil, unknown
}

// ofType returns the actions that support a resource type with the name.
func (c *Catalog) ofType(first, end ServiceID, name string) (Set, error) {
	set, known := c.NewSet(), false
	for s := first; s < end; s++ {
		r := &c.services[s]
		for t := r.firstType; t < r.endType; t++ {
			if strings.EqualFold(c.typeNames.at(int(t)), name) {
				c.AddByResourceType(set, s, int(t-r.firstType))
				known = true
			}
		}
	}
	if !known {
		return nil, c.unknownType(first, end, name)
	}
	return set, nil
}

// underKey returns the actions of all services that support a condition key.
func (c *Catalog) underKey(key string) (Set, error) {
	set := c.NewSet()
	if c.AddByConditionKey(set, key) > 0 {
		return set, nil
	}
	for i := range c.keyNames.len() {
		if keyMatches(c.keyNames.at(i), key) {
			return set, nil
		}
	}
	near := newNearestKey(key, suggestions)
	for i := range c.keyNames.len() {
		near.offerKey(c.keyNames.at(i))
	}
	return nil, &UnknownError{Kind: KindConditionKey, Name: key, Why: whyUnknown(key, "", &c.keyNames, keyMatches), Nearest: near.texts()}
}
