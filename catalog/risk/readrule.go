package risk

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/leastwise/leastwise/catalog"
)

// suggestions is how many actions a fault offers for one that does not exist.
const suggestions = 2

// ruleReader reads one rule.
type ruleReader struct {
	*fileReader
	rule   *Rule
	node   *yaml.Node
	scope  string
	own    string
	kinds  []string // the ways to hold that the rule has
	failed bool     // one of its actions does not exist
	// missing are the actions that are left out
	missing []string
}

func (f *fileReader) readRule(n *yaml.Node) {
	if !f.mapping(n, "a rule") {
		return
	}
	rule := Rule{Line: n.Line}
	f.id = idOf(n)
	r := ruleReader{fileReader: f, rule: &rule, node: n}
	before := len(f.faults)
	r.fields(n, r.known())
	if f.lenient && r.unfit() {
		f.id = ""
		return
	}
	r.check()
	if len(f.faults) == before || rule.ID != "" {
		f.rules = append(f.rules, rule)
	}
	f.id = ""
}

// idOf finds the id of a rule ahead of reading it, for its faults.
func idOf(n *yaml.Node) string {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "id" {
			return n.Content[i+1].Value
		}
	}
	return ""
}

func (r *ruleReader) known() map[string]func(*yaml.Node) {
	return map[string]func(*yaml.Node){
		"id":       r.text(&r.rule.ID, "id"),
		"category": r.category,
		"severity": r.severity,
		"title":    r.text(&r.rule.Title, "title"),
		"reason":   r.text(&r.rule.Reason, "reason"),
		"remedy":   r.text(&r.rule.Remedy, "remedy"),
		"actions":  r.actions("actions", true),
		"any":      r.actions("any", false),
		"levels":   r.levels,
		"check":    r.text(&r.rule.Check, "check"),
		"share":    r.number(&r.rule.Share, "share", 1, 100),
		"scope":    r.text(&r.scope, "scope"),
		"passes":   r.texts(&r.rule.Passes, "passes"),
		"needs":    r.text(&r.rule.Needs, "needs"),
		"own":      r.text(&r.own, "own"),
		"services": r.texts(&r.rule.Services, "services"),
		"covers":   r.covers,
		"known-to": r.texts(&r.rule.KnownTo, "known-to"),
	}
}

func (r *ruleReader) category(n *yaml.Node) {
	c, err := ParseCategory(n.Value)
	if err != nil {
		r.fault(n, "%v", err)
		return
	}
	r.rule.Category = c
}

func (r *ruleReader) severity(n *yaml.Node) {
	s, err := ParseSeverity(n.Value)
	if err != nil {
		r.fault(n, "%v", err)
		return
	}
	r.rule.Severity = s
}

func (r *ruleReader) covers(n *yaml.Node) {
	for _, item := range r.items(n, "covers") {
		c, err := ParseCategory(item.Value)
		if err != nil {
			r.fault(item, "%v", err)
			continue
		}
		r.rule.Covers = append(r.rule.Covers, c)
	}
}

// actions reads a list of names and patterns of actions.
func (r *ruleReader) actions(key string, all bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		r.kinds = append(r.kinds, key)
		r.rule.All = all
		set := r.catalog.NewSet()
		for _, item := range r.items(n, key) {
			if r.catalog.AddMatches(set, item.Value) > 0 {
				continue
			}
			if r.lenient {
				r.missing = append(r.missing, item.Value)
			} else {
				r.failed = true
				r.fault(item, "%q is no action of the catalog%s", item.Value, r.didYouMean(item.Value))
			}
		}
		r.rule.Actions = slices.Collect(set.All())
	}
}

func (r *ruleReader) didYouMean(name string) string {
	near := r.catalog.NearestActions(name, suggestions)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// levels derives the actions of a rule from their access levels.
func (r *ruleReader) levels(n *yaml.Node) {
	r.kinds = append(r.kinds, "levels")
	for _, item := range r.items(n, "levels") {
		level, err := catalog.ParseLevel(item.Value)
		if err != nil {
			r.failed = true
			r.fault(item, "%v", err)
			continue
		}
		r.rule.Levels = append(r.rule.Levels, level)
	}
	for a := range catalog.ActionID(r.catalog.Len()) {
		if !r.catalog.WildcardOnly(a) && slices.Contains(r.rule.Levels, r.catalog.LevelOf(a)) {
			r.rule.Actions = append(r.rule.Actions, a)
		}
	}
}

// check looks at the rule as a whole.
func (r *ruleReader) check() {
	has := make(map[string]bool)
	for i := 0; i < len(r.node.Content); i += 2 {
		has[r.node.Content[i].Value] = true
	}
	for _, name := range []string{"id", "category", "severity", "reason", "remedy"} {
		if !has[name] {
			r.fault(r.node, "%s is missing", name)
		}
	}
	r.checkKind()
	switch r.scope {
	case "", "any":
	case "service":
		r.rule.Wide = true
	default:
		r.fault(r.node, "scope is %q, not any or service", r.scope)
	}
	if r.own != "" && r.own != "harmless" {
		r.fault(r.node, "own is %q, not harmless", r.own)
	}
	r.rule.Harmless = r.own != ""
	if len(r.rule.Passes) > 0 && !r.passesRole() {
		r.fault(r.node, "passes stands beside actions without iam:PassRole")
	}
	if (r.rule.Share > 0) != (r.rule.Check == CheckAdministrator) {
		r.fault(r.node, "share and the check administrator belong together")
	}
}

// checkKind looks at the way in which the rule holds.
func (r *ruleReader) checkKind() {
	rule := r.rule
	switch {
	case rule.Check == CheckAdministrator:
	case len(r.kinds) > 1 || len(r.kinds) == 1 && rule.Check != "":
		r.fault(r.node, "actions, any, levels and check exclude each other")
	case len(r.kinds) == 0 && rule.Check == "":
		r.fault(r.node, "one of actions, any, levels or check is missing")
	case len(r.kinds) == 1 && len(rule.Actions) == 0 && !r.failed:
		r.fault(r.node, "%s has no actions", r.kinds[0])
	}
	if rule.Check != "" && rule.Category != "" && !hasCheck(rule.Category, rule.Check) {
		r.fault(r.node, "check %q is none of category %s, which has %s", rule.Check, rule.Category, orNone(checks(rule.Category)))
	}
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func (r *ruleReader) passesRole() bool {
	pass, ok := r.catalog.LookupAction("iam:PassRole")
	return ok && slices.Contains(r.rule.Actions, pass)
}
