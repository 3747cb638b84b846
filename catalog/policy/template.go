package policy

// The modes of a template.
const (
	ModeCRUD    = "crud"    // actions are found by resource and access level
	ModeActions = "actions" // actions are listed, resources are left as placeholders
)

// Template says what a written policy is for, in the terms of policy_sentry's
// templates. Empty strings in its lists are passed over, as those templates
// have them where nothing was filled in.
type Template struct {
	// Mode is ModeCRUD or ModeActions.
	Mode string `json:"mode" yaml:"mode"`
	// Name is for its reader only.
	Name string `json:"name,omitempty" yaml:"name,omitempty"`

	// The resources, as ARNs, that need the actions of each access level. All
	// fields down to STS belong to mode crud.
	Read                  []string `json:"read,omitempty" yaml:"read,omitempty"`
	Write                 []string `json:"write,omitempty" yaml:"write,omitempty"`
	List                  []string `json:"list,omitempty" yaml:"list,omitempty"`
	Tagging               []string `json:"tagging,omitempty" yaml:"tagging,omitempty"`
	PermissionsManagement []string `json:"permissions-management,omitempty" yaml:"permissions-management,omitempty"`
	// WildcardOnly asks for actions that can only be granted on every resource.
	WildcardOnly WildcardOnly `json:"wildcard-only,omitzero" yaml:"wildcard-only,omitempty"`
	// SkipResourceConstraints are actions, or patterns, to grant on every
	// resource although they can be bound to some.
	SkipResourceConstraints []string `json:"skip-resource-constraints,omitempty" yaml:"skip-resource-constraints,omitempty"`
	// ExcludeActions are actions, or patterns, that the policy never has.
	ExcludeActions []string `json:"exclude-actions,omitempty" yaml:"exclude-actions,omitempty"`
	// STS are the roles to assume.
	STS STS `json:"sts,omitzero" yaml:"sts,omitempty"`

	// Actions are the actions, or patterns, of mode actions.
	Actions []string `json:"actions,omitempty" yaml:"actions,omitempty"`
	// Effect is Allow, Deny or empty for Allow, in either mode.
	Effect string `json:"effect,omitempty" yaml:"effect,omitempty"`

	// Conditions hold for every statement of the policy, in either mode.
	Conditions Conditions `json:"conditions,omitempty" yaml:"conditions,omitempty"`
	// EntryConditions hold beside them for what single values ask for, by their
	// place: "read[2]", "sts.assume-role[0]". In a template's text such a value is
	// an object, {arn: ..., conditions: ...}, with arn, action or service as its
	// list has them, or arns, actions or services for several.
	EntryConditions map[string]Conditions `json:"-" yaml:"-"`

	// Places are where values stand in the text, by where they stand here,
	// "read[2]" for example, if that is not the same: in a template of the form of
	// 2020, and behind objects of several values.
	Places map[string]string `json:"-" yaml:"-"`
}

// WildcardOnly lists single actions or patterns, and services of which all
// actions of a level are meant, as prefixes. Actions that can be bound to
// resources are never meant.
type WildcardOnly struct {
	SingleActions                []string `json:"single-actions,omitempty" yaml:"single-actions,omitempty"`
	ServiceRead                  []string `json:"service-read,omitempty" yaml:"service-read,omitempty"`
	ServiceWrite                 []string `json:"service-write,omitempty" yaml:"service-write,omitempty"`
	ServiceList                  []string `json:"service-list,omitempty" yaml:"service-list,omitempty"`
	ServiceTagging               []string `json:"service-tagging,omitempty" yaml:"service-tagging,omitempty"`
	ServicePermissionsManagement []string `json:"service-permissions-management,omitempty" yaml:"service-permissions-management,omitempty"`
}

// STS lists role ARNs by the way to assume them.
type STS struct {
	AssumeRole                []string `json:"assume-role,omitempty" yaml:"assume-role,omitempty"`
	AssumeRoleWithSAML        []string `json:"assume-role-with-saml,omitempty" yaml:"assume-role-with-saml,omitempty"`
	AssumeRoleWithWebIdentity []string `json:"assume-role-with-web-identity,omitempty" yaml:"assume-role-with-web-identity,omitempty"`
}

