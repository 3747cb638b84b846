package catalog

import "strings"

// FindServices returns the service with a prefix, or all services for
// AllServices or "". Another prefix is an *[UnknownError].
func (c *Catalog) FindServices(prefix string) ([]Service, error) {
	first, end, err := c.span(prefix)
	if err != nil {
		return nil, err
	}
	services := make([]Service, 0, end-first)
	for s := first; s < end; s++ {
		services = append(services, c.Service(s))
	}
	return services, nil
}

// FindResourceTypes returns the resource types of a service, or of all for
// AllServices or "", that have a name, in any case; "" is any name. What the
// catalog does not have is an *[UnknownError].
func (c *Catalog) FindResourceTypes(service, name string) ([]ResourceType, error) {
	first, end, err := c.span(service)
	if err != nil {
		return nil, err
	}
	var found []ResourceType
	for s := first; s < end; s++ {
		for _, t := range c.ResourceTypes(s) {
			if name == "" || strings.EqualFold(t.Name, name) {
				found = append(found, t)
			}
		}
	}
	if len(found) == 0 && name != "" {
		return nil, c.unknownType(first, end, name)
	}
	return found, nil
}

func (c *Catalog) unknownType(first, end ServiceID, name string) error {
	near := newNearest(name, suggestions)
	for s := first; s < end; s++ {
		for t := c.services[s].firstType; t < c.services[s].endType; t++ {
			near.offerOnce(c.typeNames.at(int(t)), c.typeNames.at(int(t)))
		}
	}
	of := c.ofOne(first, end)
	return &UnknownError{Kind: KindResourceType, Name: name, Of: of, Why: whyUnknown(name, of, &c.typeNames, strings.EqualFold), Nearest: near.texts()}
}

// FindConditionKeys returns the condition keys of a service, or of all for
// AllServices or "", that have a name as [Catalog.AddByConditionKey] reads it;
// "" is any name. What the catalog does not have is an *[UnknownError].
func (c *Catalog) FindConditionKeys(service, name string) ([]ConditionKey, error) {
	first, end, err := c.span(service)
	if err != nil {
		return nil, err
	}
	var found []ConditionKey
	near := newNearestKey(name, suggestions)
	for s := first; s < end; s++ {
		for _, k := range c.ConditionKeys(s) {
			if name == "" || keyMatches(k.Name, name) {
				found = append(found, k)
			} else if name != "" {
				near.offerKey(k.Name)
			}
		}
	}
	if len(found) == 0 && name != "" {
		of := c.ofOne(first, end)
		return nil, &UnknownError{Kind: KindConditionKey, Name: name, Of: of, Why: whyUnknown(name, of, &c.keyNames, keyMatches), Nearest: near.texts()}
	}
	return found, nil
}
