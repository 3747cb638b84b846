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
	closed bool     // a Deny lets nobody in but who comes from identity providers
	// outright are the Deny statements without conditions.
	outright []*policy.Statement
	// personal are Deny statements whose conditions look at who asks.
	personal []trusting
}

// gate is a way in: any of some statements of an Allow.
type gate struct {
	open bool
	by   []trusting
	all  bool // one of them is for everyone
}

// trusting is a statement of a trust policy, with its conditions on who asks.
type trusting struct {
	*policy.Statement
	who policy.Personal
}

// named is a principal that a statement names.
type named struct {
	arn string
	by  gate
}

func (g *gate) add(s *policy.Statement) {
	t := trusting{s, s.Personal()}
	g.open, g.all = true, g.all || !t.who.Depends() && s.NotPrincipals == nil
	g.by = append(g.by, t)
}

// admits reports whether a statement lets in an ARN: it does not leave it out by its
// name, and its conditions can hold for it.
func (g *gate) admits(arn string) bool {
	return g.all || slices.ContainsFunc(g.by, func(t trusting) bool {
		holds, sure := t.who.HoldsFor(arn)
		return (holds || !sure) && !slices.ContainsFunc(t.NotPrincipals, func(p policy.Principal) bool { return p.Value == arn })
	})
}

// gate returns the gate that the role's node has, and its label, or -1 where
// neither is open. Where both are, and anyone is not everyone, rest is the gate of
// those, who are taken as named.
func (e *entrance) gate() (g *gate, label int, rest *gate) {
	switch {
	case e.closed || !e.anyone.open && !e.account.open:
		return nil, -1, nil
	case !e.account.open || e.anyone.all:
		return &e.anyone, labelTrustsAnyone, nil
	case e.anyone.open:
		return &e.account, labelTrustsAccount, &e.anyone
	default:
		return &e.account, labelTrustsAccount, nil
	}
}

// audienceOfGate returns whom the gate of the role's node lets in.
func (e *entrance) audienceOfGate() *escalation.Audience {
	g, _, _ := e.gate()
	if g == nil {
		return nil
	}
	return e.audience(g)
}

// audience returns whom a gate lets in, nil for everyone.
func (e *entrance) audience(g *gate) *escalation.Audience {
	if g.all && len(e.only) == 0 && len(e.except) == 0 && len(e.personal) == 0 {
		return nil
	}
	audience := &escalation.Audience{Only: e.only, Except: e.except}
	if !g.all || len(e.personal) > 0 {
		audience.Refuses = func(arn string) bool { return !g.admits(arn) || e.refuses(arn) }
	}
	return audience
}

// refuses reports whether a Deny whose conditions look at who asks is for a
// principal, and they hold.
func (e *entrance) refuses(arn string) bool {
	return slices.ContainsFunc(e.personal, func(t trusting) bool {
		holds, _ := t.who.HoldsFor(arn)
		return holds && isAbout(t.Statement, arn)
	})
}

// isAbout reports whether a statement of a trust policy is about a principal, by its
// names alone.
func isAbout(s *policy.Statement, arn string) bool {
	named := func(p policy.Principal) bool {
		whole := p.Trusted() == policy.TrustedAccount && accountOf(p.Value) == accountOf(arn)
		return whole || p.Value == arn || isAnyone(p)
	}
	if s.NotPrincipals != nil {
		return !slices.ContainsFunc(s.NotPrincipals, named)
	}
	return slices.ContainsFunc(s.Principals, named)
}

// entranceOf reads a trust policy of a role of an account.
func entranceOf(doc *policy.Document, account string) *entrance {
	e := &entrance{}
	if doc == nil {
		return e
	}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if s.Effect == policy.Allow && s.TakesRole() {
			e.allow(s, account)
		}
		if s.Effect == policy.Deny && s.AssumesRole() {
			e.deny(s, account)
		}
		if s.Effect == policy.Deny && len(s.Conditions) == 0 {
			e.outright = append(e.outright, s)
		}
	}
	e.withhold()
	return e
}

