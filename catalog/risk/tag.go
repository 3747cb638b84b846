package risk

import (
	"fmt"
	"strings"
)

// Tag is one class of risk that a grant or a trust can have.
type Tag uint8

// The risk tags: what the rules of each category that has one find in a service,
// see Category.Tag, and what they find in a trust policy.
const (
	// TagAdmin is a grant of an administrator.
	TagAdmin Tag = iota
	// TagPrivilegeEscalation is an action that is part of a minimal combination of
	// which a principal has the rest too.
	TagPrivilegeEscalation
	// TagCredentials is an action that returns or makes credentials.
	TagCredentials
	// TagData is an action that returns the content that a service stores.
	TagData
	// TagPublicOrCrossAccountTrust is a role that everyone, or a principal of
	// another account, may take.
	TagPublicOrCrossAccountTrust
	// TagResourceExposure is an action that changes who may use a resource.
	TagResourceExposure
	// TagNetworkExposure is an action that can open a network.
	TagNetworkExposure
	// TagInfrastructure is an action that changes resources, any of them.
	TagInfrastructure
	// TagServiceWildcard is every action of a service.
	TagServiceWildcard

	// TagCount is the number of tags.
	TagCount = int(iota)
)

// tagName returns the spelling of each tag in files, events and tables.
func tagName(t Tag) string {
	switch t {
	case TagAdmin:
		return "admin"
	case TagPrivilegeEscalation:
		return "privilege-escalation"
	case TagCredentials:
		return "credentials"
	case TagData:
		return "data"
	case TagPublicOrCrossAccountTrust:
		return "public-or-cross-account-trust"
	case TagResourceExposure:
		return "resource-exposure"
	case TagNetworkExposure:
		return "network-exposure"
	case TagInfrastructure:
		return "infrastructure-modification"
	case TagServiceWildcard:
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
