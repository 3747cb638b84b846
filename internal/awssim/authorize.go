package awssim

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// policyDocument is a policy as far as calls to the simulation need it.
type policyDocument struct {
	Statement oneOrMore[policyStatement]
}

type policyStatement struct {
	Effect      string
	Principal   principalElement
	Action      oneOrMore[string]
	NotAction   oneOrMore[string]
	Resource    oneOrMore[string]
	NotResource oneOrMore[string]
	Condition   map[string]map[string]oneOrMore[string]
}

// oneOrMore is a value or an array of them, as policies allow in most places.
type oneOrMore[T any] []T

func (o *oneOrMore[T]) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		return json.Unmarshal(data, (*[]T)(o))
	}
	*o = make([]T, 1)
	return json.Unmarshal(data, &(*o)[0])
}

// principalElement is * or a map from a type of principal to names.
type principalElement map[string]oneOrMore[string]

func (p *principalElement) UnmarshalJSON(data []byte) error {
	if data[0] != '"' {
		return json.Unmarshal(data, (*map[string]oneOrMore[string])(p))
	}
	*p = principalElement{"AWS": {"*"}}
	return nil
}

// ask is a question to policies: may this be done?
type ask struct {
	action, resource string
	context          map[string]string // condition keys in lower case
	caller           *identity         // for the Principal element; nil for identity policies
}

// allowed answers from the documents: at least one Allow, and no Deny.
func (a ask) allowed(documents []json.RawMessage) bool {
	allow := false
	for _, raw := range documents {
		var doc policyDocument
		if json.Unmarshal(raw, &doc) != nil {
			continue // not a document that can allow anything
		}
		for _, s := range doc.Statement {
			if !a.matches(s) {
				continue
			}
			if s.Effect == "Deny" {
				return false
			}
			allow = true
		}
	}
	return allow
}

func (a ask) matches(s policyStatement) bool {
	if a.caller != nil && !a.caller.matches(s.Principal["AWS"]) {
		return false
	}
	if !concerns(s.Action, s.NotAction, a.action) {
		return false
	}
	// Trust policies have no resource: it is the role that they belong to.
	if a.caller == nil && !concerns(s.Resource, s.NotResource, a.resource) {
		return false
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if !a.holds(operator, key, values) {
				return false
			}
		}
	}
	return true
}

// concerns tells whether an element, or its Not form, takes in the name.
func concerns(patterns, not []string, name string) bool {
	matches := func(pattern string) bool { return world.Match(pattern, name) }
	if len(not) > 0 {
		return !slices.ContainsFunc(not, matches)
	}
	return slices.ContainsFunc(patterns, matches)
}

// holds evaluates one condition. An operator or key that the simulation does
// not know never holds.
func (a ask) holds(operator, key string, values []string) bool {
	value, present := a.context[strings.ToLower(key)]
	if !present {
		return false
	}
	switch operator {
	case "StringEquals", "Bool", "ArnEquals":
		return slices.Contains(values, value)
	case "StringLike", "ArnLike":
		return slices.ContainsFunc(values, func(pattern string) bool { return world.Match(pattern, value) })
	default:
		return false
	}
}

// matches tells whether the AWS principals of a trust policy take in the caller.
func (i *identity) matches(principals []string) bool {
	return slices.ContainsFunc(principals, func(p string) bool {
		switch p {
		case "*", i.account.ID(), i.principal, i.arn:
			return true
		default:
			return strings.HasSuffix(p, "::"+i.account.ID()+":root")
		}
	})
}

// may tells whether the identity's own policies, its permissions boundary where
// it has one, and the service control policies of every level allow an action.
func (i *identity) may(day world.Day, action, resource string) bool {
	documents, boundary := policiesOf(day, i.ref)
	q := ask{action: action, resource: resource}
	if !q.allowed(documents) || boundary != nil && !q.allowed(boundary) {
		return false
	}
	for _, level := range day.Controls() {
		documents = documents[:0]
		for _, control := range level {
			documents = append(documents, control.Document)
		}
		if !q.allowed(documents) {
			return false
		}
	}
	return true
}

// policiesOf returns the policies of a user or role on the day.
func policiesOf(day world.Day, ref world.Ref) (documents, boundary []json.RawMessage) {
	var inline []world.InlinePolicy
	var attached []world.AttachedPolicy
	var boundaryARN string
	if ref.Kind == world.KindUser {
		user, _ := day.User(ref.Slot)
		inline, attached, boundaryARN = user.Inline, user.Attached, user.Boundary
	} else {
		role, _ := day.Role(ref.Slot)
		inline, attached, boundaryARN = role.Inline, role.Attached, role.Boundary
	}
	for _, p := range inline {
		documents = append(documents, p.Document)
	}
	for _, p := range attached {
		documents = append(documents, defaultDocument(day, p.ARN))
	}
	if boundaryARN != "" {
		boundary = []json.RawMessage{defaultDocument(day, boundaryARN)}
	}
	return documents, boundary
}

// defaultDocument returns the document in force of a managed policy.
func defaultDocument(day world.Day, arn string) json.RawMessage {
	policy, found := findPolicy(day, arn)
	if !found {
		return nil
	}
	for _, v := range policy.Versions {
		if v.Default {
			return v.Document
		}
	}
	return nil
}

// findPolicy returns the managed policy with the ARN.
func findPolicy(day world.Day, arn string) (world.Policy, bool) {
	ref, found := day.Find(arn)
	switch {
	case found && ref.Kind == world.KindPolicy:
		return day.Policy(ref.Slot)
	case found && ref.Kind == world.KindAWSPolicy:
		return day.AWSPolicy(ref.Slot)
	default:
		return world.Policy{}, false
	}
}
