package catalog

import (
	"slices"
	"strings"
)

// Service is one service prefix and the range of its actions.
type Service struct {
	ID ServiceID
	// Prefix is what stands before the colon of an action, "s3" for example.
	Prefix string
	// Name is the display name, "Amazon S3" for example.
	Name string
	// First and End are the half-open range of the service's actions.
	First, End ActionID
}

// Action is everything the catalog knows of one action.
type Action struct {
	ID      ActionID
	Service string
	// Name is the action without its prefix, "GetObject" for example.
	Name  string
	Level Level
	// Resources are the resource types that the action supports, by name. An
	// action without any can only be granted on "*".
	Resources []ActionResource
	// ConditionKeys apply to the action whatever its resource.
	ConditionKeys []string
	// Dependents are the full names of the actions that a principal needs too
	// for this one to succeed, sorted: "iam:PassRole" for example.
	Dependents []string
}

// FullName returns the name as it stands in a policy, "s3:GetObject".
func (a Action) FullName() string { return a.Service + ":" + a.Name }

// ActionResource is a resource type that an action supports.
type ActionResource struct {
	// Type is the name of a resource type of the same service.
	Type string
	// Required says that every request names a resource of this type.
	Required bool
	// ConditionKeys apply to the action only with this type.
	ConditionKeys []string
}

// ResourceType is a kind of resource with the pattern of its ARNs.
type ResourceType struct {
	// Service is the prefix of its service.
	Service string
	// Name is unique in a service, "bucket" for example.
	Name string
	// ARN is the pattern with ${...} placeholders,
	// "arn:${Partition}:s3:::${BucketName}" for example, or several: see Patterns.
	ARN string
	// ConditionKeys filter by the resource itself.
	ConditionKeys []string
}

// Patterns returns the ARN patterns of the type one by one.
func (t ResourceType) Patterns() []string { return strings.Split(t.ARN, arnSeparator) }

// ConditionKey is a condition context key that a service supports.
type ConditionKey struct {
	// Service is the prefix of its service.
	Service string
	// Name may hold a placeholder, "aws:ResourceTag/${TagKey}" for example.
	Name string
	// Type is the type of the values: String, Bool, Numeric, Date, ARN,
	// IPAddress, or ArrayOf one of them.
	Type string
}

// Service returns the service with the given id.
func (c *Catalog) Service(id ServiceID) Service {
	levels := &c.services[id].levels
	return Service{
		ID:     id,
		Prefix: c.prefixes.at(int(id)),
		Name:   c.titles.at(int(id)),
		First:  levels[0],
		End:    levels[LevelCount],
	}
}

// Action returns the action with the given id. The slices are the caller's.
func (c *Catalog) Action(a ActionID) Action {
	return Action{
		ID:            a,
		Service:       c.prefixes.at(int(c.serviceOf[a])),
		Name:          c.actionNames.at(int(a)),
		Level:         c.LevelOf(a),
		Resources:     c.actionResourceList(c.actionResources[a]),
		ConditionKeys: c.keyNameList(c.actionKeys[a]),
		Dependents:    c.dependentList(c.actionDependents[a]),
	}
}

// ActionName returns the name of a without its prefix. It does not allocate.
func (c *Catalog) ActionName(a ActionID) string { return c.actionNames.at(int(a)) }

// ResourceTypes returns the resource types of a service, sorted by name. The
// slices are the caller's.
func (c *Catalog) ResourceTypes(s ServiceID) []ResourceType {
	r := &c.services[s]
	out := make([]ResourceType, 0, r.endType-r.firstType)
	for t := r.firstType; t < r.endType; t++ {
		out = append(out, ResourceType{
			Service:       c.prefixes.at(int(s)),
			Name:          c.typeNames.at(int(t)),
			ARN:           c.typeARN(int(t)),
			ConditionKeys: c.keyNameList(c.typeKeys[t]),
		})
	}
	return out
}

// ConditionKeys returns the condition keys of a service, sorted by name. The
// slice is the caller's.
func (c *Catalog) ConditionKeys(s ServiceID) []ConditionKey {
	r := &c.services[s]
	out := make([]ConditionKey, 0, r.endKey-r.firstKey)
	for _, k := range c.serviceKeys[r.firstKey:r.endKey] {
		out = append(out, ConditionKey{Service: c.prefixes.at(int(s)), Name: c.keyNames.at(int(k.name)), Type: c.keyTypes.at(int(k.kind))})
	}
	return out
}

func (c *Catalog) typeARN(t int) string {
	return ARNHead + c.typeHeads.at(int(c.typeHead[t])) + ":" + c.typeTails.at(t)
}

func (c *Catalog) keyNameList(set uint16) []string {
	keys := c.keySets.at(set)
	if len(keys) == 0 {
		return nil
	}
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = c.keyNames.at(int(k))
	}
	return out
}

func (c *Catalog) dependentList(set uint16) []string {
	actions := c.dependents.at(set)
	if len(actions) == 0 {
		return nil
	}
	out := make([]string, len(actions))
	for i, a := range actions {
		out[i] = c.FullName(ActionID(a))
	}
	slices.Sort(out)
	return out
}

func (c *Catalog) actionResourceList(set uint16) []ActionResource {
	resources := c.resources.at(set)
	if len(resources) == 0 {
		return nil
	}
	out := make([]ActionResource, len(resources))
	for i, r := range resources {
		out[i] = ActionResource{
			Type:          c.typeNames.at(int(r.kind)),
			Required:      r.required,
			ConditionKeys: c.keyNameList(r.keys),
		}
	}
	return out
}
