package policy

import "fmt"

// Effect says whether a statement allows or denies. The zero value belongs to
// a statement whose Effect is missing or misspelt: such a statement neither
// grants nor denies anything, and its document says so in its Problems.
type Effect uint8

// The effects of IAM's grammar. Their values are case-sensitive in a document.
const (
	EffectNone Effect = iota
	Allow
	Deny
)

// String returns the effect as IAM writes it, or "" for EffectNone.
func (e Effect) String() string {
	switch e {
	case Allow:
		return "Allow"
	case Deny:
		return "Deny"
	default:
		return ""
	}
}

// Document is a parsed policy document of any kind: identity policy, trust
// policy, boundary or service control policy. Scalars have become lists of one.
type Document struct {
	Version    string
	ID         string
	Statements []Statement
	// Problems are what IAM would refuse, in the order of the document. None
	// of them stops the rest of the document from being read.
	Problems []Problem
}

// Statement is one statement. A list element that the statement does not have
// is nil; one that it has and that is empty is not nil.
type Statement struct {
	SID           string
	Effect        Effect
	Principals    []Principal
	NotPrincipals []Principal
	Actions       []string
	NotActions    []string
	Resources     []string
	NotResources  []string
	// Conditions holds one entry per operator and key, in written order. It is
	// not nil where the statement has a Condition that could not be read, so
	// that such a statement never counts as unconditional.
	Conditions []Condition
}

// The kinds of principal that IAM knows. PrincipalAny is `"Principal": "*"`.
const (
	PrincipalAny           = "*"
	PrincipalAWS           = "AWS"
	PrincipalService       = "Service"
	PrincipalFederated     = "Federated"
	PrincipalCanonicalUser = "CanonicalUser"
)

// Principal is one trusted or named principal, as written.
type Principal struct {
	Kind  string // one of the Principal constants, or an unknown kind as written
	Value string // an ARN, an account id, a unique id, a host name or "*"
}

// Condition is one operator over one key. IAM compares keys without regard to
// case; they are kept here as written. Numbers and booleans among the values
// are kept in their JSON spelling.
type Condition struct {
	Operator string // e.g. "StringEquals", "ForAnyValue:StringLike"
	Key      string // e.g. "aws:PrincipalOrgID"
	Values   []string
}

// Problem is one thing in a document that IAM would refuse or that has no
// meaning. Whatever could be read beside it was read.
type Problem struct {
	Statement int    // index of the statement, or -1 for the document itself
	Element   string // the element's name as written, or "" for a whole statement
	Offset    int    // position in the document, in bytes from 0
	Reason    string // one clause, lower case
}

// String returns the problem in one line, with its place.
func (p Problem) String() string {
	return fmt.Sprintf("%s (byte %d): %s", p.Place(), p.Offset, p.Reason)
}

// Place returns what the problem is of, without the position, which is none in the
// text that a document was made of: "statement 2 Action".
func (p Problem) Place() string {
	place := "document"
	if p.Statement >= 0 {
		place = fmt.Sprintf("statement %d", p.Statement)
	}
	if p.Element != "" {
		place += " " + p.Element
	}
	return place
}

// SyntaxError is what ParseDocument and ParseTemplate return for input that is
// not JSON or does not have the outer shape that they read.
type SyntaxError struct {
	What   string // "policy document" or "template"
	Offset int    // the byte that cannot be read, from 0; the last one where the text ends early
	Reason string // one clause, lower case
}

// Error returns the fault with its byte position.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("parse %s: byte %d: %s", e.What, e.Offset, e.Reason)
}
