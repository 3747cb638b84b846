package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

func (d *draft) crud(t *Template) {
	d.exclude("exclude-actions", t.ExcludeActions)
	d.wildcardOnly(&t.WildcardOnly)
	d.resources("read", catalog.Read, t.Read)
	d.resources("write", catalog.Write, t.Write)
	d.resources("list", catalog.List, t.List)
	d.resources("tagging", catalog.Tagging, t.Tagging)
	d.resources("permissions-management", catalog.PermissionsManagement, t.PermissionsManagement)
	d.expand("skip-resource-constraints", t.SkipResourceConstraints, func(at place, pattern string, actions catalog.Set) {
		s := &d.under(d.conditionsAt(at)).skip
		d.include(&s.wide, actions)
		if d.why != nil {
			d.why.all(s, actions, Because{Path: at.String(), Value: pattern, Reason: "it skips resource constraints"})
		}
	})
	d.assume("sts.assume-role", "AssumeRole", t.STS.AssumeRole)
	d.assume("sts.assume-role-with-saml", "AssumeRoleWithSAML", t.STS.AssumeRoleWithSAML)
	d.assume("sts.assume-role-with-web-identity", "AssumeRoleWithWebIdentity", t.STS.AssumeRoleWithWebIdentity)
}

func (d *draft) wildcardOnly(w *WildcardOnly) {
	d.expand("wildcard-only.single-actions", w.SingleActions, func(at place, pattern string, actions catalog.Set) {
		asked := actions.Count()
		actions.Intersect(d.unbound(actions))
		if left := asked - actions.Count(); left > 0 {
			d.note(at, CodeNotWildcardOnly, "the policy leaves out %s, which can be bound to resources;"+
				" name the resources under an access level, or the action under skip-resource-constraints", share(left, asked, pattern))
		}
		d.addStar(at, actions, pattern)
	})
	d.serviceWide("wildcard-only.service-read", catalog.Read, w.ServiceRead)
	d.serviceWide("wildcard-only.service-write", catalog.Write, w.ServiceWrite)
	d.serviceWide("wildcard-only.service-list", catalog.List, w.ServiceList)
	d.serviceWide("wildcard-only.service-tagging", catalog.Tagging, w.ServiceTagging)
	d.serviceWide("wildcard-only.service-permissions-management", catalog.PermissionsManagement, w.ServicePermissionsManagement)
}

// serviceWide adds the actions of whole services at a level that can be bound
// to no resource.
func (d *draft) serviceWide(path string, level catalog.Level, prefixes []string) {
	var set catalog.Set
	each(path, prefixes, func(at place, prefix string) {
		service, ok := d.writer.catalog.LookupService(prefix)
		if !ok {
			d.unknownService(at, prefix)
			return
		}
		if d.full() {
			return
		}
		d.into(&set).Clear()
		for _, a := range d.included(d.writer.service(service.ID).wildcardOnly[level]) {
			set.Add(a)
		}
		if set.Empty() {
			d.note(at, CodeNoAction, "%s has no wildcard-only action at level %s%s", service.Prefix, level, d.orExcluded())
			return
		}
		d.addStar(at, set, prefix)
	})
}

// orExcluded is the tail of a note that there are no actions.
func (d *draft) orExcluded() string {
	if d.excluded.Empty() {
		return ""
	}
	return ", or exclude-actions names them all"
}

// unbound returns a set that has, of some actions, those that can be bound to no
// resource.
func (d *draft) unbound(actions catalog.Set) catalog.Set {
	looked, loose := d.into(&d.looked), d.into(&d.loose)
	rest := actions.Clone()
	rest.Subtract(looked)
	for a := range rest.All() {
		if len(d.indexed(a).types) == 0 {
			loose.Add(a)
		}
	}
	looked.Union(rest)
	return loose
}

// addStar puts actions that a value asks for, and what they need, on "*". The set of
// actions is changed.
func (d *draft) addStar(at place, actions catalog.Set, value string) {
	conditions := d.conditionsAt(at)
	r := d.under(conditions)
	if d.why != nil {
		d.why.all(&r.star, actions, Because{Path: at.String(), Value: value, Reason: "it can be bound to no resource"})
	}
	actions.Subtract(r.starred)
	d.into(&r.starred).Union(actions)
	d.include(&r.star.wide, actions)
	for a := range actions.All() {
		d.needed(a, func(needed catalog.ActionID) { d.needElsewhere(needed, &r.star, a) })
	}
}

// needElsewhere puts on "*" what an action of a statement needs and cannot be bound
// to the resources of that.
func (d *draft) needElsewhere(needed catalog.ActionID, from *draftStatement, by catalog.ActionID) {
	star := &d.under(d.elsewhere(from.conditions)).star
	d.into(&star.wide).Add(needed)
	d.why.needs(star, needed, from, by)
}

