package risk

import (
	"fmt"
	"slices"
	"strings"
)

// Category is the kind of risk that a rule looks for.
type Category string

// The categories. CategoryHygiene and CategoryUnusedPermission are those of whole accounts.
const (
	CategoryFullAdministrator          Category = "full-administrator"
	CategoryPrivilegeEscalation        Category = "privilege-escalation"
	CategoryCredentialsExposure        Category = "credentials-exposure"
	CategoryDataExfiltration           Category = "data-exfiltration"
	CategoryDataAccess                 Category = "data-access"
	CategoryResourceExposure           Category = "resource-exposure"
	CategoryNetworkExposure            Category = "network-exposure"
	CategoryInfrastructureModification Category = "infrastructure-modification"
	CategoryServiceWildcard            Category = "service-wildcard"
	CategoryTrust                      Category = "trust"
	CategoryHygiene                    Category = "hygiene"
	CategoryUnusedPermission           Category = "unused-permission"
)

// Categories returns every category, in the order in which reports show them.
func Categories() []Category {
	return []Category{
		CategoryFullAdministrator, CategoryPrivilegeEscalation, CategoryCredentialsExposure, CategoryDataExfiltration, CategoryDataAccess,
		CategoryResourceExposure, CategoryNetworkExposure, CategoryInfrastructureModification, CategoryServiceWildcard, CategoryTrust, CategoryHygiene, CategoryUnusedPermission,
	}
}

// ParseCategory reads a category as it is written in rules.yaml.
func ParseCategory(name string) (Category, error) {
	if c := Category(name); slices.Contains(Categories(), c) {
		return c, nil
	}
	var names []string
	for _, c := range Categories() {
		names = append(names, string(c))
	}
	return "", fmt.Errorf("parse category %q: want one of %s", name, strings.Join(names, ", "))
}

// Tag returns the risk tag of what a category's rules find, if it has one.
// Rules of trust have one only where they find someone outside the account.
func (c Category) Tag() (Tag, bool) {
	switch c {
	case CategoryFullAdministrator:
		return TagAdmin, true
	case CategoryPrivilegeEscalation:
		return TagPrivilegeEscalation, true
	case CategoryCredentialsExposure:
		return TagCredentials, true
	case CategoryDataExfiltration, CategoryDataAccess:
		return TagData, true
	case CategoryResourceExposure:
		return TagResourceExposure, true
	case CategoryNetworkExposure:
		return TagNetworkExposure, true
	case CategoryInfrastructureModification:
		return TagInfrastructure, true
	case CategoryServiceWildcard:
		return TagServiceWildcard, true
	default:
		return 0, false
	}
}
