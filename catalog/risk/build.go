package risk

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// builder makes the findings of one entity.
type builder struct {
	*Matcher
	entity   Entity
	findings []Finding
	excluded int
	// covers are the categories that the first finding, an administrator's, covers.
	covers []Category
	// hidden are those that it covers, or would were the entity not excluded from
	// all rules: no exclusion leaves out what would not be shown.
	hidden []Category
	// evidence and cited are working memory: cited are the attachments of the
	// evidence of the finding that is being made.
	evidence []policy.Evidence
	cited    []*policy.Attachment
}

// Findings returns what holds for the entity, in the order of the rules, and how
// many findings exclusions left out. What an administrator's rule covers is told
// within its finding, by ids alone.
func (m *Matcher) Findings(entity Entity) (findings []Finding, excluded int) {
	b := &builder{Matcher: m, entity: entity}
	if m.admin != nil {
		rule := m.rule(m.admin.rule)
		b.add(rule, m.listed(m.admin), nil)
		if len(b.findings) > 0 {
			b.covers, b.hidden = rule.Covers, rule.Covers
		} else if _, entirely := b.engine.options.Exclusions.Match(entity, nil); entirely {
			b.hidden = rule.Covers
		}
	}
	for rule, includes := range m.Combinations() {
		b.add(rule, rule.Actions, includes)
	}
	for i := range m.engine.compiled.lists {
		l := &m.engine.compiled.lists[i]
		if actions := m.listed(l); len(actions) > 0 {
			b.add(m.rule(l.rule), actions, nil)
		}
	}
	for _, i := range m.engine.compiled.wildcards {
		b.addWildcards(m.rule(i))
	}
	if b.covers != nil {
		slices.Sort(b.findings[0].Includes)
		b.findings[0].Includes = slices.Compact(b.findings[0].Includes)
	}
	return b.findings, b.excluded
}

// listed returns the actions of a list that are granted widely enough for its
// rule. They hold until the next call.
func (m *Matcher) listed(l *list) []catalog.ActionID {
	actions := m.actions[:0]
	enough := m.enough(m.rule(l.rule).Wide)
	for _, w := range l.words {
		for rest := enough[w.at] & w.mask; rest != 0; rest &= rest - 1 {
			actions = append(actions, catalog.ActionID(int(w.at)*64+bits.TrailingZeros64(rest)))
		}
	}
	m.actions = actions
	return actions
}

// add makes the finding of a rule whose actions are granted, unless the entity is
// excluded from the rule, or the rule is covered.
func (b *builder) add(rule *Rule, actions []catalog.ActionID, includes []*Rule) {
	if _, excluded := b.engine.options.Exclusions.Match(b.entity, rule); excluded {
		if !slices.Contains(b.hidden, rule.Category) {
			b.excluded++
		}
		return
	}
	if slices.Contains(b.covers, rule.Category) {
		b.findings[0].Includes = append(b.findings[0].Includes, rule.ID)
		for _, outer := range includes {
			b.findings[0].Includes = append(b.findings[0].Includes, outer.ID)
		}
		return
	}
	f := b.engine.finding(rule, b.entity)
	for _, outer := range includes {
		f.Includes = append(f.Includes, outer.ID)
		f.KnownTo = append(f.KnownTo, outer.KnownTo...)
	}
	scope := b.grade(&f, rule, actions)
	f.Scope, f.ActionCount = scope.String(), len(actions)
	shown := limit(actions, b.engine.options.MaxActions)
	f.Actions = make([]string, len(shown))
	for i, a := range shown {
		f.Actions[i] = b.engine.name(a)
	}
	if scope == policy.ScopeExact {
		f.Lowered = append(f.Lowered, WhenExact)
	}
	if b.prove(&f, shown) && rule.Harmless {
		f.Lowered = append(f.Lowered, WhenOwn)
	}
	f.Severity = b.engine.rules.Severity(rule, f.Lowered...)
	if rule.Needs != "" {
		f.Target = &Target{Needs: rule.Needs}
	}
	if b.findings == nil {
		b.findings = make([]Finding, 0, 16) // more than most entities have
	}
	b.findings = append(b.findings, f)
}

// Resolve says of a finding that needs something to be there which of the
// account's entities are within reach: the ARNs of the first few, and how many
// there are. With none the finding is less severe.
func (e *Engine) Resolve(f *Finding, candidates []string, count int) {
	rule, ok := e.rules.Rule(f.Rule)
	if !ok || f.Target == nil {
		return
	}
	*f.Target = Target{Needs: f.Target.Needs, Resolved: true, Candidates: candidates, Count: count}
	f.Lowered = slices.DeleteFunc(slices.Clone(f.Lowered), func(when string) bool { return when == WhenNoTarget })
	if count == 0 {
		f.Lowered = append(f.Lowered, WhenNoTarget)
	}
	f.Severity = e.rules.Severity(rule, f.Lowered...)
}

// finding returns the parts of a finding that its rule decides.
func (e *Engine) finding(rule *Rule, entity Entity) Finding {
	return Finding{
		Rule: rule.ID, Category: rule.Category, Severity: rule.Severity, Title: rule.Title, Entity: entity,
		KnownTo: slices.Clip(rule.KnownTo), Reason: rule.Reason, Remedy: rule.Remedy,
	}
}

