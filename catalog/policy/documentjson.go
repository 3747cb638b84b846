package policy

import (
	"bytes"
	"encoding/json"
)

// documentJSON and statementJSON have the elements in the order of IAM's grammar.
// The lists among them are nil where the element is missing, a string where
// there is one value, else a []string.
type documentJSON struct {
	Version   string          `json:"Version,omitempty"`
	ID        string          `json:"Id,omitempty"`
	Statement []statementJSON `json:"Statement"`
}

type statementJSON struct {
	SID          string                    `json:"Sid,omitempty"`
	Effect       string                    `json:"Effect,omitempty"`
	Principal    any                       `json:"Principal,omitempty"`
	NotPrincipal any                       `json:"NotPrincipal,omitempty"`
	Action       any                       `json:"Action,omitempty"`
	NotAction    any                       `json:"NotAction,omitempty"`
	Resource     any                       `json:"Resource,omitempty"`
	NotResource  any                       `json:"NotResource,omitempty"`
	Condition    map[string]map[string]any `json:"Condition,omitempty"`
}

// JSON returns the document as JSON text without HTML escapes and without a
// newline at its end, indented by indent per level, or in one line where that is
// empty. A list of one value is written as the value. What ParseDocument found
// Problems with may be missing; else ParseDocument reads the same document from
// it, but for the order of the conditions.
func (d *Document) JSON(indent string) []byte {
	doc := documentJSON{Version: d.Version, ID: d.ID, Statement: make([]statementJSON, len(d.Statements))}
	for i := range d.Statements {
		s := &d.Statements[i]
		doc.Statement[i] = statementJSON{
			SID: s.SID, Effect: s.Effect.String(),
			Principal: principalsJSON(s.Principals), NotPrincipal: principalsJSON(s.NotPrincipals),
			Action: oneOrList(s.Actions), NotAction: oneOrList(s.NotActions),
			Resource: oneOrList(s.Resources), NotResource: oneOrList(s.NotResources),
			Condition: conditionsJSON(s.Conditions),
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	_ = encoder.Encode(doc) // texts always encode, and the buffer takes them all
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func oneOrList(values []string) any {
	switch {
	case values == nil:
		return nil
	case len(values) == 1:
		return values[0]
	default:
		return values
	}
}

func principalsJSON(principals []Principal) any {
	if principals == nil {
		return nil
	}
	if len(principals) == 1 && principals[0].Kind == PrincipalAny {
		return principals[0].Value
	}
	kinds := make(map[string][]string)
	for _, p := range principals {
		kinds[p.Kind] = append(kinds[p.Kind], p.Value)
	}
	out := make(map[string]any, len(kinds))
	for kind, values := range kinds {
		out[kind] = oneOrList(values)
	}
	return out
}

func conditionsJSON(conditions []Condition) map[string]map[string]any {
	out := make(map[string]map[string]any, len(conditions))
	for _, c := range conditions {
		if out[c.Operator] == nil {
			out[c.Operator] = make(map[string]any)
		}
		out[c.Operator][c.Key] = oneOrList(c.Values)
	}
	return out
}
