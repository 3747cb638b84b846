package catalog

import (
	"fmt"
	"strings"
)

// Level is the access level that the Service Authorization Reference gives an
// action. The order of the constants is the order in which a service's actions
// are stored; it is not a ranking of danger.
type Level uint8

// The access levels of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html.
const (
	List Level = iota
	Read
	Tagging
	Write
	PermissionsManagement
)

// LevelCount is the number of access levels.
const LevelCount = 5

// String returns the level as the Service Authorization Reference spells it,
// "Permissions management" for example.
func (l Level) String() string {
	switch l {
	case List:
		return "List"
	case Read:
		return "Read"
	case Tagging:
		return "Tagging"
	case Write:
		return "Write"
	case PermissionsManagement:
		return "Permissions management"
	}
	return fmt.Sprintf("Level(%d)", uint8(l))
}

// ParseLevels reads access levels with commas between them.
func ParseLevels(s string) ([]Level, error) {
	var levels []Level
	for name := range strings.SplitSeq(s, ",") {
		level, err := ParseLevel(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		levels = append(levels, level)
	}
	return levels, nil
}

// ParseLevel reads one access level in any case, with its words joined by a
// space, a hyphen, an underscore or nothing: "permissions-management" and
// "Permissions management" are the same level.
func ParseLevel(s string) (Level, error) {
	joined := strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(s))
	switch joined {
	case "list":
		return List, nil
	case "read":
		return Read, nil
	case "tagging":
		return Tagging, nil
	case "write":
		return Write, nil
	case "permissionsmanagement":
		return PermissionsManagement, nil
	}
	return 0, fmt.Errorf("parse access level %q: want list, read, tagging, write or permissions-management", s)
}
