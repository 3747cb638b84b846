package enrich

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// versionLength is the number of hex digits of a version: 64 bits, which tell
// apart the versions of one entity beyond doubt.
const versionLength = 16

// A version names an entity's content: all of its event but who saw it when,
// and how it was used. IAM promises no order of its lists, so they are sorted.

func userVersion(u event.User) (string, error) {
	u.Common = event.Common{}
	u.Policies, u.Controls = sortedRefs(u.Policies), sortedLevels(u.Controls)
	u.Groups = slices.Clone(u.Groups)
	for i := range u.Groups {
		u.Groups[i].Policies = sortedRefs(u.Groups[i].Policies)
	}
	slices.SortFunc(u.Groups, func(a, b event.Membership) int { return cmp.Compare(a.Name, b.Name) })
	return version(u)
}

func roleVersion(r event.Role) (string, error) {
	r.Common = event.Common{}
	r.LastUsedAt, r.LastUsedRegion = time.Time{}, ""
	r.Policies, r.Controls = sortedRefs(r.Policies), sortedLevels(r.Controls)
	r.InstanceProfiles = slices.Sorted(slices.Values(r.InstanceProfiles))
	return version(r)
}

func groupVersion(g event.Group) (string, error) {
	g.Common = event.Common{}
	g.Policies = sortedRefs(g.Policies)
	return version(g)
}

func policyVersion(p event.Policy) (string, error) {
	p.Common = event.Common{}
	p.AttachmentCount, p.BoundaryCount = 0, 0
	p.Versions = slices.Clone(p.Versions)
	slices.SortFunc(p.Versions, func(a, b event.PolicyVersion) int { return cmp.Compare(a.ID, b.ID) })
	return version(p)
}

// sortedRefs returns refs in an order of their own, and itself where they are.
func sortedRefs(refs []event.PolicyRef) []event.PolicyRef {
	order := func(a, b event.PolicyRef) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.Name, b.Name))
	}
	if slices.IsSortedFunc(refs, order) {
		return refs
	}
	refs = slices.Clone(refs)
	slices.SortFunc(refs, order)
	return refs
}

// sortedLevels sorts the policies of each level of service control policies. The
// order of the levels means something.
func sortedLevels(levels [][]event.PolicyRef) [][]event.PolicyRef {
	levels = slices.Clone(levels)
	for i := range levels {
		levels[i] = sortedRefs(levels[i])
	}
	return levels
}

func version(entity any) (string, error) {
	content, err := json.Marshal(entity)
	if err != nil {
		return "", fmt.Errorf("encode %T: %w", entity, err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])[:versionLength], nil
}
