package risk

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/leastwise/leastwise/catalog"
)

//go:embed rules.yaml
var embedded string

// EmbeddedFile is the name that the embedded rules have in faults.
const EmbeddedFile = "rules.yaml"

// Load reads the embedded rules over the actions of a catalog. An error is
// Faults, and means that the rules do not fit the catalog.
func Load(c *catalog.Catalog) (*Rules, error) {
	if err := checkCore(c); err != nil {
		return nil, err
	}
	f := &fileReader{yamlReader: yamlReader{file: EmbeddedFile}, catalog: c, lenient: true}
	return f.readOnTopOf(&Rules{catalog: c}, strings.NewReader(embedded))
}

// Read reads a rule file of a user's own. Its rules come on top of base, and one
// with the id of one of base takes its place; the file's `disabled` ids are left
// out. A file that says `replace: true` stands alone. An error is Faults: all that
// is wrong with the file.
func Read(base *Rules, name string, r io.Reader) (*Rules, error) {
	f := &fileReader{yamlReader: yamlReader{file: name}, catalog: base.catalog}
	return f.readOnTopOf(base, r)
}

func (f *fileReader) readOnTopOf(base *Rules, r io.Reader) (*Rules, error) {
	if top := f.root(r); top != nil {
		f.read(top)
	}
	rules := f.onTopOf(base)
	if err := f.faults.err(); err != nil {
		return nil, err
	}
	return rules, nil
}

// fileReader reads one rule file.
type fileReader struct {
	yamlReader
	catalog  *catalog.Catalog
	lenient  bool // actions that there are not are left out
	unfits   []Unfit
	replace  bool
	disabled []*yaml.Node
	lower    []Lowering
	rules    []Rule
}

func (f *fileReader) read(top *yaml.Node) {
	f.fields(top, map[string]func(*yaml.Node){
		"replace":  f.flag(&f.replace, "replace"),
		"disabled": func(n *yaml.Node) { f.disabled = f.items(n, "disabled") },
		"lower":    f.lowerings,
		"rules": func(n *yaml.Node) {
			for _, item := range f.items(n, "rules") {
				f.readRule(item)
			}
		},
	})
	if len(f.rules) == 0 && len(f.disabled) == 0 && f.lower == nil && len(f.faults) == 0 {
		f.fault(top, "the file has no rules")
	}
}

func (f *fileReader) lowerings(n *yaml.Node) {
	f.lower = []Lowering{}
	for _, item := range f.items(n, "lower") {
		var l Lowering
		if !f.mapping(item, "an element of lower") {
			continue
		}
		f.fields(item, map[string]func(*yaml.Node){
			"when":  f.text(&l.When, "when"),
			"steps": f.number(&l.Steps, "steps", 1, SeverityCount-1),
		})
		if !slices.Contains([]string{WhenExact, WhenOwn, WhenNoTarget}, l.When) || l.Steps == 0 {
			f.fault(item, "lower wants when (%s, %s or %s) and steps", WhenExact, WhenOwn, WhenNoTarget)
			continue
		}
		f.lower = append(f.lower, l)
	}
}

// onTopOf joins the file's rules with those of base.
func (f *fileReader) onTopOf(base *Rules) *Rules {
	rules := &Rules{catalog: base.catalog, lower: base.lower, unfit: append(slices.Clip(base.unfit), f.unfits...)}
	if !f.replace {
		rules.list = slices.Clone(base.list)
	}
	if f.lower != nil {
		rules.lower = f.lower
	}
	lines := make(map[string]int)
	for _, rule := range f.rules {
		if line := lines[rule.ID]; line > 0 {
			f.faults = append(f.faults, Fault{File: f.file, Line: rule.Line, Rule: rule.ID, Reason: fmt.Sprintf("the id is that of the rule in line %d", line)})
			continue
		}
		lines[rule.ID] = rule.Line
		if i := rules.index(rule.ID); i >= 0 {
			rules.list[i] = rule
		} else {
			rules.list = append(rules.list, rule)
		}
	}
	for _, n := range f.disabled {
		i := rules.index(n.Value)
		if i < 0 && rules.knows(n.Value) {
			continue
		}
		if i < 0 {
			f.fault(n, "disabled names %q, which is no rule", n.Value)
			continue
		}
		rules.list = slices.Delete(rules.list, i, i+1)
	}
	slices.SortStableFunc(f.faults, func(a, b Fault) int { return a.Line - b.Line })
	return rules
}
