package policy

import (
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// assume adds the statement of one way to assume roles, which is named after
// the action of STS.
func (d *draft) assume(path, name string, arns []string) {
	action, ok := d.writer.catalog.LookupAction("sts:" + name)
	if !ok {
		each(path, arns, func(at place, _ string) { d.unknownAction(at, "sts:"+name) })
		return
	}
	s := &draftStatement{sid: name, actions: []catalog.ActionID{action}}
	each(path, arns, func(at place, arn string) {
		switch {
		case !d.assumable(at, action, arn):
		case d.isExcluded(action):
			d.note(at, CodeExcluded, "exclude-actions names sts:%s", name)
		case !slices.Contains(s.resources, arn):
			s.resources = append(s.resources, arn)
		}
	})
	if len(s.resources) > 0 {
		d.sts = append(d.sts, s)
	}
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