// withhold takes out the services, the identity providers and the principals
// elsewhere that a Deny names, or all of them where a Deny lets nobody in.
func (e *entrance) withhold() {
	if e.closed {
		e.services, e.foreign = nil, nil
	}
	denied := func(value string) bool {
		account := accountOf(value)
		return slices.ContainsFunc(e.denied, func(d string) bool {
			whole := policy.Principal{Kind: policy.PrincipalAWS, Value: d}.Trusted() == policy.TrustedAccount
			return d == value || whole && accountOf(d) == account
		}) || e.refuses(value)
	}
	e.services = slices.DeleteFunc(e.services, denied)
	e.foreign = slices.DeleteFunc(e.foreign, denied)
	e.federated = slices.DeleteFunc(e.federated, e.deniesProvider)
	for _, provider := range e.federated {
		if !strings.Contains(provider, "/") { // Amazon Cognito, which is a service and no entity of IAM
			e.services = append(e.services, policy.ServicePrincipal(provider))
		}
	}
	slices.Sort(e.services)
	e.services = slices.Compact(e.services)
}

func (e *entrance) allow(s *policy.Statement, account string) {
	own := !isForOthers(s, account)
	if s.NotPrincipals != nil {
		if own {
			e.anyone.add(s)
		}
		e.foreign = append(e.foreign, "*")
		return
	}
	for _, p := range s.Principals {
		switch kind := kindOf(p, account); {
		case kind == fromAnywhere:
			if own {
				e.anyone.add(s)
			}
			e.addForeign(accountsOf(s.Conditions), account)
		case kind == fromAccount && own:
			e.account.add(s)
		case kind == fromHere && own:
			var by gate
			by.add(s)
			e.named = append(e.named, named{p.Value, by})
		case kind == fromElsewhere && !isForOthers(s, p.Value):
			e.foreign = append(e.foreign, p.Value)
		case kind == fromProvider:
			e.federated = append(e.federated, p.Value)
		case kind == fromService:
			e.services = append(e.services, policy.ServicePrincipal(p.Value))
		}
	}
}

// isForOthers reports whether conditions of a statement never hold for a principal.
func isForOthers(s *policy.Statement, principal string) bool {
	holds, sure := s.HoldsFor(principal)
	return sure && !holds
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

// deny takes out whom a Deny surely concerns. One with conditions that look at more
// than who asks is left to the evidence.
func (e *entrance) deny(s *policy.Statement, account string) {
	if len(s.Conditions) > 0 {
		t := trusting{s, s.Personal()}
		if !t.who.Entirely() {
			return
		}
		e.personal = append(e.personal, t)
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
		case fromService:
			e.denied = append(e.denied, policy.ServicePrincipal(p.Value))
		}
	}
}

// deniesProvider reports whether a Deny is for all who come from an identity provider.
func (e *entrance) deniesProvider(provider string) bool {
	named := func(p policy.Principal) bool {
		return isAnyone(p) || p.Kind == policy.PrincipalFederated && (p.Value == "*" || p.Value == provider)
	}
	return slices.ContainsFunc(e.outright, func(s *policy.Statement) bool {
		return s.TakesRoleFrom(provider) && slices.ContainsFunc(s.Principals, named)
	})
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

// accountsOf returns the accounts that conditions demand of the principal; nil where
// they demand none, or one that a pattern or a variable stands for.
func accountsOf(conditions []policy.Condition) []string {
	var accounts []string
	for i := range conditions {
		if c := &conditions[i]; c.Grade() == policy.ConditionPrincipal && strings.EqualFold(c.Key, "aws:PrincipalAccount") {
			accounts = c.Values
		}
	}
	if slices.ContainsFunc(accounts, func(account string) bool { return strings.ContainsAny(account, "*?$") }) {
		return nil
	}
	return accounts
}
