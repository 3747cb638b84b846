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
	evidence []policy.Evidence // working memory
}

// Findings returns what holds for the entity, in the order of the rules, and how
// many findings exclusions left out. What an administrator's rule covers is told
// within its finding.
func (m *Matcher) Findings(entity Entity) (findings []Finding, excluded int) {
	b := &builder{Matcher: m, entity: entity}
	if m.admin != nil {
		b.add(m.rule(m.admin.rule), m.listed(m.admin), nil)
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
	b.cover()
	return b.findings, b.excluded
}

// listed returns the actions of a list that are granted widely enough for its
// rule. They hold until the next call.
func (m *Matcher) listed(l *list) []catalog.ActionID {
	actions := m.actions[:0]
	rule := m.rule(l.rule)
	unbound, bound := m.effective.Unbound(), m.effective.Bound()
	for _, w := range l.words {
		granted := unbound[w.at]
		if !rule.Wide {
			granted |= bound[w.at]
		}
		for rest := granted & w.mask; rest != 0; rest &= rest - 1 {
			a := catalog.ActionID(int(w.at)*64 + bits.TrailingZeros64(rest))
			if m.counts(rule, a) {
				actions = append(actions, a)
			}
		}
	}
	m.actions = actions
	return actions
}

// add makes the finding of a rule whose actions are granted, unless the entity is
// excluded from the rule.
func (b *builder) add(rule *Rule, actions []catalog.ActionID, includes []string) {
	if _, excluded := b.engine.options.Exclusions.Match(b.entity, rule); excluded {
		b.excluded++
		return
	}
	f := b.engine.finding(rule, b.entity)
	f.Includes = includes
	for _, id := range includes {
		if outer, ok := b.engine.rules.Rule(id); ok {
			f.KnownTo = append(f.KnownTo, outer.KnownTo...)
		}
	}
	scope := b.grade(&f, rule, actions)
	f.Scope, f.ActionCount = scope.String(), len(actions)
	shown := limit(actions, b.engine.options.MaxActions)
	for _, a := range shown {
		f.Actions = append(f.Actions, b.engine.catalog.FullName(a))
	}
	slices.Sort(f.Actions)
	var reasons []string
	if scope == policy.ScopeExact {
		reasons = append(reasons, WhenExact)
	}
	if b.prove(&f, shown) && rule.Harmless {
		reasons = append(reasons, WhenOwn)
	}
	f.Severity = b.engine.rules.Severity(rule, reasons...)
	f.lowered = reasons
	if rule.Needs != "" {
		f.Target = &Target{Needs: rule.Needs}
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
	reasons := f.lowered
	if count == 0 {
		reasons = append(slices.Clone(reasons), WhenNoTarget)
	}
	f.Severity = e.rules.Severity(rule, reasons...)
}

// finding returns the parts of a finding that its rule decides.
func (e *Engine) finding(rule *Rule, entity Entity) Finding {
	return Finding{
		Rule: rule.ID, Category: rule.Category, Severity: rule.Severity, Title: rule.Title, Entity: entity,
		KnownTo: slices.Clone(rule.KnownTo), Reason: rule.Reason, Remedy: rule.Remedy,
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
			f.Conditional = f.Conditional || b.effective.Conditional(a)
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

// prove adds the statements that allow the actions, or deny them in part, to a
// finding. It reports whether all that allow name the caller's own user only.
func (b *builder) prove(f *Finding, actions []catalog.ActionID) (own bool) {
	type place struct {
		attachment *policy.Attachment
		statement  int
	}
	own = true
	at := make(map[place]int)
	for _, a := range actions {
		name := b.engine.catalog.FullName(a)
		b.evidence = b.effective.Evidence(b.evidence[:0], a)
		for i := range b.evidence {
			ev := &b.evidence[i]
			own = own && (ev.Effect != policy.Allow || ev.Role != policy.RoleIdentity || b.ownUser(ev.Resources))
			key := place{ev.Attachment, ev.Statement}
			if j, known := at[key]; known {
				f.Evidence[j].Actions = append(f.Evidence[j].Actions, name)
				continue
			}
			if n := b.engine.options.MaxEvidence; n > 0 && len(f.Evidence) == n {
				continue
			}
			at[key] = len(f.Evidence)
			f.Evidence = append(f.Evidence, evidenceOf(ev, name))
		}
	}
	return own
}

// ownUser reports whether resources name the caller's own user only.
func (b *builder) ownUser(resources []string) bool {
	return len(resources) > 0 && !slices.ContainsFunc(resources, func(r string) bool {
		return !strings.HasSuffix(r, "/${aws:username}") && (b.entity.Kind != "user" || b.entity.ARN == "" || r != b.entity.ARN)
	})
}

func evidenceOf(ev *policy.Evidence, action string) Evidence {
	out := Evidence{
		Document: ev.Attachment.Document, Policy: ev.Attachment.ARN, Source: ev.Attachment.Source, Group: ev.Attachment.Group,
		Statement: ev.Statement, SID: ev.SID, Effect: ev.Effect.String(), Actions: []string{action}, Scope: ev.Scope.String(),
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
	var first []catalog.ActionID
	var names []string
	for s := range catalog.ServiceID(b.engine.catalog.Services()) {
		if !b.whole(s) {
			continue
		}
		service := b.engine.catalog.Service(s)
		names = append(names, service.Prefix+":*")
		first = append(first, b.widest(service))
	}
	if len(names) == 0 {
		return
	}
	before := len(b.findings)
	b.add(rule, first, nil)
	if len(b.findings) > before {
		b.findings[before].Actions = limit(names, b.engine.options.MaxActions)
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

// cover moves the findings that an administrator's finding covers into it.
func (b *builder) cover() {
	if b.admin == nil || len(b.findings) == 0 || b.findings[0].Rule != b.rule(b.admin.rule).ID {
		return
	}
	covers := b.rule(b.admin.rule).Covers
	kept := b.findings[:1]
	for _, f := range b.findings[1:] {
		if !slices.Contains(covers, f.Category) {
			kept = append(kept, f)
			continue
		}
		kept[0].Includes = append(append(kept[0].Includes, f.Rule), f.Includes...)
	}
	slices.Sort(kept[0].Includes)
	kept[0].Includes = slices.Compact(kept[0].Includes)
	b.findings = kept
}

// limit returns the first n elements of s, or all where n is 0.
func limit[T any](s []T, n int) []T {
	if n > 0 && len(s) > n {
		return s[:n]
	}
	return s
}
