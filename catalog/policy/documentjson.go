package policy

import "slices"

// JSON returns the document as JSON text without HTML escapes and without a
// newline at its end, indented by indent per level, or in one line where that is
// empty. Elements are in the order of IAM's grammar; a list of one value is
// written as the value. What ParseDocument found Problems with may be missing; else
// ParseDocument reads the same document from it, but for the order of the conditions.
func (d *Document) JSON(indent string) []byte { return indented(d.AppendJSON(nil), indent) }

// AppendJSON appends the document as JSON returns it in one line.
func (d *Document) AppendJSON(to []byte) []byte {
	size := statementFrame
	for i := range d.Statements {
		s := &d.Statements[i]
		size += statementFrame + len(s.SID) + listLength(s.Actions) + listLength(s.NotActions) + listLength(s.Resources) + listLength(s.NotResources)
	}
	w := jsonWriter{slices.Grow(to, size)}
	w.raw(`{`)
	w.member("Version", d.Version)
	w.member("Id", d.ID)
	w.name("Statement")
	w.raw(`[`)
	for i := range d.Statements {
		w.next()
		w.statement(&d.Statements[i])
	}
	w.raw(`]}`)
	return w.out
}

// statementFrame is what a statement takes beside its Sid and its lists, and the
// document beside its statements, in characters: enough where there are no conditions.
const statementFrame = 100

func (w *jsonWriter) statement(s *Statement) {
	w.raw(`{`)
	w.member("Sid", s.SID)
	w.member("Effect", s.Effect.String())
	w.principals("Principal", s.Principals)
	w.principals("NotPrincipal", s.NotPrincipals)
	w.element("Action", s.Actions)
	w.element("NotAction", s.NotActions)
	w.element("Resource", s.Resources)
	w.element("NotResource", s.NotResources)
	if len(s.Conditions) > 0 {
		w.name("Condition")
		w.value(conditionsJSON(s.Conditions))
	}
	w.raw(`}`)
}

// member writes an element that is a text, unless it is empty.
func (w *jsonWriter) member(name, text string) {
	if text != "" {
		w.name(name)
		w.text(text)
	}
}

// element writes an element that is a list, unless the statement does not have it.
func (w *jsonWriter) element(name string, texts []string) {
	if texts != nil {
		w.name(name)
		w.oneOrList(texts)
	}
}

func (w *jsonWriter) principals(name string, principals []Principal) {
	if principals == nil {
		return
	}
	w.name(name)
	if len(principals) == 1 && principals[0].Kind == PrincipalAny {
		w.text(principals[0].Value)
		return
	}
	kinds := make(map[string]Values)
	for _, p := range principals {
		kinds[p.Kind] = append(kinds[p.Kind], p.Value)
	}
	w.value(kinds)
}

// conditionsJSON puts conditions into the form of the element. Of an operator and a
// key that stand twice the last values hold.
func conditionsJSON(conditions []Condition) Conditions {
	out := make(Conditions)
	for _, c := range conditions {
		out.set(c.Operator, c.Key, c.Values)
	}
	return out
}
