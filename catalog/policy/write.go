package policy

import (
	"sync"

	"github.com/leastwise/leastwise/catalog"
)

// Writer writes policies from templates. It remembers what it looked up of each
// service, so that a program that writes many policies keeps one. Any number of
// goroutines may use it.
type Writer struct {
	catalog  *catalog.Catalog
	services []lazyIndex // by catalog.ServiceID
	// drafts are *draft, shorteners *shortener, and sets *catalog.Set with anything in
	// them, that are not at work.
	drafts, shorteners, sets sync.Pool
}

type lazyIndex struct {
	once  sync.Once
	index *serviceIndex
}

// NewWriter returns a writer over a catalog. It looks nothing up yet.
func NewWriter(c *catalog.Catalog) *Writer {
	w := &Writer{catalog: c, services: make([]lazyIndex, c.Services())}
	w.drafts.New = func() any { return &draft{writer: w, draftMemory: newDraftMemory()} }
	w.shorteners.New = func() any { return newShortener(w) }
	w.sets.New = func() any { s := c.NewSet(); return &s }
	return w
}

func (w *Writer) service(id catalog.ServiceID) *serviceIndex {
	lazy := &w.services[id]
	lazy.once.Do(func() { lazy.index = newServiceIndex(w.catalog, id) })
	return lazy.index
}

// Output is what Write made of a template.
type Output struct {
	Policy Policy
	// Notes are what the template asks for and the policy does not have, for a
	// reason that is no fault: an action that can be bound to resources among
	// the wildcard-only ones, a level without actions, an excluded action.
	Notes []Fault
	// Explanations say why each action of each statement is there; nil unless
	// Explain wrote the policy.
	Explanations []Explanation
}

// Write writes one policy: NewWriter(c).Write(t).
func Write(c *catalog.Catalog, t Template) (*Output, error) {
	return NewWriter(c).Write(t)
}

// Write returns the policy that a template asks for. The error is Faults: all
// that is wrong with the template at once, each with its place.
//
// In mode crud there is one statement per service, access level and resource
// type, over the ARNs given for that level. In mode actions there is one per
// service, access level and resource type that the actions support, over the
// type's ARN pattern. Actions that need others bring them along: in the same
// statement where they support its resource type, else in a statement
// MultMultNone on "*", where the actions that can be bound to no resource are too.
func (w *Writer) Write(t Template) (*Output, error) {
	return w.write(t, Options{})
}

// Explain is Write, and says for every action of the policy why it is there.
func (w *Writer) Explain(t Template) (*Output, error) {
	return w.write(t, Options{Explain: true})
}

func (w *Writer) write(t Template, o Options) (*Output, error) {
	d := w.drafts.Get().(*draft)
	d.template, d.maxNames, d.maxActions = t, o.maxNames(), o.maxActions()
	if o.Explain {
		d.why = newExplainer(w.catalog)
	}
	out, err := d.write()
	if d.clear() { // not after a panic: it is clean now
		*d = draft{writer: w, draftMemory: d.draftMemory}
		w.drafts.Put(d)
	}
	return out, err
}

func (d *draft) write() (*Output, error) {
	t := &d.template
	d.effect(t.Effect)
	if len(t.Conditions) > 0 {
		d.always.conditions = d.readConditions("conditions", t.Conditions)
	}
	switch t.Mode {
	case ModeCRUD:
		d.refuse("actions", !isEmpty(&t.Actions), t.Mode)
		d.crud(t)
	case ModeActions:
		d.refuseCRUD(t)
		d.actionsMode(t.Actions)
	case "":
		d.faults.add("mode", CodeUnknownMode, "the mode is missing; it is %s or %s", ModeCRUD, ModeActions)
	default:
		d.faults.add("mode", CodeUnknownMode, "%q is not a mode; it is %s or %s", t.Mode, ModeCRUD, ModeActions)
	}
	if d.full() {
		d.faults.add("", CodeTooLarge, "the policy would name more than %s; ask for less in one template", d.most())
	} else if len(d.always.conditions)+len(d.restricted) > 0 {
		d.restrict()
	}
	t.relocate(d.faults)
	t.relocate(d.notes)
	if err := d.faults.err(); err != nil {
		return nil, err
	}
	out := &Output{Policy: d.render(), Notes: d.notes}
	if d.why != nil {
		out.Explanations = d.why.explanations(t)
	}
	return out, nil
}
