package policy

import (
	"fmt"

	"github.com/leastwise/leastwise/catalog"
)

// Explanation says why one action is in one statement of a written policy.
type Explanation struct {
	SID string `json:"sid"`
	// Action is the full name as the catalog has it, also where the policy has a
	// wildcard for it.
	Action string `json:"action"`
	// Policy is the index of the policy where a template became several.
	Policy int `json:"policy,omitempty"`
	// As is the wildcard that stands for the action, or "" where it is named.
	As string `json:"as,omitempty"`
	// Because are the first sixteen reasons.
	Because []Because `json:"because"`
}

// Because is one reason. Either a value of the template asks for the action or
// another action needs it.
type Because struct {
	// Path is the place of the value: "read[2]".
	Path string `json:"path"`
	// Value is what stands there: an ARN, an action or a pattern, a service.
	Value string `json:"value,omitempty"`
	// Level is the access level of the action.
	Level string `json:"access_level,omitempty"`
	// ResourceType is what the statement's resources are, "" on every resource.
	ResourceType string `json:"resource_type,omitempty"`
	// NeededBy is the action that needs this one, asked for at Path.
	NeededBy string `json:"needed_by,omitempty"`
	// Reason says the same in a sentence.
	Reason string `json:"reason"`
}

// explainer collects reasons. All of its methods do nothing for nil.
type explainer struct {
	catalog *catalog.Catalog
	reasons map[reasonKey][]Because // of what is asked for
	needers map[reasonKey][]reasonKey
	asks    map[askKey][]Because
	arns    map[*draftStatement]int // how many of its ARNs are among the reasons
	order   []explained
	// done are the actions that have all the reasons that they can have, by the
	// statement, or the conditions under which they were asked for.
	done map[any]catalog.Set
}

type reasonKey struct {
	statement *draftStatement
	action    catalog.ActionID
}

type askKey struct {
	action     catalog.ActionID
	conditions int
}

type explained struct {
	statement *draftStatement
	written   WrittenStatement
}

func newExplainer(c *catalog.Catalog) *explainer {
	return &explainer{
		catalog: c, reasons: make(map[reasonKey][]Because), needers: make(map[reasonKey][]reasonKey), asks: make(map[askKey][]Because),
		arns: make(map[*draftStatement]int), done: make(map[any]catalog.Set),
	}
}

// maxReasons is how many reasons an action has at most in a statement, so that a
// template of a thousand patterns for the same actions is explained too.
const maxReasons = 16

// add puts down what asks for an action in a statement.
func (e *explainer) add(s *draftStatement, a catalog.ActionID, why Because) {
	if e == nil {
		return
	}
	key := reasonKey{s, a}
	if reasons := e.reasons[key]; len(reasons) < maxReasons {
		e.reasons[key] = append(reasons, why)
	}
}

// all is add for several actions.
func (e *explainer) all(s *draftStatement, actions catalog.Set, why Because) {
	e.each(s, actions, func(a catalog.ActionID) (reasons int) {
		why.Level = e.catalog.LevelOf(a).String()
		e.add(s, a, why)
		return len(e.reasons[reasonKey{s, a}])
	})
}

// each calls use with those of the actions that have fewer than maxReasons so far;
// it returns how many they have now.
func (e *explainer) each(key any, actions catalog.Set, use func(a catalog.ActionID) (reasons int)) {
	done, rest := e.done[key], actions.Clone()
	if done == nil {
		done = e.catalog.NewSet()
		e.done[key] = done
	}
	rest.Subtract(done)
	for a := range rest.All() {
		if use(a) == maxReasons {
			done.Add(a)
		}
	}
}

// onResource puts down that an ARN is a resource of a statement. What others need
// is not in there yet with the first one, and has no reasons of its own later.
func (e *explainer) onResource(s *draftStatement, why Because) {
	first := e.arns[s] == 0
	if e.arns[s] == maxReasons {
		return
	}
	e.arns[s]++
	why.Reason = fmt.Sprintf("it is a %s action on the resource type %s, which the ARN names", why.Level, why.ResourceType)
	for _, a := range s.actions {
		if first || len(e.reasons[reasonKey{s, a}]) > 0 {
			e.add(s, a, why)
		}
	}
}

// ask puts down that a value of mode actions names actions.
func (e *explainer) ask(actions catalog.Set, conditions int, why Because) {
	e.each(conditions, actions, func(a catalog.ActionID) (reasons int) {
		key := askKey{a, conditions}
		e.asks[key] = append(e.asks[key], why)
		return len(e.asks[key])
	})
}

// asked puts down where an action that a value named went.
func (e *explainer) asked(s *draftStatement, a catalog.ActionID, level catalog.Level, resourceType string) {
	if e == nil {
		return
	}
	for _, why := range e.asks[askKey{a, s.conditions}] {
		why.Level, why.ResourceType = level.String(), resourceType
		why.Reason = "it is listed, and can be bound to no resource"
		if resourceType != "" {
			why.Reason = "it is listed, and can be bound to the resource type " + resourceType
		}
		e.add(s, a, why)
	}
}

// written remembers what became of a statement.
func (e *explainer) written(s *draftStatement, written *WrittenStatement) {
	if e != nil {
		e.order = append(e.order, explained{s, *written})
	}
}

// explanations returns the reasons in the order of the policy, with the places
// that the template's text has.
func (e *explainer) explanations(t *Template) []Explanation {
	out := []Explanation{}
	for _, x := range e.order {
		for _, name := range x.written.Action {
			a, _ := e.catalog.LookupAction(name)
			because := e.because(reasonKey{x.statement, a})
			for i := range because {
				if in, ok := t.Places[because[i].Path]; ok {
					because[i].Path = in
				}
			}
			out = append(out, Explanation{SID: x.written.SID, Action: name, Because: because})
		}
	}
	return out
}
