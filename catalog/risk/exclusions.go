package risk

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// Exclusions say which entities are not judged, or not by some rules. They do
// not change after they were read. A nil Exclusions excludes service-linked
// roles only.
type Exclusions struct {
	entries []exclusion
	// serviceLinked says that service-linked roles are judged as others are.
	serviceLinked bool
}

// exclusion is one entry of an exclusions file.
type exclusion struct {
	patterns map[string][]string // by the kind of entity
	rules    []string            // ids or categories, with wildcards; empty for every rule
	reason   string
	file     string
	line     int
}

// serviceLinkedPath is the path of all service-linked roles: IAM User Guide,
// "IAM identifiers".
const serviceLinkedPath = "/aws-service-role/"

// ServiceLinked reports whether the entity is a role that belongs to an AWS
// service, which only that service can change.
func (e Entity) ServiceLinked() bool {
	return e.Kind == "role" && strings.HasPrefix(e.Path, serviceLinkedPath)
}

// Match reports whether a rule is not to be applied to an entity, and why: what
// the exclusions file says, or where it says so. A nil rule asks whether the
// entity is excluded from every rule.
func (x *Exclusions) Match(e Entity, rule *Rule) (reason string, excluded bool) {
	if e.ServiceLinked() && (x == nil || !x.serviceLinked) {
		return "service-linked role", true
	}
	if x == nil {
		return "", false
	}
	for i := range x.entries {
		if entry := &x.entries[i]; entry.applies(rule) && slices.ContainsFunc(entry.patterns[e.Kind], e.matches) {
			return entry.why(), true
		}
	}
	return "", false
}

func (x *exclusion) why() string {
	if x.reason != "" {
		return x.reason
	}
	return fmt.Sprintf("%s:%d", x.file, x.line)
}

// applies reports whether the entry is for a rule.
func (x *exclusion) applies(rule *Rule) bool {
	if len(x.rules) == 0 || rule == nil {
		return len(x.rules) == 0
	}
	return slices.ContainsFunc(x.rules, func(pattern string) bool {
		return fits(pattern, rule.ID) || fits(pattern, string(rule.Category))
	})
}

// matches compares an entity with a pattern: of an ARN where it begins with
// "arn:", of a path where it begins with "/", else of a name. IAM tells no names
// apart by case, so case does not matter.
func (e Entity) matches(pattern string) bool {
	switch {
	case strings.HasPrefix(pattern, "arn:"):
		return fits(pattern, e.ARN)
	case strings.HasPrefix(pattern, "/"):
		return fits(pattern, e.Path) || fits(pattern, e.Path+e.Name) || strings.HasSuffix(pattern, "/") && fits(pattern+"*", e.Path)
	default:
		return fits(pattern, e.Name)
	}
}

// fits reports whether s fits a pattern in which "*" stands for any characters
// and "?" for one, in any case.
func fits(pattern, s string) bool {
	return glob.Match(strings.ToLower(pattern), strings.ToLower(s))
}

// ReadExclusions reads an exclusions file over rules. An error is Faults: all
// that is wrong with it. The file is YAML:
//
//	service-linked-roles: judged     # they are shown, and not judged, by default
//	exclude:
//	  - roles: [AWSReservedSSO_*, /teams/ci/, "arn:aws:iam::111122223333:role/x"]
//	    users: [...]                 # groups and policies are the others
//	    rules: [passrole-*, network-exposure]  # ids or categories; every rule without it
//	    reason: why it is all right
func ReadExclusions(rules *Rules, name string, r io.Reader) (*Exclusions, error) {
	f := &exclusionReader{yamlReader: yamlReader{file: name}, all: rules}
	if top := f.root(r); top != nil {
		f.fields(top, map[string]func(*yaml.Node){
			"service-linked-roles": f.serviceLinkedRoles,
			"exclude": func(n *yaml.Node) {
				for _, item := range f.items(n, "exclude") {
					f.entry(item)
				}
			},
		})
	}
	if err := f.faults.err(); err != nil {
		return nil, err
	}
	return &f.exclusions, nil
}

type exclusionReader struct {
	yamlReader
	all        *Rules
	exclusions Exclusions
}

func (f *exclusionReader) serviceLinkedRoles(n *yaml.Node) {
	if n.Value != "judged" && n.Value != "shown" {
		f.fault(n, "service-linked-roles is %q, neither judged nor shown", n.Value)
	}
	f.exclusions.serviceLinked = n.Value == "judged"
}

func (f *exclusionReader) entry(n *yaml.Node) {
	if !f.mapping(n, "an element of exclude") {
		return
	}
	x := exclusion{patterns: make(map[string][]string), file: path.Base(f.file), line: n.Line}
	known := map[string]func(*yaml.Node){
		"rules":  func(n *yaml.Node) { f.ruleNames(n, &x.rules) },
		"reason": f.text(&x.reason, "reason"),
	}
	for plural, kind := range map[string]string{"roles": "role", "users": "user", "groups": "group", "policies": "policy"} {
		known[plural] = func(n *yaml.Node) {
			var patterns []string
			f.texts(&patterns, plural)(n)
			x.patterns[kind] = patterns
		}
	}
	before := len(f.faults)
	f.fields(n, known)
	if len(x.patterns) == 0 && len(f.faults) == before {
		f.fault(n, "roles, users, groups and policies are all missing")
	}
	f.exclusions.entries = append(f.exclusions.entries, x)
}

// ruleNames reads names of rules, of which each must be one of a rule or a category.
func (f *exclusionReader) ruleNames(n *yaml.Node, dst *[]string) {
	for _, item := range f.items(n, "rules") {
		known := slices.ContainsFunc(f.all.list, func(r Rule) bool { return fits(item.Value, r.ID) || fits(item.Value, string(r.Category)) })
		if !known && !slices.ContainsFunc(f.all.unfit, func(u Unfit) bool { return fits(item.Value, u.Rule) }) {
			f.fault(item, "%q is no rule and no category", item.Value)
		}
		*dst = append(*dst, item.Value)
	}
}
