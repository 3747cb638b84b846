package policy

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// templateReader carries the state of one ParseTemplate, or ReadFields.
type templateReader struct {
	cursor
	what     string // "a template"
	template *Template
	old      *legacyTemplate
	faults   Faults
}

// object reads the object at the cursor into the fields; prefix is the path of
// the object with a dot behind it, or empty.
func (r *templateReader) object(prefix string, fields []field) {
	var seen keys
	r.enter()
	for r.more() {
		name, _ := r.key()
		path := prefix + name
		if seen.again(name) {
			r.faults.add(path, CodeRepeatedField, "the field stands twice")
		}
		r.value(path, name, fields)
	}
}

func (r *templateReader) value(path, name string, fields []field) {
	for i := range fields {
		f := &fields[i]
		if f.name != name {
			continue
		}
		if r.kind() == 'n' {
			r.skip()
			return
		}
		switch to := f.to.(type) {
		case *string:
			*to = r.single(whole(path))
		case *[]string:
			r.list(path, f.item, to)
		case *Conditions:
			*to = r.conditions(path)
		case *int:
			*to = r.number(path)
		case **int:
			n := r.number(path)
			*to = &n
		case *bool:
			*to = r.boolean(path)
		case *[]legacyPolicy:
			r.legacy(path, to)
		case *Sent:
			r.sent(to)
		case part:
			if r.expect('{', whole(path), "an object") {
				r.object(path+".", to.fields())
			}
		default:
			panic(fmt.Sprintf("policy: the field %s goes to a %T", name, to))
		}
		return
	}
	r.skip()
	owner, instead := r.what, didYouMean(nearestField(name, fields))
	if path != name {
		owner = "the object"
	}
	if instead == "" {
		instead = theFields(fields)
	}
	r.faults.add(path, CodeUnknownField, "%s has no field %q%s", owner, name, instead)
}

// expect reports whether the next value begins with first, and steps over it
// with a fault where it does not.
func (r *templateReader) expect(first byte, at place, want string) bool {
	got := r.kind()
	if got != first {
		r.faults.add(at.String(), CodeWrongType, "the value is %s, not %s", kindName(got), want)
		r.skip()
	}
	return got == first
}

func (r *templateReader) single(at place) string {
	if !r.expect('"', at, "a string") {
		return ""
	}
	return r.text()
}

// number reads a whole number of at least 0. JSON Schema takes 1.0 for one, and so
// does this.
func (r *templateReader) number(path string) int {
	first := r.kind()
	text := r.skip()
	if first != '-' && (first < '0' || first > '9') {
		r.faults.add(path, CodeWrongType, "the value is %s, not a number", kindName(first))
		return 0
	}
	n, _ := strconv.ParseFloat(text, 64) // it is a number, or the text is no JSON
	switch {
	case n < 0 || n != math.Trunc(n):
		r.faults.add(path, CodeWrongType, "%.40s is not a whole number of at least 0", text)
	case n > math.MaxInt32:
		r.faults.add(path, CodeTooLarge, "%.40s is too large a number", text)
	default:
		return int(n)
	}
	return 0
}

func (r *templateReader) boolean(path string) bool {
	first := r.kind()
	r.skip()
	if first != 't' && first != 'f' {
		r.faults.add(path, CodeWrongType, "the value is %s, not a boolean", kindName(first))
	}
	return first == 't'
}

// list reads a list of texts, or of objects with conditions where its values are
// called something.
func (r *templateReader) list(path, item string, to *[]string) {
	if item != "" && r.kind() == '{' {
		r.entry(path, whole(path), item, to)
		return
	}
	if !r.expect('[', whole(path), "a list of strings") {
		return
	}
	*to = nil
	r.enter()
	for i := 0; r.more(); i++ {
		at := place{path, i}
		switch first := r.kind(); {
		case first == 'n':
			r.skip()
			*to = append(*to, "")
		case first == '{' && item != "":
			r.entry(path, at, item, to)
			continue
		default:
			*to = append(*to, r.single(at))
		}
		r.stands(place{path, len(*to) - 1}, at)
	}
}

