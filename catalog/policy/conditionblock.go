package policy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Conditions is a Condition element as it is written: operators, such as
// "StringEquals", the keys of each, such as "aws:ResourceTag/team", and the values
// of each key. All of it must hold; of the values of one key one is enough.
type Conditions map[string]map[string]Values

// Values are the values of a condition key. In JSON one value stands alone and
// several in a list; numbers and booleans are read as the texts that IAM takes
// them for.
type Values []string

// MarshalJSON writes a text or a list of texts, without HTML escapes.
func (v Values) MarshalJSON() ([]byte, error) {
	var w jsonWriter
	w.oneOrList(v)
	return w.out, nil
}

// UnmarshalJSON reads a value or a list of them.
func (v *Values) UnmarshalJSON(data []byte) error {
	var values []json.RawMessage
	if json.Unmarshal(data, &values) != nil {
		values = []json.RawMessage{data}
	}
	*v = make(Values, 0, len(values))
	for _, value := range values {
		c := newCursor(value)
		switch first := c.kind(); first {
		case '"':
			*v = append(*v, c.text())
		case '{', '[', 'n':
			return fmt.Errorf("a condition's value is %s, not a text, a number or a boolean", kindName(first))
		default:
			*v = append(*v, string(value))
		}
	}
	return nil
}

// each calls use for every operator and key, in their order.
func (c Conditions) each(use func(operator, key string, values Values)) {
	for _, operator := range slices.Sorted(maps.Keys(c)) {
		for _, key := range slices.Sorted(maps.Keys(c[operator])) {
			use(operator, key, c[operator][key])
		}
	}
}

// set puts the values of a key in.
func (c Conditions) set(operator, key string, values Values) {
	if c[operator] == nil {
		c[operator] = make(map[string]Values)
	}
	c[operator][key] = values
}

// find returns an operator's values for a key in any case.
func (c Conditions) find(operator, key string) (Values, bool) {
	for k, values := range c[operator] {
		if strings.EqualFold(k, key) {
			return values, true
		}
	}
	return nil, false
}

// signature returns a text that only the same conditions have, "" for none.
func (c Conditions) signature() string {
	if len(c) == 0 {
		return ""
	}
	var k []byte
	c.each(func(operator, key string, values Values) {
		k = appendList(appendText(appendText(k, operator), strings.ToLower(key)), values)
	})
	return string(k)
}

// equal reports whether two blocks ask for the same.
func (c Conditions) equal(other Conditions) bool {
	return len(c) == len(other) && (len(c) == 0 || c.signature() == other.signature())
}
