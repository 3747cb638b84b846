package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// Reach is the resources on which a principal may do one action. It is compact,
// needs no Evaluator, and stays valid.
type Reach struct {
	// layers hold what allows: the identity's statements, then those of each
	// limit. A resource must be allowed by a grant of every layer.
	layers [][]reachGrant
	denies []reachGrant
}

// reachGrant is one statement as it concerns the action.
type reachGrant struct {
	resources, notResources []string
	conditions              []Condition
}

// Reach returns the resources on which the principal may do an action.
func (f *Effective) Reach(a catalog.ActionID) Reach {
	var r Reach
	if !f.Has(a) {
		return r
	}
	r.layers = append(r.layers, f.layer(&r, a, f.policies.Attachments))
	if f.policies.Boundary != nil {
		r.layers = append(r.layers, f.layer(&r, a, []Attachment{*f.policies.Boundary}))
	}
	for _, level := range f.policies.Controls {
		r.layers = append(r.layers, f.layer(&r, a, level))
	}
	return r
}

// layer collects the allowing statements of attachments, and adds the denying ones to r.
func (f *Effective) layer(r *Reach, a catalog.ActionID, from []Attachment) []reachGrant {
	var grants []reachGrant
	for i := range from {
		if from[i].Analysis == nil {
			continue
		}
		for j := range from[i].Analysis.doc.Statements {
			s := &from[i].Analysis.doc.Statements[j]
			g := reachGrant{s.Resources, s.NotResources, s.Conditions}
			switch {
			case !f.names(s, a):
			case s.Effect == Allow:
				grants = append(grants, g)
			case s.Effect == Deny && s.Conditions == nil:
				r.denies = append(r.denies, g)
			}
		}
	}
	return grants
}

// Empty reports whether there is no resource in reach at all.
func (r Reach) Empty() bool { return len(r.layers) == 0 }

// Contains reports whether a resource, given by its full ARN, is in reach: some
// statement allows the action on it, no Deny without conditions covers it, and
// the boundary and every level of controls allow it too. Conditions of an Allow
// are taken to hold.
func (r Reach) Contains(arn string) bool { return r.contains(arn, "") }

// Passes reports whether a role, given by its ARN, is in reach and may be passed
// to a service, given by its principal as in "lambda.amazonaws.com", by the
// statements' conditions on iam:PassedToService. Pattern and condition of a
// statement belong together.
func (r Reach) Passes(arn, service string) bool { return r.contains(arn, service) }

// PassedTo reports whether the action may be done at all for a service, by the
// statements' conditions on iam:PassedToService.
func (r Reach) PassedTo(service string) bool { return r.contains("", service) }

func (r Reach) contains(arn, service string) bool {
	match := func(g reachGrant) bool { return g.matches(arn, service) }
	for _, layer := range r.layers {
		if !slices.ContainsFunc(layer, match) {
			return false
		}
	}
	return len(r.layers) > 0 && (arn == "" || !slices.ContainsFunc(r.denies, match))
}

func (g reachGrant) matches(arn, service string) bool {
	match := func(pattern string) bool { return globMatch(pattern, arn) }
	switch {
	case arn == "":
	case g.resources != nil && !slices.ContainsFunc(g.resources, match):
		return false
	case slices.ContainsFunc(g.notResources, match):
		return false
	}
	return service == "" || !slices.ContainsFunc(g.conditions, func(c Condition) bool {
		return strings.EqualFold(c.Key, "iam:PassedToService") && c.pins() && !slices.ContainsFunc(c.Values, func(value string) bool {
			return globMatch(value, service)
		})
	})
}

// Literals returns the ARNs that the reach names in full, sorted, and whether
// it is nothing but those. They are not yet tested with Contains.
func (r Reach) Literals() (arns []string, all bool) {
	if r.Empty() {
		return nil, true
	}
	all = true
	for _, g := range r.layers[0] {
		all = all && g.notResources == nil
		for _, resource := range g.resources {
			if strings.ContainsAny(resource, "*?$") {
				all = false
				continue
			}
			arns = append(arns, resource)
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns), all
}

// Key returns a text that is the same for reaches that are made of the same
// patterns and conditions, and so contain the same resources.
func (r Reach) Key() string {
	var key strings.Builder
	write := func(list []reachGrant) {
		for _, g := range list {
			key.WriteString(strings.Join(g.resources, "\x00") + "\x01" + strings.Join(g.notResources, "\x00") + "\x01")
			for _, c := range g.conditions {
				key.WriteString(c.Operator + "\x00" + c.Key + "\x00" + strings.Join(c.Values, "\x00") + "\x02")
			}
			key.WriteString("\x03")
		}
		key.WriteString("\x04")
	}
	for _, layer := range r.layers {
		write(layer)
	}
	write(r.denies)
	return key.String()
}

// globMatch reports whether s fits a pattern of "*", "?" and literal bytes.
func globMatch(pattern, s string) bool {
	p, i, star, retry := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			p++
			star, retry = p, i
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			retry++
			p, i = star, retry
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