// ParseTemplate reads a template from JSON text. Input that is not a JSON
// object is a *SyntaxError. Fields that templates do not have, that stand twice
// or that have values of another type are Faults, all of them at once. A null is
// an empty value. What the values mean is for Write to judge.
//
// A value of a list can be an object with conditions of its own, see
// [Template.EntryConditions].
//
// The form that policy_sentry had in January 2020 is read too: a list of
// policies in policy_with_crud_levels or policy_with_actions. Its policies
// become one template.
func ParseTemplate(data []byte) (Template, error) { return ParseTemplateOf("", data) }

// ParseTemplateOf reads a template of a mode; of any where mode is empty. Where a
// template of the form of 2020 has policies of both modes it takes the mode's.
func ParseTemplateOf(mode string, data []byte) (Template, error) {
	t, _, err := parseTemplate(mode, data, nil)
	return t, err
}

// The fields of a request that are options.
const (
	fieldMinimize = "minimize"
	fieldMaxSize  = "max-size"
	fieldExplain  = "explain"
)

// ParseRequest reads a template that has options beside its fields: "minimize" and
// "max-size" are whole numbers of at least 0, "explain" is a boolean.
func ParseRequest(data []byte) (Template, Options, error) {
	return parseTemplate("", data, new(Options))
}

// parseTemplate reads options too where there are any to read into.
func parseTemplate(mode string, data []byte, o *Options) (Template, Options, error) {
	const what = "template"
	var t Template
	var old legacyTemplate
	r := templateReader{cursor: newCursor(data), what: "a " + what, template: &t, old: &old}
	if first := r.kind(); first != '{' {
		err := &SyntaxError{What: what, Offset: r.pos, Reason: "is " + kindName(first) + ", not an object"}
		return Template{}, Options{}, r.close(what, err)
	}
	fields := old.appendFields(t.appendFields(make([]field, 0, maxFields)))
	if o == nil {
		o = new(Options)
	} else {
		fields = append(fields, field{fieldMinimize, &o.Minimize, ""}, field{fieldMaxSize, &o.MaxSize, ""}, field{fieldExplain, &o.Explain, ""})
	}
	r.object("", fields)
	if err := r.close(what, nil); err != nil {
		return Template{}, Options{}, err
	}
	r.settle(&t, &old, mode)
	return t, *o, r.faults.err()
}

// field is one key of a template: where its value goes is a *string, a
// *[]string, a part, a *Conditions or a *[]legacyPolicy; of an option an *int, a
// **int or a *bool; of another object a *Sent too.
type field struct {
	name string
	to   any
	// item is what one value of a list is called in an object: "arn", "action",
	// "service", or "" where its values can have no conditions.
	item string
}

// part is a part of a template that is an object with fields of its own.
type part interface{ fields() []field }

// maxFields is how many fields the object of a template can have, with those of
// 2020 and with options.
const maxFields = 20

// What the values of lists are called.
const (
	itemARN     = "arn"
	itemAction  = "action"
	itemService = "service"
)

func (t *Template) fields() []field { return t.appendFields(nil) }

// appendFields appends the fields of a template.
func (t *Template) appendFields(to []field) []field {
	return append(to,
		field{"mode", &t.Mode, ""},
		field{"name", &t.Name, ""},
		field{"read", &t.Read, itemARN},
		field{"write", &t.Write, itemARN},
		field{"list", &t.List, itemARN},
		field{"tagging", &t.Tagging, itemARN},
		field{"permissions-management", &t.PermissionsManagement, itemARN},
		field{"wildcard-only", &t.WildcardOnly, ""},
		field{"skip-resource-constraints", &t.SkipResourceConstraints, itemAction},
		field{"exclude-actions", &t.ExcludeActions, ""},
		field{"sts", &t.STS, ""},
		field{"actions", &t.Actions, itemAction},
		field{"effect", &t.Effect, ""},
		field{"conditions", &t.Conditions, ""},
	)
}

func (w *WildcardOnly) fields() []field {
	return []field{
		{"single-actions", &w.SingleActions, itemAction},
		{"service-read", &w.ServiceRead, itemService},
		{"service-write", &w.ServiceWrite, itemService},
		{"service-list", &w.ServiceList, itemService},
		{"service-tagging", &w.ServiceTagging, itemService},
		{"service-permissions-management", &w.ServicePermissionsManagement, itemService},
	}
}

func (s *STS) fields() []field {
	return []field{
		{"assume-role", &s.AssumeRole, itemARN},
		{"assume-role-with-saml", &s.AssumeRoleWithSAML, itemARN},
		{"assume-role-with-web-identity", &s.AssumeRoleWithWebIdentity, itemARN},
	}
}
