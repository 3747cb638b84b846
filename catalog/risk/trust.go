package risk

import (
	"slices"

	"github.com/leastwise/leastwise/catalog/policy"
)

// TrustTags returns the risk tags of a role's trust policy:
// PublicOrCrossAccountTrust where it lets in everyone, or another account.
func TrustTags(trusts []policy.Trust) TagSet {
	var tags TagSet
	for i := range trusts {
		if t := &trusts[i]; t.Effect == policy.Allow && (t.Public || t.CrossAccount) {
			tags = tags.With(TagPublicOrCrossAccountTrust)
		}
	}
	return tags
}

// TrustFindings returns what the rules say of who may take a role, with the
// SHA-256 of its trust policy in hex, and how many findings exclusions left out.
// There is one finding for each check and trusted principal.
func (e *Engine) TrustFindings(role Entity, trust *policy.Document, hash string) (findings []Finding, excluded int) {
	if trust == nil {
		return nil, 0
	}
	j := &truster{engine: e, role: role, doc: trust, hash: hash}
	for _, t := range policy.Trusts(trust, role.Account) {
		if t.Effect == policy.Allow && !t.Denied && trust.Statements[t.Statement].TakesRole() {
			j.judge(&t)
		}
	}
	return j.findings, j.excluded
}

// truster judges one trust policy.
type truster struct {
	engine   *Engine
	role     Entity
	doc      *policy.Document
	hash     string
	findings []Finding
	excluded int
}

// judge applies every check to one trusted principal of one statement.
func (j *truster) judge(t *policy.Trust) {
	conditions := slices.Concat(j.doc.Statements[t.Statement].Conditions, t.Demanded)
	switch {
	case t.Excluded:
		j.add(CheckTrustNotPrincipal, t)
	case t.Public:
		j.add(CheckTrustPublic, t)
	case t.Deleted:
		j.add(CheckTrustDeleted, t)
	case t.Account == "" && t.CrossAccount:
		j.anyone(t, conditions)
	case t.CrossAccount:
		j.account(t, t.Account)
	case t.Kind == policy.PrincipalService:
		j.service(t, conditions)
	}
	if t.Kind == policy.PrincipalFederated && !t.Public {
		j.federated(t)
	}
}

// anyone judges a principal "*" that conditions narrow: by the accounts that
// they name. Those of an organization count as known, because whoever demands an
// organization knows which.
func (j *truster) anyone(t *policy.Trust, conditions []policy.Condition) {
	foreign := false // an account is named
	for i := range conditions {
		c := &conditions[i]
		if c.Grade() == policy.ConditionPrincipalOrg {
			j.add(CheckTrustKnownAccount, t)
			return
		}
		if c.Grade() != policy.ConditionPrincipal {
			continue
		}
		known := !slices.ContainsFunc(c.Values, func(v string) bool { return !j.known(accountOf(v)) })
		if known {
			j.add(CheckTrustKnownAccount, t)
			return
		}
		foreign = true
	}
	j.add(CheckTrustForeignAccount, t)
	if foreign && !t.HasExternalID {
		j.add(CheckTrustNoExternalID, t)
	}
}

// account judges another account.
func (j *truster) account(t *policy.Trust, account string) {
	if j.known(account) {
		j.add(CheckTrustKnownAccount, t)
		return
	}
	j.add(CheckTrustForeignAccount, t)
	if !t.HasExternalID {
		j.add(CheckTrustNoExternalID, t)
	}
}

func (j *truster) known(account string) bool {
	return account != "" && (account == j.role.Account || j.engine.options.Accounts[account])
}

// service judges an AWS service, which acts for whoever asks it to where nothing
// says for whom, if it is one that can.
func (j *truster) service(t *policy.Trust, conditions []policy.Condition) {
	named := slices.ContainsFunc(conditions, func(c policy.Condition) bool { return c.Grade() == policy.ConditionSourceArn })
	deputy := slices.ContainsFunc(j.engine.rules.Checking(CheckTrustConfusedDeputy), func(r *Rule) bool {
		return slices.Contains(r.Services, policy.ServicePrincipal(t.Value))
	})
	if deputy && !named {
		j.add(CheckTrustConfusedDeputy, t)
		return
	}
	j.add(CheckTrustService, t)
}

// federated judges an identity provider.
func (j *truster) federated(t *policy.Trust) {
	if t.Trusted == policy.TrustedSAML {
		j.add(CheckTrustSAML, t)
		if !t.Audience {
			j.add(CheckTrustSAMLNoAudience, t)
		}
		return
	}
	if !t.Subject {
		j.add(CheckTrustOIDCNoSubject, t)
	}
	if !t.Audience {
		j.add(CheckTrustOIDCNoAudience, t)
	}
}

// add makes the findings of a check for a trusted principal, or adds the
// statement to the one that is there.
func (j *truster) add(check string, t *policy.Trust) {
	for _, rule := range j.engine.rules.Checking(check) {
		if _, excluded := j.engine.options.Exclusions.Match(j.role, rule); excluded {
			j.excluded++
			continue
		}
		principal := t.Kind + ":" + t.Value
		conditional := t.Grade > policy.ConditionWeak || len(t.Demanded) > 0
		i := slices.IndexFunc(j.findings, func(f Finding) bool { return f.Rule == rule.ID && f.Discriminator == principal })
		if i < 0 {
			f := j.engine.finding(rule, j.role)
			f.Discriminator, f.Conditional = principal, conditional
			j.findings = append(j.findings, f)
			i = len(j.findings) - 1
		}
		f := &j.findings[i]
		f.Conditional = f.Conditional && conditional
		f.Evidence = append(f.Evidence, j.evidence(t))
		for _, at := range t.Denials {
			f.Evidence = append(f.Evidence, j.denial(at))
		}
	}
}

// denial is a Deny that leaves only some of those who are let in.
func (j *truster) denial(at int) Evidence {
	s := &j.doc.Statements[at]
	out := Evidence{
		Document: j.hash, Source: "trust", Statement: at, SID: s.SID, Effect: s.Effect.String(), Actions: s.Actions,
	}
	out.addConditions(s.Conditions, s.Grade())
	return out
}

func (j *truster) evidence(t *policy.Trust) Evidence {
	s := &j.doc.Statements[t.Statement]
	out := Evidence{
		Document: j.hash, Source: "trust", Statement: t.Statement, SID: s.SID,
		Effect: s.Effect.String(), Actions: t.Actions,
	}
	who, verb := t.Value, "trusts "
	if t.Excluded {
		who = "everyone but " + who
	}
	if s.Effect == policy.Deny {
		verb = "denies "
	}
	out.Note = verb + who
	out.addConditions(s.Conditions, s.Grade())
	return out
}