// stands remembers where in the text a value is.
func (r *templateReader) stands(here, at place) {
	if here != at {
		r.moved(here.String(), at.String())
	}
}

func (r *templateReader) moved(here, at string) {
	if r.template.Places == nil {
		r.template.Places = make(map[string]string)
	}
	r.template.Places[here] = at
}

// entry reads an object of one value of a list, or of several, with conditions of
// their own; in is where it stands.
func (r *templateReader) entry(path string, in place, item string, to *[]string) {
	var one string
	var several []string
	var conditions Conditions
	object := in.String()
	r.object(object+".", []field{{item, &one, ""}, {item + "s", &several, ""}, {"conditions", &conditions, ""}})
	if one == "" && len(several) == 0 {
		r.faults.add(object, CodeWrongType, "the object has neither %q nor %q", item, item+"s")
	}
	add := func(value string, at place) {
		here := place{path, len(*to)}
		*to = append(*to, value)
		r.stands(here, at)
		if len(conditions) == 0 {
			return
		}
		if r.template.EntryConditions == nil {
			r.template.EntryConditions = make(map[string]Conditions)
		}
		r.template.EntryConditions[here.String()] = conditions
		if here != in {
			r.moved(here.String()+conditionsPath, object+conditionsPath)
		}
	}
	if one != "" {
		add(one, whole(object+"."+item))
	}
	for i, value := range several {
		add(value, place{object + "." + item + "s", i})
	}
}

// conditionsPath is behind the place of a value that has conditions.
const conditionsPath = ".conditions"

// conditions reads a Condition element: operators, keys, and a value or a list of
// them. What operators and keys mean is for Write to judge.
func (r *templateReader) conditions(path string) Conditions {
	if !r.expect('{', whole(path), "an object of operators") {
		return nil
	}
	conditions := make(Conditions)
	var operators keys
	r.enter()
	for r.more() {
		operator, _ := r.key()
		at := path + "." + operator
		if operators.again(operator) {
			r.faults.add(at, CodeRepeatedField, "the operator stands twice")
		}
		if !r.expect('{', whole(at), "an object of condition keys") {
			continue
		}
		var names keys
		r.enter()
		for r.more() {
			key, _ := r.key()
			if names.again(strings.ToLower(key)) {
				r.faults.add(at+"."+key, CodeRepeatedField, "the key stands twice")
			}
			conditions.set(operator, key, r.conditionValues(at+"."+key))
		}
	}
	return conditions
}

// conditionValues reads a value or a list of values. IAM takes numbers and
// booleans for texts.
func (r *templateReader) conditionValues(path string) Values {
	var values Values
	one := func(path string) {
		switch first := r.kind(); first {
		case '"':
			values = append(values, r.text())
		case '{', '[', 'n':
			r.faults.add(path, CodeWrongType, "the value is %s, not a string, a number or a boolean", kindName(first))
			r.skip()
		default:
			values = append(values, strings.ToValidUTF8(r.skip(), "\uFFFD"))
		}
	}
	if r.kind() != '[' {
		one(path)
		return values
	}
	faults := len(r.faults)
	r.enter()
	for i := 0; r.more(); i++ {
		one(place{path, i}.String())
	}
	if len(values) == 0 && len(r.faults) == faults {
		r.faults.add(path, CodeWrongType, "the list has no values")
	}
	return values
}

// nearestField returns the field whose name is s but for its case, its
// separators and one slip of the pen, or nothing.
func nearestField(s string, fields []field) []string {
	plain := strings.NewReplacer("_", "-", " ", "-")
	for _, f := range fields {
		if oneSlip(plain.Replace(strings.ToLower(s)), f.name) {
			return []string{f.name}
		}
	}
	return nil
}

// oneSlip reports whether a and b differ by at most one inserted, removed or
// changed byte, or two neighbours in the wrong order.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	head := 0
	for head < len(a) && a[head] == b[head] {
		head++
	}
	switch {
	case len(a) < len(b):
		return a[head:] == b[head+1:]
	case head == len(a) || a[head+1:] == b[head+1:]:
		return true
	default:
		return a[head] == b[head+1] && a[head+1] == b[head] && a[head+2:] == b[head+2:]
	}
}
