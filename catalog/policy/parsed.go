package policy

import (
	"errors"
	"slices"
)

// WriteParsed is WriteWith for what [ParseTemplateOf] and [ParseRequest] return. Where
// they found faults in the text, their error, those of its values are returned with
// them; any other error of theirs is returned as it is.
func (w *Writer) WriteParsed(t Template, o Options, parsed error) (*Result, error) {
	if parsed == nil {
		return w.WriteWith(t, o)
	}
	faults, ok := errors.AsType[Faults](parsed)
	if !ok || t.Mode == "" { // without a mode nothing is known of the values
		return nil, parsed
	}
	_, err := w.WriteWith(t, o)
	more, _ := errors.AsType[Faults](err)
	all := slices.Clone(faults)
	for _, fault := range more {
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Path == fault.Path }) {
			all = append(all, fault)
		}
	}
	return nil, all
}
