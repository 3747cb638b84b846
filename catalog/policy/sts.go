package policy

import (
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// assume adds the statement of one way to assume roles, which is named after
// the action of STS.
func (d *draft) assume(path, name string, arns []string) {
	if len(arns) == 0 {
		return
	}
	action, ok := d.writer.catalog.LookupAction("sts:" + name)
	if !ok {
		each(path, arns, func(at place, _ string) { d.unknownAction(at, "sts:"+name) })
		return
	}
	each(path, arns, func(at place, arn string) {
		switch {
		case !d.assumable(at, action, arn):
		case d.isExcluded(action):
			d.note(at, CodeExcluded, "exclude-actions names sts:%s", name)
		default:
			s := d.assuming(name, action, d.conditionsAt(at))
			if !slices.Contains(s.resources, arn) {
				s.resources = append(s.resources, arn)
			}
			if d.why != nil {
				d.why.add(s, action, Because{Path: at.String(), Value: arn, Reason: "it is how the role is assumed"})
			}
		}
	})
}

// assuming returns the statement of a way to assume roles under conditions, made
// on first use.
func (d *draft) assuming(name string, action catalog.ActionID, conditions int) *draftStatement {
	for _, s := range d.sts {
		if s.sid == name && s.conditions == conditions {
			return s
		}
	}
	s := &draftStatement{sid: name, actions: []catalog.ActionID{action}}
	s.conditions = conditions
	d.sts = append(d.sts, s)
	return s
}

// assumable reports whether an ARN names something that the action supports.
func (d *draft) assumable(at place, action catalog.ActionID, arn string) bool {
	matches, err := d.writer.catalog.MatchARN(arn)
	if err != nil {
		d.fault(at, CodeMalformedARN, "%v", err)
		return false
	}
	service := d.writer.catalog.ServiceOf(action)
	for _, match := range matches {
		if match.Service == service && d.writer.service(service).supports(action, match.Index) {
			return true
		}
	}
	d.fault(at, CodeUnknownResource, "%q is no resource of %s", arn, d.writer.catalog.FullName(action))
	return false
}
