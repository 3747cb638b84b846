package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// Trust is one principal that one statement of a trust policy names.
type Trust struct {
	Statement int    // index of the statement, from 0
	Kind      string // one of the Principal constants, or an unknown kind as written
	Value     string // the principal as written
	// Trusted says what the principal is.
	Trusted Trusted
	// Account is the account that Value names, 12 digits, or "".
	Account string
	Effect  Effect
	// Excluded says that the statement has NotPrincipal: it is for everyone but
	// the principals that it names.
	Excluded bool
	// Actions are those of the statement, as written; with NotAction they are
	// what it leaves out, each with "!" before it.
	Actions []string
	// Conditions are the keys of the statement's conditions, as written, sorted
	// and without repetition.
	Conditions []string
	// Grade says what the conditions look at.
	Grade ConditionGrade
	// HasExternalID says that a condition demands an ExternalId.
	HasExternalID bool
	// Public says that the statement lets in everyone in AWS: see anyone and
	// narrowsCaller. It is never set on a Deny.
	Public bool
	// CrossAccount says that the statement lets in a principal of an account
	// other than the role's. It is never set on a Deny.
	CrossAccount bool
	// Deleted says that the principal is the unique id of a role or user, which
	// is what IAM leaves in the place of one that was deleted.
	Deleted bool
	// Subject and Audience say that conditions demand both of a token of an
	// identity provider: see pinnedClaims.
	Subject, Audience bool
	// Denied says that a Deny without conditions, or with such as the principal
	// decides by its ARN or account, keeps out what the statement lets in, so that it
	// is neither Public nor CrossAccount. Demanded is what other Deny statements leave in: "StringNotEquals" on a key denies all but those whose
	// key is equal. Denials are the indices of those statements. They are never set
	// on a Deny.
	Denied   bool
	Demanded []Condition
	Denials  []int
}

// Trusts returns one Trust per statement and principal of a role's trust policy,
// in written order. The account, 12 digits, is the role's own; where it is empty
// no named account counts as another one.
func Trusts(doc *Document, account string) []Trust {
	var trusts []Trust
	for i := range doc.Statements {
		s := &doc.Statements[i]
		base := Trust{
			Statement: i, Effect: s.Effect, Actions: trustActions(s), Conditions: conditionKeys(s.Conditions),
			Grade: s.Grade(),
		}
		for _, p := range s.Principals {
			trusts = append(trusts, base.of(doc, s, p, account))
		}
		base.Excluded = true
		for _, p := range s.NotPrincipals {
			trusts = append(trusts, base.of(doc, s, p, account))
		}
	}
	return trusts
}

// of completes t for one principal of its statement.
func (t Trust) of(doc *Document, s *Statement, p Principal, account string) Trust {
	t.Kind, t.Value = p.Kind, p.Value
	t.Account = accountIn(p.Value)
	t.Trusted = p.Trusted()
	t.Deleted = t.Trusted == TrustedDeleted
	conditions := s.Conditions
	if s.Effect == Allow {
		t.deny(doc, s, p)
		conditions = slices.Concat(conditions, t.Demanded)
	}
	t.Subject, t.Audience = pinnedClaims(p, conditions)
	t.HasExternalID = slices.ContainsFunc(conditions, demandsExternalID)
	if s.Effect != Allow || t.Denied {
		return t
	}
	if t.Excluded || t.Trusted == TrustedEveryone {
		t.Public = !slices.ContainsFunc(conditions, narrowsCaller)
		t.CrossAccount = !slices.ContainsFunc(conditions, func(c Condition) bool { return pinsAccount(c, account) })
		return t
	}
	t.CrossAccount = account != "" && t.Account != "" && t.Account != account
	return t
}

// anyone reports whether a principal stands for everyone: "*" of any kind, or
// an ARN with a wildcard for its account.
func anyone(p Principal) bool {
	return p.Value == "*" || glob.HasWildcard(arnAccount(p.Value))
}

// accountIn returns the account that a principal names: a bare account id, or
// the account of an ARN in any partition.
func accountIn(value string) string {
	if isAccount(value) {
		return value
	}
	if account := arnAccount(value); isAccount(account) {
		return account
	}
	return ""
}

// arnAccount returns the fifth part of an ARN, or "".
func arnAccount(value string) string {
	part, rest, ok := strings.Cut(value, ":")
	if part != "arn" {
		return ""
	}
	for range 4 {
		part, rest, ok = strings.Cut(rest, ":")
	}
	if !ok {
		return ""
	}
	return part
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// isUniqueID reports whether a principal is the unique id of a user or a role
// (IAM User Guide, "Understanding unique ID prefixes"): AIDA or AROA and at least
// twelve more capitals and digits.
func isUniqueID(value string) bool {
	if !strings.HasPrefix(value, "AIDA") && !strings.HasPrefix(value, "AROA") || len(value) < 16 {
		return false
	}
	return strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

func trustActions(s *Statement) []string {
	actions := slices.Clone(s.Actions)
	for _, action := range s.NotActions {
		actions = append(actions, "!"+action)
	}
	return actions
}

func conditionKeys(conditions []Condition) []string {
	if len(conditions) == 0 {
		return nil
	}
	keys := make([]string, 0, len(conditions))
	for _, c := range conditions {
		keys = append(keys, c.Key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
