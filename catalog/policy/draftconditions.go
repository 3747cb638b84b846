package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// What conditions may be at most: a policy of 6,144 characters, which is IAM's
// limit, holds no more than maxKeys keys, and a template for a hundred of them no
// more than maxAllKeys.
const (
	maxKeys    = 300
	maxAllKeys = 3000
)

// notYet says that it is not known yet what is granted elsewhere.
const notYet = -1

// under returns what is granted under conditions; 0 is under the template's only.
func (d *draft) under(conditions int) *restricted {
	if conditions == 0 {
		return &d.always
	}
	return d.restricted[conditions-1]
}

// conditionsAt returns the conditions that what a value asks for is granted under.
func (d *draft) conditionsAt(at place) int {
	if len(d.template.EntryConditions) == 0 {
		return 0
	}
	own, ok := d.template.EntryConditions[at.String()]
	if !ok {
		return 0
	}
	path := at.String() + conditionsPath
	if in, ok := d.template.Places[path]; ok {
		path = in
	}
	if known, ok := d.conditionsByPath[path]; ok {
		return known
	}
	if d.conditionsByPath == nil {
		d.conditionsByPath = make(map[string]int)
	}
	c := d.register(d.readConditions(path, own), path)
	d.conditionsByPath[path] = c
	return c
}

// register returns the number of conditions, 0 for none beside the template's.
func (d *draft) register(own Conditions, path string) int {
	own = own.without(d.always.conditions)
	signature := own.signature()
	if signature == "" {
		return 0
	}
	if known, ok := d.registered[signature]; ok {
		return known
	}
	if d.registered == nil {
		d.registered = make(map[string]int)
	}
	d.registered[signature] = len(d.restricted) + 1
	r := &restricted{conditions: own, path: path, elsewhere: notYet}
	d.restricted = append(d.restricted, r)
	r.star.conditions, r.skip.conditions = len(d.restricted), len(d.restricted)
	return len(d.restricted)
}

// elsewhere returns the conditions under which is granted what actions need on
// other resources: those on keys that all requests have. A tag, for example, is
// one of the action's own resource.
func (d *draft) elsewhere(conditions int) int {
	if conditions == 0 {
		return 0
	}
	r := d.under(conditions)
	if r.elsewhere != notYet {
		return r.elsewhere
	}
	general := make(Conditions)
	var left []string
	r.conditions.each(func(operator, key string, values Values) {
		if _, ok := globalKey(key); ok {
			general.set(operator, key, values)
		} else if !slices.Contains(left, key) {
			left = append(left, key)
		}
	})
	if len(left) > 0 {
		d.notes.add(r.path, CodeNotRestricted, "what the actions need on other resources is granted without a condition on %s", strings.Join(left, " and "))
	}
	r.elsewhere = d.register(general, r.path)
	return r.elsewhere
}

// readConditions returns conditions with operators as IAM spells them, and notes
// what is wrong with operators and values.
func (d *draft) readConditions(path string, written Conditions) Conditions {
	read := make(Conditions)
	pairs := 0
	written.each(func(name, key string, values Values) {
		at := path + "." + name
		pairs++
		d.conditionKeys++
		if pairs > maxKeys || d.conditionKeys > maxAllKeys {
			return
		}
		o, ok := parseOperator(name)
		if !ok {
			d.faults.add(at, CodeUnknownOperator, "%q is not a condition operator%s", name, didYouMean(nearestOperator(name)))
			return
		}
		at += "." + key
		if _, twice := read.find(o.name, key); twice {
			d.faults.add(at, CodeRepeatedField, "the operator stands twice for the key")
		}
		if len(values) == 0 {
			d.faults.add(at, CodeMalformedValue, "the condition has no values")
		}
		for _, value := range values {
			if wrong := o.checkValue(value); wrong != "" {
				d.faults.add(at, CodeMalformedValue, "%s, as %s has it", wrong, o.name)
			}
		}
		read.set(o.name, key, values)
	})
	if pairs > maxKeys {
		d.faults.add(path, CodeTooLarge, "the conditions have %d keys, and no policy can hold more than %d", pairs, maxKeys)
	} else if d.conditionKeys > maxAllKeys && d.conditionKeys-pairs <= maxAllKeys {
		d.faults.add(path, CodeTooLarge, "the template's conditions have more than %d keys", maxAllKeys)
	}
	return read
}

// restrict checks all conditions against the actions that they are for, and puts
// the template's to each.
func (d *draft) restrict() {
	d.checkKeys("conditions", d.always.conditions, d.eachAction)
	for i, r := range d.restricted {
		d.checkKeys(r.path, r.conditions, func(use func(int, catalog.ActionID)) { d.eachActionUnder(i+1, use) })
	}
	if len(d.always.conditions) == 0 {
		return
	}
	for _, r := range d.restricted {
		own := r.conditions
		r.conditions = make(Conditions)
		d.always.conditions.each(r.conditions.set)
		own.each(func(operator, key string, values Values) {
			if _, both := d.always.conditions.find(operator, key); both {
				d.faults.add(r.path+"."+operator+"."+key, CodeRepeatedField, "the conditions of the whole template have %s %s too; say it in one place", operator, key)
			}
			r.conditions.set(operator, key, values)
		})
	}
}

// eachAction calls use with every action of the policy and the resource type of
// its statement.
func (d *draft) eachAction(use func(typ int, a catalog.ActionID)) {
	for i := range len(d.restricted) + 1 {
		d.eachActionUnder(i, use)
	}
}

func (d *draft) eachActionUnder(conditions int, use func(typ int, a catalog.ActionID)) {
	for _, s := range d.statements {
		if s.conditions == conditions {
			for _, a := range s.actions {
				typ := s.typ
				if d.writer.catalog.ServiceOf(a) != s.service {
					typ = catalog.AnyResource
				}
				use(typ, a)
			}
		}
	}
	r := d.under(conditions)
	for _, wide := range []catalog.Set{r.star.wide, r.skip.wide} {
		for a := range wide.All() {
			use(catalog.AnyResource, a)
		}
	}
	for _, s := range d.sts {
		if s.conditions == conditions {
			use(catalog.AnyResource, s.actions[0])
		}
	}
}