// grade says how wide the actions are granted, and whether the rule rests on
// conditions or is denied in part: it does where all of a combination are needed
// if one of them does, and where any is enough if all of them do.
func (b *builder) grade(f *Finding, rule *Rule, actions []catalog.ActionID) policy.Scope {
	scope := b.effective.Scope(actions[0])
	f.Conditional, f.PartlyDenied = !rule.All, !rule.All
	for _, a := range actions {
		width := b.effective.Scope(a)
		if rule.All {
			scope = min(scope, width)
			f.Conditional = f.Conditional || b.conditional(rule, a)
			f.PartlyDenied = f.PartlyDenied || b.effective.PartlyDenied(a)
			continue
		}
		scope = max(scope, width)
		f.Conditional = f.Conditional && b.effective.Conditional(a)
		f.PartlyDenied = f.PartlyDenied && b.effective.PartlyDenied(a)
		if scope == policy.ScopeEverything && !f.Conditional && !f.PartlyDenied {
			break // the other actions can change nothing
		}
	}
	return scope
}

// conditional reports whether an action of a rule is granted under conditions only.
// That the role is passed to a service of the rule's is none.
func (b *builder) conditional(rule *Rule, a catalog.ActionID) bool {
	return b.effective.Conditional(a) && (a != b.engine.compiled.passRole || !b.passesSurely(rule.Passes))
}

// prove adds the statements that allow the actions, or deny them in part, to a
// finding. It reports whether all that allow name the caller's own user only.
func (b *builder) prove(f *Finding, actions []catalog.ActionID) (own bool) {
	own, b.cited = true, b.cited[:0]
	for _, a := range actions {
		b.evidence = b.effective.Evidence(b.evidence[:0], a)
		for i := range b.evidence {
			ev := &b.evidence[i]
			own = own && (ev.Effect != policy.Allow || ev.Role != policy.RoleIdentity || b.ownUser(ev.Resources))
			b.cite(f, ev, a)
		}
	}
	return own
}

// cite adds a statement about an action to a finding that may have it already.
func (b *builder) cite(f *Finding, ev *policy.Evidence, a catalog.ActionID) {
	for i := range f.Evidence {
		if at := &f.Evidence[i]; b.cited[i] == ev.Attachment && at.Statement == ev.Statement {
			at.Actions = append(at.Actions, b.engine.name(a))
			return
		}
	}
	if n := b.engine.options.MaxEvidence; n > 0 && len(f.Evidence) == n {
		return
	}
	e := evidenceOf(ev)
	e.Actions = append(make([]string, 0, len(f.Actions)), b.engine.name(a))
	f.Evidence, b.cited = append(f.Evidence, e), append(b.cited, ev.Attachment)
}

// ownUser reports whether resources name the caller's own user only.
func (b *builder) ownUser(resources []string) bool {
	return len(resources) > 0 && !slices.ContainsFunc(resources, func(r string) bool {
		return !strings.HasSuffix(r, "/${aws:username}") && (b.entity.Kind != "user" || b.entity.ARN == "" || r != b.entity.ARN)
	})
}

func evidenceOf(ev *policy.Evidence) Evidence {
	out := Evidence{
		Document: ev.Attachment.Document, Policy: ev.Attachment.ARN, Source: ev.Attachment.Source, Group: ev.Attachment.Group,
		Statement: ev.Statement, SID: ev.SID, Effect: ev.Effect.String(), Scope: ev.Scope.String(),
		Resources: ev.Resources, NotResources: ev.NotResources,
	}
	if out.Policy == "" {
		out.Policy = ev.Attachment.Name
	}
	if ev.Role != policy.RoleIdentity {
		out.Source = ev.Role.String()
	}
	out.addConditions(ev.Conditions, ev.Grade)
	return out
}

func (e *Evidence) addConditions(conditions []policy.Condition, grade policy.ConditionGrade) {
	for _, c := range conditions {
		e.Conditions = append(e.Conditions, Condition{Operator: c.Operator, Key: c.Key, Values: c.Values})
	}
	if grade != policy.Unconditional {
		e.Grade = grade.String()
	}
}

// addWildcards makes the finding of the services of which every action is granted.
func (b *builder) addWildcards(rule *Rule) {
	widest := b.actions[:0]
	var names []string
	n := b.engine.options.MaxActions
	for s := range catalog.ServiceID(b.engine.catalog.Services()) {
		if !b.whole(s) {
			continue
		}
		service := b.engine.catalog.Service(s)
		widest = append(widest, b.widest(service))
		if n == 0 || len(names) < n {
			names = append(names, service.Prefix+":*")
		}
	}
	b.actions = widest
	if len(widest) == 0 {
		return
	}
	before := len(b.findings)
	b.add(rule, widest, nil)
	if len(b.findings) > before {
		b.findings[before].Actions = names
	}
}

// widest returns an action of a service that is granted as widely as any.
func (b *builder) widest(service catalog.Service) catalog.ActionID {
	best := service.First
	for a := service.First; a < service.End; a++ {
		if b.effective.Unbound().Has(a) {
			return a
		}
		if b.effective.Scope(a) > b.effective.Scope(best) {
			best = a
		}
	}
	return best
}

// limit returns the first n elements of s, or all where n is 0.
func limit[T any](s []T, n int) []T {
	if n > 0 && len(s) > n {
		return s[:n]
	}
	return s
}
