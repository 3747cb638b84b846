package policygen

import "encoding/json"

// object is a JSON object that is written member by member; the zero value has none.
type object struct {
	out []byte
	err error
}

// member begins a member; its value is to be appended to out.
func (o *object) member(name string) {
	opening := byte(',')
	if o.out == nil {
		opening = '{'
	}
	o.out = append(append(append(o.out, opening, '"'), name...), `":`...)
}

// value adds a member that encoding/json writes.
func (o *object) value(name string, v any) {
	text, err := json.Marshal(v)
	if o.err == nil {
		o.err = err
	}
	o.member(name)
	o.out = append(o.out, text...)
}

// end returns the object.
func (o *object) end() ([]byte, error) {
	if o.out == nil {
		o.out = []byte{'{'}
	}
	return append(o.out, '}'), o.err
}
