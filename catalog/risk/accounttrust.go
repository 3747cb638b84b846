package risk

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// entrance is whom a role's trust policy lets in, as far as paths go. Conditions
// are taken to be met, but for those on who the principal is.
type entrance struct {
	// account is everyone in the account whose own permissions say so, anyone
	// everyone in it, whatever those say.
	account, anyone gate
	// named are ARNs of the account that the policy names: their own permissions
	// need not say so.
	named []named
	// services are the service principals, foreign the principals of other
	// accounts and federated the identity providers, each as written.
	services, foreign, federated []string
	// only and except are whom Deny statements leave of the account's principals.
	only   [][]string
	except []string
	denied []string // services and principals elsewhere that Deny statements name
	closed bool     // a Deny lets nobody in
}

// gate is a way in that may be open for some ARNs only.
type gate struct {
	open bool
	only []string // patterns; nil is everyone
}

// named is a principal that a statement names.
type named struct {
	arn  string
	only []string // patterns that it must match too; nil is none
}

// gate returns the gate that the role's node has, and its label, or -1 where
// neither is open. Where both are, and anyone is let in only if its ARN fits, rest
// are the patterns of those, which are taken as named.
func (e *entrance) gate() (g gate, label int, rest []string) {
	switch {
	case e.closed || !e.anyone.open && !e.account.open:
		return gate{}, -1, nil
	case !e.account.open || e.anyone.open && e.anyone.only == nil:
		return e.anyone, labelTrustsAnyone, nil
	default:
		return e.account, labelTrustsAccount, e.anyone.only
	}
}

// audienceOfGate returns whom the gate of the role's node lets in.
func (e *entrance) audienceOfGate() *escalation.Audience {
	g, _, _ := e.gate()
	return e.audience(g)
}

// audience returns whom a gate lets in, nil for everyone.
func (e *entrance) audience(g gate) *escalation.Audience {
	only := e.only
	if g.only != nil {
		only = append(slices.Clone(only), g.only)
	}
	if len(only) == 0 && len(e.except) == 0 {
		return nil
	}
	return &escalation.Audience{Only: only, Except: e.except}
}

// entranceOf reads a trust policy of a role of an account.
func entranceOf(doc *policy.Document, account string) *entrance {
	e := &entrance{}
	if doc == nil {
		return e
	}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		switch {
		case !s.TakesRole():
		case s.Effect == policy.Allow:
			e.allow(s, account)
		case s.Effect == policy.Deny:
			e.deny(s, account)
		}
	}
	slices.Sort(e.services)
	e.services = slices.Compact(e.services)
	e.withhold()
	return e
}

// withhold takes out the services and the principals elsewhere that a Deny names,
// or all of them where a Deny lets nobody in.
func (e *entrance) withhold() {
	if e.closed {
		e.services, e.foreign, e.federated = nil, nil, nil
		return
	}
	denied := func(value string) bool {
		account := accountOf(value)
		return slices.ContainsFunc(e.denied, func(d string) bool {
			whole := policy.Principal{Kind: policy.PrincipalAWS, Value: d}.Trusted() == policy.TrustedAccount
			return d == value || whole && accountOf(d) == account
		})
	}
	e.services = slices.DeleteFunc(e.services, denied)
	e.foreign = slices.DeleteFunc(e.foreign, denied)
	e.federated = slices.DeleteFunc(e.federated, denied)
}

func (e *entrance) allow(s *policy.Statement, account string) {
	only, accounts := narrowing(s.Conditions)
	own := accounts == nil || slices.Contains(accounts, account)
	if s.NotPrincipals != nil {
		for _, p := range s.NotPrincipals {
			e.except = append(e.except, p.Value)
		}
		e.anyone.add(own, only)
		e.foreign = append(e.foreign, "*")
		return
	}
	for _, p := range s.Principals {
		switch kind := kindOf(p, account); {
		case kind == fromAnywhere:
			e.anyone.add(own, only)
			e.addForeign(accounts, account)
		case kind == fromAccount && own:
			e.account.add(true, only)
		case kind == fromHere && own:
			e.named = append(e.named, named{p.Value, only})
		case kind == fromElsewhere:
			e.foreign = append(e.foreign, p.Value)
		case kind == fromProvider:
			e.federated = append(e.federated, p.Value)
			if !strings.Contains(p.Value, "/") { // Amazon Cognito, which is a service and no entity of IAM
				e.services = append(e.services, policy.ServicePrincipal(p.Value))
			}
		case kind == fromService:
			e.services = append(e.services, policy.ServicePrincipal(p.Value))
		}
	}
}

