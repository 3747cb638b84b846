package policygen

import "encoding/json"

// object is a JSON object that is written member by member; the zero value has none.
type object struct {
	out []byte
	err error
}

// text adds a member whose value is JSON already.
func (o *object) text(name string, text []byte) {
	if o.out == nil {
		o.out = append(make([]byte, 0, len(text)+len(name)+len(`{"":}`)), '{')
	} else {
		o.out = append(o.out, ',')
	}
	o.out = append(append(append(append(o.out, '"'), name...), `":`...), text...)
}

// value adds a member that encoding/json writes.
func (o *object) value(name string, v any) {
	text, err := json.Marshal(v)
	if o.err == nil {
		o.err = err
	}
	o.text(name, text)
}

// end returns the object.
func (o *object) end() ([]byte, error) {
	if o.out == nil {
		o.out = []byte{'{'}
	}
	return append(o.out, '}'), o.err
}