// resources adds a statement for each resource type that one of the ARNs of a
// level names.
func (d *draft) resources(path string, level catalog.Level, arns []string) {
	var seen map[seenARN]struct{}
	if len(arns) > 1 {
		seen = make(map[seenARN]struct{}, len(arns))
	}
	each(path, arns, func(at place, arn string) {
		if d.full() {
			return
		}
		conditions := d.conditionsAt(at)
		matches, found := d.matchARN(at, arn), false
		if seen != nil {
			once := seenARN{arn, conditions}
			if _, again := seen[once]; again {
				return
			}
			seen[once] = struct{}{}
		}
		for _, match := range matches {
			if d.resource(at, statementKey{match.Service, level, match.Index, conditions}, arn) {
				found = true
			}
		}
		if len(matches) > 0 && !found {
			d.note(at, CodeNoAction, "no action at level %s supports %s%s", level, d.typeNames(matches), d.orExcluded())
		}
	})
}

// seenARN is an ARN under conditions.
type seenARN struct {
	arn        string
	conditions int
}

// resource adds an ARN to the statement of its type. It reports whether there
// are actions to put there.
func (d *draft) resource(at place, key statementKey, arn string) bool {
	s, index := d.statement(key), d.writer.service(key.service)
	first := len(s.resources) == 0
	if first {
		s.actions = d.included(index.byType[key.typ][key.level])
	}
	if d.why != nil {
		d.why.onResource(s, Because{
			Path: at.String(), Value: arn, Level: key.level.String(), ResourceType: index.types[key.typ].Name,
		})
	}
	if first {
		d.addDependents(s, d.needElsewhere)
		d.actions += len(s.actions)
	}
	s.resources = append(s.resources, arn)
	d.arns++
	return len(s.actions) > 0
}

// matchARN returns the resource types that an ARN names: those of the service
// in the ARN. Types of other services count only where that is not the prefix of
// any actions, as route53-recovery-control is not.
func (d *draft) matchARN(at place, arn string) []catalog.ResourceMatch {
	m, err := d.match(arn)
	if err != nil {
		d.fault(at, CodeMalformedARN, "%v", err)
		return nil
	}
	switch {
	case !m.known && len(m.matches) == 0:
		d.unknownService(at, m.service)
	case !m.known:
	case len(m.matches)+len(m.others) == 0:
		d.fault(at, CodeUnknownResource, "%q is none of the resource types of %s", arn, m.service)
	case len(m.matches) == 0:
		d.note(at, CodeUnknownResource, "%q is none of the resource types of %s, only %s, whose actions can be listed in mode actions",
			arn, m.service, d.typeNames(m.others))
	}
	if slices.ContainsFunc(m.matches, func(r catalog.ResourceMatch) bool { return r.Public }) {
		d.note(at, CodeNoAccount, "%q has no account; only public ones have none, such as AWS's own", arn)
	}
	return m.matches
}

// matchedARN is what the catalog says of an ARN.
type matchedARN struct {
	service string // the prefix in the ARN, as the catalog spells it where it is known
	known   bool
	matches []catalog.ResourceMatch
	others  []catalog.ResourceMatch // of other services than the ARN's, which do not count
}

// match asks the catalog once for an ARN that stands under several levels.
func (d *draft) match(arn string) (matchedARN, error) {
	if m, ok := d.matched[arn]; ok {
		return m, nil
	}
	parsed, err := catalog.ParseARN(arn)
	if err != nil {
		return matchedARN{}, err
	}
	before := len(d.matches)
	d.matches = d.writer.catalog.AppendMatches(d.matches, parsed)
	m := d.judged(parsed.Service, d.matches[before:])
	d.matched[arn] = m
	return m, nil
}

// judged tells the matches of an ARN that count from those that do not.
func (d *draft) judged(prefix string, matches []catalog.ResourceMatch) matchedARN {
	service, known := d.writer.catalog.LookupService(prefix)
	if !known {
		return matchedARN{service: prefix, matches: d.ofNamedServices(matches)}
	}
	m := matchedARN{service: service.Prefix, known: true}
	own := 0
	for own < len(matches) && matches[own].Service == service.ID {
		own++
	}
	m.matches, m.others = matches[:own], matches[own:]
	if named := d.ofNamedServices(m.matches); len(named) > 0 {
		m.matches = named
	}
	return m
}

// ofNamedServices leaves out, in place, the types in whose ARN patterns a
// placeholder stands for the service: a recovery point of AWS Backup can be
// named so, but neither a plan of its own nor what no service is called.
func (d *draft) ofNamedServices(matches []catalog.ResourceMatch) []catalog.ResourceMatch {
	named := 0
	for i, match := range matches {
		if !d.writer.service(match.Service).anyService[match.Index] {
			matches[i], matches[named] = matches[named], matches[i]
			named++
		}
	}
	return matches[:named]
}

// typeNames names the resource types of matches for a note.
func (d *draft) typeNames(matches []catalog.ResourceMatch) string {
	names := make([]string, len(matches))
	for i, match := range matches {
		names[i] = d.writer.service(match.Service).prefix + " " + match.Type
	}
	return strings.Join(names, " or ")
}
