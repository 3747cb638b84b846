package policy

import (
	"fmt"
	"slices"
)

// The fields of policy_sentry's templates of January 2020, each with a list of
// policies (https://github.com/salesforce/policy_sentry, releases 0.6.4 to 0.6.11).
const (
	legacyCRUD    = "policy_with_crud_levels"
	legacyActions = "policy_with_actions"
)

// legacyTemplate is a template in that form. All its policies become one, as
// they did there.
type legacyTemplate struct {
	crud, actions []legacyPolicy
	present       []string // which of its fields the text has, in its order
}

// legacyPolicy is one policy of the list, with the path of its object.
type legacyPolicy struct {
	path string

	Template
	tag                  []string // Tagging, as it was called until 0.6.6
	description, roleARN string   // for its reader only
}

func (l *legacyTemplate) appendFields(to []field) []field {
	return append(to, field{legacyCRUD, &l.crud, ""}, field{legacyActions, &l.actions, ""})
}

// readerFields has role_arn twice: until 0.6.6 it was arn.
func (p *legacyPolicy) readerFields() []field {
	return []field{
		{"name", &p.Name, ""}, {"description", &p.description, ""}, {"role_arn", &p.roleARN, ""}, {"arn", &p.roleARN, ""},
	}
}

func (p *legacyPolicy) actionFields() []field {
	return append(p.readerFields(), field{"actions", &p.Actions, ""})
}

func (p *legacyPolicy) crudFields() []field {
	return append(p.readerFields(),
		field{"read", &p.Read, ""},
		field{"write", &p.Write, ""},
		field{"list", &p.List, ""},
		field{"tagging", &p.Tagging, ""},
		field{"tag", &p.tag, ""},
		field{"permissions-management", &p.PermissionsManagement, ""},
		field{"wildcard", &p.WildcardOnly.SingleActions, ""},
	)
}

// legacy reads the policies of a field: a list of objects, or one.
func (r *templateReader) legacy(name string, to *[]legacyPolicy) {
	if !slices.Contains(r.old.present, name) {
		r.old.present = append(r.old.present, name)
	}
	switch r.kind() {
	case '{':
		r.legacyPolicy(name, name, to)
	case '[':
		r.enter()
		for i := 0; r.more(); i++ {
			at := place{name, i}
			if r.expect('{', at, "an object") {
				r.legacyPolicy(name, at.String(), to)
			}
		}
	default:
		r.expect('[', whole(name), "a list of objects")
	}
}

// legacyPolicy reads the policy at path, one of those of the field of a name.
func (r *templateReader) legacyPolicy(name, path string, to *[]legacyPolicy) {
	p := legacyPolicy{path: path}
	fields := p.actionFields
	if name == legacyCRUD {
		fields = p.crudFields
	}
	r.object(path+".", fields())
	*to = append(*to, p)
}

// settle makes of what was read the template of a mode, or of the only mode
// that there is where mode is empty.
func (r *templateReader) settle(t *Template, l *legacyTemplate, mode string) {
	if len(l.present) == 0 {
		if mode != "" && t.Mode != "" && t.Mode != mode {
			r.faults.add("mode", CodeUnknownMode, "the mode is %q, but %s was asked for", t.Mode, mode)
		}
		return
	}
	for _, f := range t.fields() {
		if !isEmpty(f.to) {
			r.faults.add(l.present[0], CodeUnknownField, "the field cannot stand beside %q", f.name)
			return
		}
	}
	chosen, name, policies := ModeCRUD, legacyCRUD, l.crud
	if mode == ModeActions || mode == "" && l.present[0] == legacyActions {
		chosen, name, policies = ModeActions, legacyActions, l.actions
	}
	switch {
	case len(l.present) > 1 && mode == "":
		r.faults.add(l.present[1], CodeUnknownMode, "the template has %s too, and no mode was asked for", l.present[0])
	case !slices.Contains(l.present, name):
		r.faults.add(l.present[0], CodeUnknownMode, "the field is not for mode %s, which was asked for", chosen)
	default:
		t.Mode = chosen
		t.join(policies)
	}
}

// join adds the policies of the old form to t, and where their values stand.
func (t *Template) join(policies []legacyPolicy) {
	t.Places = make(map[string]string)
	for i := range policies {
		p := &policies[i]
		if t.Name == "" {
			t.Name = p.Name
		}
		for _, list := range []struct {
			path, name string
			from, to   *[]string
		}{
			{"read", "read", &p.Read, &t.Read},
			{"write", "write", &p.Write, &t.Write},
			{"list", "list", &p.List, &t.List},
			{"tagging", "tagging", &p.Tagging, &t.Tagging},
			{"tagging", "tag", &p.tag, &t.Tagging},
			{"permissions-management", "permissions-management", &p.PermissionsManagement, &t.PermissionsManagement},
			{"wildcard-only.single-actions", "wildcard", &p.WildcardOnly.SingleActions, &t.WildcardOnly.SingleActions},
			{"actions", "actions", &p.Actions, &t.Actions},
		} {
			for j, value := range *list.from {
				t.Places[place{list.path, len(*list.to)}.String()] = fmt.Sprintf("%s.%s[%d]", p.path, list.name, j)
				*list.to = append(*list.to, value)
			}
		}
	}
}

// relocate gives faults the places that the values have in the text.
func (t *Template) relocate(faults Faults) {
	for i := range faults {
		if in, ok := t.Places[faults[i].Path]; ok {
			faults[i].Path = in
		}
	}
}
