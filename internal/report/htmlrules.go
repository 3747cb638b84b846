package report

import (
	"fmt"
	"strings"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/count"
)

// ruleView is one rule with its findings.
type ruleView struct {
	ID, Title, Severity, CategoryTitle, Reason, Remedy, Affected string
	Open                                                         bool
	Findings                                                     []findingView
}

type findingView struct {
	Severity, Category  string
	Entity              entityView
	Discriminator, File string
	Chips               []chip
	Short               string // the first actions
	Actions             []string
	MoreActions         int
	Target, Lowered     string
	Candidates          []string
	Includes            []string
	MoreIncludes        int
	KnownTo             string
	Evidence            []evidenceView
}

type chip struct {
	Text string
	Warn bool // it lessens the finding
}

type entityView struct{ Kind, Name, ARN, Account, Note string }

type evidenceView struct {
	Effect, EffectClass, Place, About string
	For                               string // its actions, where they are not the finding's
	Statement                         int    // its number in the report; 0 for none
	Conditions                        []string
}

// shownActions is how many actions of a finding a page has: of an infrastructure
// that can be changed there may be thousands.
const shownActions = 100

// shownIncludes is the same of the rules that hold too: of an administrator all do.
const shownIncludes = 12

// openRule is the number of findings up to which a rule is shown open from Critical on.
const openRule = 3

func newRuleView(r *Report, g *group, s *statements) ruleView {
	f := &g.findings[0]
	v := ruleView{
		ID: f.Rule, Title: title(f), Severity: f.Severity.String(), CategoryTitle: sentenceCase(string(f.Category)),
		Reason: f.Reason, Remedy: f.Remedy, Affected: affected(g.findings),
		Open:     f.Severity == risk.Critical && len(g.findings) <= openRule,
		Findings: make([]findingView, len(g.findings)),
	}
	for i := range g.findings {
		v.Findings[i] = newFindingView(r, &g.findings[i], s)
	}
	return v
}

// affected counts the kinds of entities that a rule was found for.
func affected(findings []risk.Finding) string {
	n := map[string]int{}
	for i := range findings {
		n[findings[i].Entity.Kind]++
	}
	var parts []string
	for _, kind := range kinds() {
		if n[kind] > 0 {
			parts = append(parts, count.Kind(n[kind], kind))
		}
	}
	return strings.Join(parts, ", ")
}

func newFindingView(r *Report, f *risk.Finding, s *statements) findingView {
	v := findingView{
		Severity: f.Severity.String(), Category: string(f.Category), Entity: newEntityView(f.Entity, r.Account), Discriminator: discriminator(f),
		Actions: f.Actions[:min(shownActions, len(f.Actions))], Includes: f.Includes[:min(shownIncludes, len(f.Includes))], KnownTo: strings.Join(f.KnownTo, ", "),
	}
	v.MoreActions, v.MoreIncludes = actionCount(f)-len(v.Actions), len(f.Includes)-len(v.Includes)
	if r.Files {
		v.File = f.Entity.ID
	}
	if len(f.Actions) > 0 {
		v.Short = some(f.Actions, 4, actionCount(f))
	}
	if f.Scope != "" {
		v.Chips = append(v.Chips, chip{Text: scopeWords(f.Scope)})
	}
	if f.Conditional {
		v.Chips = append(v.Chips, chip{"only under conditions", true})
	}
	if f.PartlyDenied {
		v.Chips = append(v.Chips, chip{"partly denied", true})
	}
	if t := f.Target; t != nil {
		v.Target, v.Candidates = targetLead(t), t.Candidates
		v.Chips = append(v.Chips, chip{v.Target, t.Resolved && t.Count == 0})
	}
	v.Lowered = loweredWords(f.Lowered)
	for i := range f.Evidence {
		e := newEvidenceView(&f.Evidence[i], s)
		if n := len(f.Evidence[i].Actions); n > 0 && n < len(f.Actions) {
			e.For = some(f.Evidence[i].Actions, 4, n)
		}
		v.Evidence = append(v.Evidence, e)
	}
	return v
}

func newEntityView(e risk.Entity, account string) entityView {
	v := entityView{Kind: e.Kind, Name: entityName(&e), ARN: e.ARN}
	if e.Account != account && e.Account != v.Name {
		v.Account = e.Account
	}
	return v
}

func newEvidenceView(e *risk.Evidence, s *statements) evidenceView {
	v := evidenceView{Effect: e.Effect, EffectClass: strings.ToLower(e.Effect), Place: place(e), Statement: s.number(e)}
	if v.EffectClass != "deny" {
		v.EffectClass = "allow" // an effect is text of a document
	}
	var about []string
	switch e.Source {
	case "boundary":
		about = append(about, "permissions boundary")
	case "control":
		about = append(about, "service control policy")
	case "":
	default:
		about = append(about, e.Source)
	}
	if e.Scope != "" {
		about = append(about, "on "+scopeWords(e.Scope))
	}
	if e.Note != "" && v.Place != e.Note {
		about = append(about, e.Note)
	}
	v.About = strings.Join(about, ", ")
	for _, c := range e.Conditions {
		v.Conditions = append(v.Conditions, fmt.Sprintf("%s %s: %s", c.Operator, c.Key, strings.Join(c.Values, ", ")))
	}
	return v
}