// addForeign lets in everyone elsewhere, or other accounts where conditions name some.
func (e *entrance) addForeign(accounts []string, account string) {
	if accounts == nil {
		e.foreign = append(e.foreign, "*")
	}
	for _, other := range accounts {
		if other != account {
			e.foreign = append(e.foreign, other)
		}
	}
}

func (g *gate) add(open bool, only []string) {
	switch {
	case !open:
	case !g.open:
		g.open, g.only = true, only
	case only == nil || g.only == nil:
		g.only = nil
	default:
		g.only = slices.Concat(g.only, only)
	}
}

// deny takes out whom a Deny surely concerns. One with other conditions than
// that the principal is none of some is left to the evidence.
func (e *entrance) deny(s *policy.Statement, account string) {
	if len(s.Conditions) > 0 {
		if spared := sparing(s.Conditions); spared != nil && slices.ContainsFunc(s.Principals, isAnyone) {
			e.only = append(e.only, spared)
		}
		return
	}
	if s.NotPrincipals != nil {
		spared := []string{}
		for _, p := range s.NotPrincipals {
			spared = append(spared, p.Value)
		}
		e.only = append(e.only, spared)
		return
	}
	for _, p := range s.Principals {
		switch kindOf(p, account) {
		case fromAnywhere:
			e.closed = true
		case fromAccount:
			e.only = append(e.only, []string{})
		case fromHere:
			e.except = append(e.except, p.Value)
		case fromElsewhere:
			e.denied = append(e.denied, p.Value)
		case fromProvider, fromService:
			e.denied = append(e.denied, p.Value, policy.ServicePrincipal(p.Value))
		}
	}
}

// The places that trusted principals are from.
const (
	fromNowhere   = iota // a deleted principal, or something unknown
	fromAnywhere         // everyone in AWS
	fromAccount          // the role's account as a whole
	fromHere             // a principal of the role's account
	fromElsewhere        // another account, or a principal of one
	fromProvider         // an identity provider
	fromService          // an AWS service
)

func kindOf(p policy.Principal, account string) int {
	kind := p.Trusted()
	switch kind {
	case policy.TrustedEveryone:
		if p.Kind == policy.PrincipalFederated {
			return fromProvider
		}
		return fromAnywhere
	case policy.TrustedService:
		return fromService
	case policy.TrustedOIDC, policy.TrustedSAML:
		return fromProvider
	case policy.TrustedAccount, policy.TrustedRole, policy.TrustedUser, policy.TrustedSession:
	default:
		return fromNowhere
	}
	switch {
	case accountOf(p.Value) != account:
		return fromElsewhere
	case kind == policy.TrustedAccount:
		return fromAccount
	default:
		return fromHere
	}
}

func isAnyone(p policy.Principal) bool {
	return p.Value == "*" && (p.Kind == policy.PrincipalAny || p.Kind == policy.PrincipalAWS)
}

// narrowing returns the patterns of ARNs and the accounts that conditions demand
// of the principal; nil where they demand none.
func narrowing(conditions []policy.Condition) (arns, accounts []string) {
	for i := range conditions {
		c := &conditions[i]
		if c.Grade() != policy.ConditionPrincipal {
			continue
		}
		switch strings.ToLower(c.Key) {
		case "aws:principalarn":
			arns = c.Values
		case "aws:principalaccount":
			accounts = c.Values
		}
	}
	return arns, accounts
}

// sparing returns the patterns of ARNs that the single condition of a Deny spares,
// or nil where it is another condition.
func sparing(conditions []policy.Condition) []string {
	if len(conditions) != 1 || !strings.EqualFold(conditions[0].Key, "aws:PrincipalArn") {
		return nil
	}
	switch strings.ToLower(conditions[0].Operator) {
	case "stringnotequals", "stringnotlike", "arnnotequals", "arnnotlike":
		return conditions[0].Values
	default:
		return nil
	}
}
