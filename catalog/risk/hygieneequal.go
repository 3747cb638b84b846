package risk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// copies are the places that a document is at: the ARNs of managed policies, and
// of the entities that have it inline.
type copies map[string][]copied

type copied struct {
	arn, inline string // inline is the name of an inline policy
	aws         bool   // it is a managed policy of AWS's
}

// note adds a place; documents without a hash are not known to be equal.
func (c copies) note(document string, place copied) {
	if document != "" {
		c[document] = append(c[document], place)
	}
}

// copies collects all documents of the account.
func (a *Account) copies() copies {
	c := make(copies)
	for i := range a.policies {
		p := &a.policies[i]
		c.note(p.Document, copied{arn: p.Entity.ARN, aws: p.AWS})
	}
	inline := func(arn string, attachments []policy.Attachment) {
		for i := range attachments {
			if at := &attachments[i]; at.Source == sourceInline && at.Group == "" {
				c.note(at.Document, copied{arn: arn, inline: at.Name})
			}
		}
	}
	for i := range a.groups {
		inline(a.groups[i].Entity.ARN, a.groups[i].Attachments)
	}
	for i := range a.principals {
		if p := &a.principals[i]; !p.Entity.ServiceLinked() {
			inline(p.Entity.ARN, p.Policies.Attachments)
		}
	}
	return c
}

// judgeEqual finds documents that are at several places, not all of them AWS's, a
// finding each.
func (a *Account) judgeEqual(j *Judgement) {
	all := a.copies()
	var hashes []string
	for hash, places := range all {
		if len(places) > 1 && slices.ContainsFunc(places, func(p copied) bool { return !p.aws }) {
			hashes = append(hashes, hash)
		}
	}
	slices.Sort(hashes)
	for _, hash := range hashes {
		places := all[hash]
		slices.SortFunc(places, func(x, y copied) int { return cmp.Or(cmp.Compare(x.arn, y.arn), cmp.Compare(x.inline, y.inline)) })
		evidence := []Evidence{note("%d copies", len(places))}
		for _, place := range places {
			ev := Evidence{Document: hash, Policy: place.arn, Source: sourceManaged, Note: place.arn}
			if place.inline != "" {
				ev.Policy, ev.Source, ev.Note = place.inline, sourceInline, "inline policy "+place.inline+" of "+place.arn
			}
			evidence = append(evidence, ev)
		}
		a.report(j, CheckEqualPolicies, hash, evidence...)
	}
}

// judgeVersions finds the versions of a policy that allow more than the one in
// force, which iam:SetDefaultPolicyVersion would bring back.
func (a *Account) judgeVersions(j *Judgement, p *ManagedPolicy) {
	var evidence []Evidence
	for _, v := range p.Versions {
		if v.Analysis == nil {
			continue
		}
		if more := a.more(v.Analysis, p.Analysis); more != "" {
			evidence = append(evidence, Evidence{Document: v.Document, Policy: p.Entity.ARN, Source: sourceManaged, Note: v.ID + " allows more: " + more})
		}
	}
	if len(evidence) > 0 {
		slices.SortFunc(evidence, compareEvidence)
		a.report(j, CheckPolicyVersion, "", evidence...)
	}
}

// more names the actions, the first few, that one document allows and another
// does not, or only on named resources. Lists do not count.
func (a *Account) more(other, inForce *policy.Analysis) string {
	sets := [2][2]catalog.Set{} // by document: unbound, bound
	for i, analysis := range []*policy.Analysis{other, inForce} {
		f := a.evaluator.Evaluate(&policy.Policies{Account: a.info.ID, Attachments: []policy.Attachment{{Analysis: analysis}}})
		sets[i] = [2]catalog.Set{f.Unbound().Clone(), f.Bound().Clone()}
	}
	unbound := sets[0][0]
	unbound.Subtract(sets[1][0])
	bound := sets[0][1]
	bound.Subtract(sets[1][0])
	bound.Subtract(sets[1][1])
	unbound.Union(bound)
	var names []string
	for id := range unbound.All() {
		switch {
		case a.engine.catalog.LevelOf(id) == catalog.List:
		case len(names) == shownActions:
			return strings.Join(names, ", ") + ", …"
		default:
			names = append(names, a.engine.catalog.FullName(id))
		}
	}
	return strings.Join(names, ", ")
}

// shownActions is how many actions a note names.
const shownActions = 5

func compareEvidence(a, b Evidence) int {
	return cmp.Or(cmp.Compare(a.Note, b.Note), cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Document, b.Document))
}
