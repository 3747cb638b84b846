package policygen

import (
	"encoding/json"
	"fmt"
)

// object is a JSON object that is written member by member behind what is in out.
type object struct {
	out     []byte
	members int
	err     error
}

// member begins a member; its value is to be appended to out.
func (o *object) member(name string) {
	opening := byte(',')
	if o.members == 0 {
		opening = '{'
	}
	o.members++
	o.out = append(append(append(o.out, opening, '"'), name...), `":`...)
}

// value adds a member that encoding/json writes.
func (o *object) value(name string, v any) {
	text, err := json.Marshal(v)
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("encode %s: %w", name, err)
	}
	o.member(name)
	o.out = append(o.out, text...)
}

// end returns what is written.
func (o *object) end() ([]byte, error) {
	if o.members == 0 {
		o.out = append(o.out, '{')
	}
	return append(o.out, '}'), o.err
}
