package policy

import (
	"slices"
	"strings"
)

// certainty says whether something holds for every request of a caller.
type certainty uint8

const (
	undecided certainty = iota
	always
	never
)

// certain returns always or never.
func certain(holds bool) certainty {
	if holds {
		return always
	}
	return never
}

// The condition keys of which it is the caller that decides the value, and not what
// it asks for (IAM User Guide, "AWS global condition context keys").
const (
	principalARN = iota
	principalAccount
	principalType
	principalName
	personalKeys
)

// personalKey returns which of the keys a name is, in any case.
func personalKey(name string) (key int, ok bool) {
	for key, known := range [personalKeys]string{"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:username"} {
		if strings.EqualFold(known, name) {
			return key, true
		}
	}
	return 0, false
}

// caller is who makes requests, as far as that is known.
type caller struct {
	principal string // an ARN, or ""
	account   string // 12 digits, or ""
	values    [personalKeys]keyValue
}

// keyValue is the value of a condition key in all requests of a caller: it is known,
// or they do not have the key, or neither is known.
type keyValue struct {
	value         string
	known, absent bool
}

// newCaller returns the caller that has an ARN; or, without one, that is of an account.
// Each may be "". What values the keys have for whom is in the IAM User Guide, "AWS
// global condition context keys", and "Principal key values" in "IAM policy elements:
// Variables and tags". For a role aws:PrincipalArn is the ARN of the role, path and
// all, which that of a session does not tell. The ARN of a root user, as trust
// policies have it, stands for all of its account, and a name with a colon, which IAM
// takes for nobody, for any user. Who comes from an identity provider is not of the
// provider's account.
func newCaller(principal, account string) caller {
	service, own, kind, name := partsOfPrincipal(principal)
	if isAccount(own) {
		account = own
	}
	w := caller{principal: principal, account: account}
	switch {
	case strings.HasSuffix(kind, "-provider"):
		return w
	case service == "iam" && kind == "user":
		one := strings.IndexByte(name, ':') < 0
		w.values[principalARN] = keyValue{value: principal, known: one}
		w.values[principalName] = keyValue{value: name[strings.LastIndexByte(name, '/')+1:], known: one}
		w.values[principalType] = keyValue{value: "User", known: true}
	case service == "iam" && kind == "role", service == "sts" && kind == "assumed-role":
		w.values[principalARN] = keyValue{value: principal, known: kind == "role"}
		w.values[principalName] = keyValue{absent: true}
		w.values[principalType] = keyValue{value: "AssumedRole", known: true}
	}
	w.values[principalAccount] = keyValue{value: account, known: account != ""}
	return w
}

// partsOfPrincipal takes an ARN of IAM or STS apart: "iam", the account, "user" and
// "team/ann" for a user.
func partsOfPrincipal(arn string) (service, account, kind, name string) {
	_, rest, _ := strings.Cut(arn, ":")
	_, rest, _ = strings.Cut(rest, ":")
	service, rest, _ = strings.Cut(rest, ":")
	_, rest, _ = strings.Cut(rest, ":")
	account, rest, _ = strings.Cut(rest, ":")
	kind, name, _ = strings.Cut(rest, "/")
	return service, account, kind, name
}

// trustedCaller returns the caller that a principal of a trust policy is: an ARN or an
// account.
func trustedCaller(principal string) caller {
	if isAccount(principal) {
		return newCaller("", principal)
	}
	return newCaller(principal, "")
}

// Personal is the conditions of a statement, ready to be decided for callers: all of
// them must hold.
type Personal struct {
	conditions []personalCondition
	// others says that there are conditions on something else, or such as could not
	// be read: these are never decided.
	others bool
}

type personalCondition struct {
	key      int
	operator operator
	values   []string
}

// Personal returns the conditions of a statement as far as they look at who asks.
func (s *Statement) Personal() Personal {
	p := Personal{others: s.Conditions != nil && len(s.Conditions) == 0}
	for _, c := range s.Conditions {
		key, ok := personalKey(c.Key)
		if !ok {
			p.others = true
			continue
		}
		o, _ := parseOperator(c.Operator)
		p.conditions = append(p.conditions, personalCondition{key, o, c.Values})
	}
	return p
}

// Depends reports whether any of the conditions looks at who asks.
func (p *Personal) Depends() bool { return len(p.conditions) > 0 }

// Entirely reports whether all of them do, so that HoldsFor can be sure that they hold.
func (p *Personal) Entirely() bool { return !p.others }

// HoldsFor reports whether the conditions of a statement of a trust policy hold for
// all requests of a principal, which is an ARN or an account, and whether it is for
// who it is alone that they do or do not. It does not look at whom the statement
// names.
func (p *Personal) HoldsFor(principal string) (holds, sure bool) {
	who := trustedCaller(principal)
	decided := p.decide(&who)
	return decided == always, decided != undecided
}

// HoldsFor is the method of Personal.
func (s *Statement) HoldsFor(principal string) (holds, sure bool) {
	p := s.Personal()
	return p.HoldsFor(principal)
}

func (p *Personal) decide(w *caller) certainty {
	all := always
	if p.others {
		all = undecided
	}
	for i := range p.conditions {
		switch p.conditions[i].decide(w) {
		case never:
			return never
		case undecided:
			all = undecided
		}
	}
	return all
}

// decide says whether a condition holds. One without values, which IAM's checks refuse,
// is never decided.
func (c *personalCondition) decide(w *caller) certainty {
	if len(c.values) == 0 {
		return undecided
	}
	switch v := &w.values[c.key]; {
	case v.absent:
		return c.operator.withoutKey(c.values)
	case v.known:
		if holds, sure := c.operator.holds(c.values, v.value); sure {
			return certain(holds)
		}
	}
	return undecided
}

// decide says whether a condition holds.
func (w *caller) decide(c Condition) certainty {
	key, ok := personalKey(c.Key)
	if !ok {
		return undecided
	}
	o, _ := parseOperator(c.Operator)
	return (&personalCondition{key, o, c.Values}).decide(w)
}

// denies says whether a denying clause is about the caller by its conditions.
func (w *caller) denies(c *clause) certainty {
	if c.personal == nil {
		return undecided
	}
	decided := c.personal.decide(w)
	if decided == always && !forEveryone(c.statement) {
		return undecided
	}
	return decided
}

// withoutKey says whether a condition holds for a request without its key: IAM User
// Guide, "IAM JSON policy elements: Condition operators", and "Set operators for
// multivalued context keys".
func (o operator) withoutKey(values []string) certainty {
	switch {
	case o.base == "":
		return undecided
	case o.base == "Null":
		return certain(slices.ContainsFunc(values, func(want string) bool { return strings.EqualFold(want, "true") }))
	case o.ifExists || o.set == forAllValues:
		return always
	case o.set == forAnyValue:
		return never
	default:
		return certain(o.negated())
	}
}

// AppendDecided appends to dst what the document's statements say of a principal by
// who it is: a byte for each Deny that depends on it. Principals for which that is
// the same, and who can do the same otherwise, are denied the same.
func (a *Analysis) AppendDecided(dst []byte, p *Policies) []byte {
	if !a.personal {
		return dst
	}
	who := p.caller()
	for i := range a.clauses {
		if c := &a.clauses[i]; c.personal != nil {
			dst = append(dst, '0'+byte(who.denies(c)))
		}
	}
	return dst
}
