package policy

import (
	"fmt"
	"strings"
)

// templateReader carries the state of one ParseTemplate.
type templateReader struct {
	cursor
	faults Faults
}

// object reads the object at the cursor into the fields; prefix is the path of
// the object with a dot behind it, or empty.
func (r *templateReader) object(prefix string, fields []field) {
	seen := make(keys)
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
	for _, f := range fields {
		if f.name != name {
			continue
		}
		if r.kind() == 'n' {
			r.skip()
			return
		}
		switch to := f.to.(type) {
		case *string:
			*to = r.single(path)
		case *[]string:
			*to = r.list(path)
		case legacyField:
			r.legacy(path, to)
		case []field:
			if r.expect('{', path, "an object") {
				r.object(path+".", to)
			}
		}
		return
	}
	r.skip()
	r.faults.add(path, CodeUnknownField, "a template has no field %q%s", name, didYouMean(nearestField(name, fields)))
}

// expect reports whether the next value begins with first, and steps over it
// with a fault where it does not.
func (r *templateReader) expect(first byte, path, want string) bool {
	got := r.kind()
	if got != first {
		r.faults.add(path, CodeWrongType, "the value is %s, not %s", kindName(got), want)
		r.skip()
	}
	return got == first
}

func (r *templateReader) single(path string) string {
	if !r.expect('"', path, "a string") {
		return ""
	}
	return r.text()
}

func (r *templateReader) list(path string) []string {
	if !r.expect('[', path, "a list of strings") {
		return nil
	}
	var values []string
	r.enter()
	for i := 0; r.more(); i++ {
		if r.kind() == 'n' {
			r.skip()
			values = append(values, "")
			continue
		}
		values = append(values, r.single(fmt.Sprintf("%s[%d]", path, i)))
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
