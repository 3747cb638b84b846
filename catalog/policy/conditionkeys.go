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
	case strings.Contains(key, "${TagKey}"):
		d.faults.add(at, CodeMalformedValue, "${TagKey} stands for the key of a tag; put one there, as in %s", strings.Replace(key, "${TagKey}", "team", 1))
	case !o.suits(element):
		d.faults.add(at, CodeWrongOperator, "%s cannot compare with %s, whose values are of type %s", o.name, key, valueType)
	case many && o.set == "" && o.base != typeNull:
		d.faults.add(at, CodeWrongOperator, "%s can have several values; use %s:%s or %s:%s", key, forAnyValue, o.name, forAllValues, o.name)
	case !many && o.set == forAllValues:
		d.notes.add(at, CodeWrongOperator, "%s has one value, so that %s lets requests without the key pass; %s does not",
			key, o.name, strings.TrimPrefix(o.name, forAllValues+":"))
	}
}

// keyOfActions returns the type of a key's values, or notes that no action knows
// the key; and it notes those which do not, where others do.
func (d *draft) keyOfActions(at string, o operator, key string, actions actionsOf) (valueType string, ok bool) {
	c := d.writer.catalog
	total := 0
	var without []string
	actions(func(typ int, a catalog.ActionID) {
		total++
		switch {
		case !c.SupportsKey(a, typ, key):
			without = append(without, c.FullName(a))
		case valueType == "":
			if k, found := c.LookupConditionKey(c.ServiceOf(a), key); found {
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
	if valueType == "" { // a key of the resource type alone
		valueType = typeString
	}
	return valueType, true
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
	near := NearestGlobalKeys(key)
	if d.suggestions++; d.suggestions <= maxSuggestions {
		if _, err := c.FindConditionKeys(catalog.AllServices, key); err != nil {
			if unknown, ok := errors.AsType[*catalog.UnknownError](err); ok {
				near = append(near, unknown.Nearest...)
			}
		}
	}
	d.faults.add(at, CodeUnknownConditionKey, "the catalog has no condition key %q%s", key, didYouMean(near[:min(len(near), 2)]))
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
