package policy

import (
	"errors"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// actionsOf calls use with every action that conditions are for, and the type of
// the resource that its statement is over.
type actionsOf func(use func(typ int, a catalog.ActionID))

// checkKeys notes keys that the actions do not know and operators that do not
// suit a key's values.
func (d *draft) checkKeys(path string, conditions Conditions, actions actionsOf) {
	conditions.each(func(name, key string, _ Values) {
		o, ok := parseOperator(name)
		if !ok {
			return
		}
		at := path + "." + name + "." + key
		valueType, global := globalKey(key)
		if !global {
			if valueType, ok = d.keyOfActions(at, o, key, actions); !ok {
				return
			}
		}
		d.checkOperator(at, o, key, valueType)
	})
}

// checkOperator notes an operator that does not suit the values of a key.
func (d *draft) checkOperator(at string, o operator, key, valueType string) {
	element, many := strings.CutPrefix(valueType, arrayOf)
	switch {
	case d.checkPlaceholder(at, key):
	case !o.suits(element):
		d.faults.add(at, CodeWrongOperator, "%s cannot compare with %s, whose values are of type %s", o.name, key, valueType)
	case many && o.set == "" && o.base != typeNull:
		d.checkSeveralValues(at, o, key)
	case !many && o.set == forAllValues:
		d.notes.add(at, CodeWrongOperator, "%s has one value, so that %s lets requests without the key pass; %s does not",
			key, o.name, strings.TrimPrefix(o.name, forAllValues+":"))
	}
}

// checkPlaceholder notes a placeholder where a name belongs, and returns whether that
// is a fault: a tag can be called tag-key, and nothing else that placeholders are.
func (d *draft) checkPlaceholder(at, key string) bool {
	before, placeholder, after, ok := catalog.CutPlaceholder(key)
	if !ok {
		return false
	}
	if placeholder == "" {
		d.faults.add(at, CodeMalformedValue, "the key of a tag belongs behind the slash, as in %steam", before)
		return true
	}
	if placeholder[0] == '$' || placeholder[0] == '<' {
		d.faults.add(at, CodeMalformedValue, "%s is a placeholder; put a name there, as in %steam%s", placeholder, before, after)
		return true
	}
	d.notes.add(at, CodeMalformedValue, "%s stands for the key of a tag in AWS's reference; the condition is on a tag of that name, as %steam is on a tag team",
		placeholder, before)
	return false
}

// checkSeveralValues notes an operator that compares with one value where a request
// can have several. What it does with several AWS does not say, and Access Analyzer
// calls it an error (IAM User Guide, "Missing qualifier"). It holds for a request with
// one: AWS's policies and EventBridge's guide have StringEquals on events:detail-type
// for events:PutRule. So it is none where it grants too little at worst.
func (d *draft) checkSeveralValues(at string, o operator, key string) {
	problems := &d.faults
	if !d.denies && !strings.Contains(o.base, "Not") {
		problems = &d.notes
	}
	problems.add(at, CodeWrongOperator, "%s can have several values, and %s is for one; use %s:%s or %s:%s",
		key, o.name, forAnyValue, o.name, forAllValues, o.name)
}

// keyOfActions returns the type of a key's values, or notes that no action knows
// the key; and it notes those which do not, where others do.
func (d *draft) keyOfActions(at string, o operator, key string, actions actionsOf) (valueType string, ok bool) {
	c := d.writer.catalog
	total := 0
	var without []string
	var unsaid servicesOfKey
	actions(func(typ int, a catalog.ActionID) {
		total++
		service := c.ServiceOf(a)
		if !c.SupportsKey(a, typ, key) && !unsaid.has(c, service, key) {
			without = append(without, c.FullName(a))
		} else if valueType == "" {
			if k, found := c.LookupConditionKey(service, key); found {
				valueType = k.Type
			}
		}
	})
	if len(without) == total {
		d.unknownKey(at, key, total)
		return "", false
	}
	if without = sortedOnce(without); len(without) > 0 && o.demandsKey() {
		d.notes.add(at, CodeUnsupportedKey, "%s, so that the condition keeps %s from being %s",
			doNotKnow(without, key), pronoun(without), d.effectDone())
	}
	if names := unsaid.names(c); len(names) > 0 {
		d.notes.add(at, CodeUnsupportedKey, "AWS's reference does not say which actions of %s know %s; try whether these do", strings.Join(names, " and "), key)
	}
	if valueType == "" { // a key of the resource type alone
		valueType = typeString
	}
	return valueType, true
}

// servicesOfKey are the services of which it was asked whether they list a key that
// AWS's reference has for no action, and the answers. What lists it may know it.
type servicesOfKey map[catalog.ServiceID]bool

func (s *servicesOfKey) has(c *catalog.Catalog, service catalog.ServiceID, key string) bool {
	lists, asked := (*s)[service]
	if asked {
		return lists
	}
	if _, lists = c.LookupConditionKey(service, key); lists {
		lists = c.KeyOfNoAction(service, key)
	}
	if *s == nil {
		*s = make(servicesOfKey)
	}
	(*s)[service] = lists
	return lists
}

// names returns the prefixes of the services that list the key, sorted.
func (s servicesOfKey) names(c *catalog.Catalog) []string {
	var names []string
	for service, lists := range s {
		if lists {
			names = append(names, c.Service(service).Prefix)
		}
	}
	slices.Sort(names)
	return names
}

// doNotKnow names some actions that do not know a key.
func doNotKnow(actions []string, key string) string {
	const named = 3
	if len(actions) == 1 {
		return actions[0] + " does not know " + key
	}
	if len(actions) <= named {
		return strings.Join(actions, " and ") + " do not know " + key
	}
	return strings.Join(actions[:named], ", ") + " and others do not know " + key
}

func pronoun(of []string) string {
	if len(of) == 1 {
		return "it"
	}
	return "them"
}

func (d *draft) effectDone() string {
	if d.denies {
		return "denied"
	}
	return "granted"
}

// unknownKey notes a key that no service has, or none of the actions.
func (d *draft) unknownKey(at, key string, actions int) {
	c := d.writer.catalog
	for s := range catalog.ServiceID(c.Services()) {
		if _, found := c.LookupConditionKey(s, key); found {
			if actions > 0 { // else there are other faults, or there is nothing to restrict
				d.faults.add(at, CodeUnsupportedKey, "no action under this condition knows %s", key)
			}
			return
		}
	}
	near := nearestGlobalKeys(key)
	if d.suggestions++; d.suggestions <= maxSuggestions {
		if _, err := c.FindConditionKeys(catalog.AllServices, key); err != nil {
			if unknown, ok := errors.AsType[*catalog.UnknownError](err); ok {
				near = append(near, unknown.Nearest...)
			}
		}
	}
	for i, suggested := range near {
		near[i] = withNameOf(key, suggested)
	}
	near = slices.Compact(near)
	d.faults.add(at, CodeUnknownConditionKey, "the catalog has no condition key %q%s", key, didYouMean(near[:min(len(near), 2)]))
}

// withNameOf returns a suggested key with the name behind the slash of another where
// it has a placeholder.
func withNameOf(key, suggested string) string {
	_, name, _ := strings.Cut(key, "/")
	before, _, after, ok := catalog.CutPlaceholder(suggested)
	if !ok || name == "" {
		return suggested
	}
	return before + strings.TrimSuffix(name, after) + after
}

// without returns the conditions that others do not have in the same words.
func (c Conditions) without(others Conditions) Conditions {
	if len(others) == 0 {
		return c
	}
	left := make(Conditions)
	c.each(func(operator, key string, values Values) {
		if other, ok := others.find(operator, key); !ok || !slices.Equal(other, values) {
			left.set(operator, key, values)
		}
	})
	return left
}
