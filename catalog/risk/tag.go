package risk

import (
	"fmt"
	"strings"
)

// Tag is one class of risk that a grant or a trust can have.
type Tag uint8

// The risk tags. Admin and PublicOrCrossAccountTrust belong to no action: they
// follow from a principal's grants as a whole and from a trust policy.
const (
	// Admin is every action of the catalog on every resource.
	Admin Tag = iota
	// PrivilegeEscalation is an action that alone can lead to more privileges.
	PrivilegeEscalation
	// Credentials is an action that returns or makes credentials.
	Credentials
	// Data is an action that returns the content that a service stores.
	Data
	// PublicOrCrossAccountTrust is a role that everyone, or a principal of
	// another account, may assume.
	PublicOrCrossAccountTrust
	// ResourceTag is an action that can share a resource or open its policy.
	ResourceTag
	// NetworkTag is an action that can open a network.
	NetworkTag
	// InfrastructureTag is an action that changes resources, and any of them.
	InfrastructureTag
	// WildcardTag is every action of a service.
	WildcardTag

	// TagCount is the number of tags.
	TagCount = int(iota)
)

// tagName returns the spelling of each tag in files, events and tables.
func tagName(t Tag) string {
	switch t {
	case Admin:
		return "admin"
	case PrivilegeEscalation:
		return "privilege-escalation"
	case Credentials:
		return "credentials"
	case Data:
		return "data"
	case PublicOrCrossAccountTrust:
		return "public-or-cross-account-trust"
	case ResourceTag:
		return "resource-exposure"
	case NetworkTag:
		return "network-exposure"
	case InfrastructureTag:
		return "infrastructure-modification"
	case WildcardTag:
		return "service-wildcard"
	default:
		return ""
	}
}

// String returns the tag as it is written in files, events and tables.
func (t Tag) String() string {
	if name := tagName(t); name != "" {
		return name
	}
	return fmt.Sprintf("Tag(%d)", uint8(t))
}

// ParseTag reads a tag as String writes it.
func ParseTag(name string) (Tag, error) {
	for t := range Tag(TagCount) {
		if tagName(t) == name {
			return t, nil
		}
	}
	return 0, fmt.Errorf("parse risk tag %q: not one of %s", name, AllTags())
}

// TagSet is a set of tags, one bit each.
type TagSet uint16

// AllTags returns the set of every tag.
func AllTags() TagSet { return 1<<TagCount - 1 }

// With returns the set with t in it.
func (s TagSet) With(t Tag) TagSet { return s | 1<<t }

// Has reports whether t is in the set.
func (s TagSet) Has(t Tag) bool { return s&(1<<t) != 0 }

// Strings returns the names of the tags in the order of the constants. It is
// nil for the empty set.
func (s TagSet) Strings() []string {
	var names []string
	for t := range Tag(TagCount) {
		if s.Has(t) {
			names = append(names, t.String())
		}
	}
	return names
}

// String returns the names of the tags with commas between them.
func (s TagSet) String() string { return strings.Join(s.Strings(), ", ") }
