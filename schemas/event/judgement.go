package event

import (
	"slices"
	"time"
)

// Judgement is what the risk rules say of one entity, or of the account itself,
// in one run. Its ID is the entity's; for the account it is the account id. Each
// closed run that did not fail has exactly one for each user, role, group and
// policy that it saw, and one for the account.
type Judgement struct {
	Common
	// Entity is the kind of the entity: user, role, group, policy or account.
	Entity Kind   `json:"entity"`
	Name   string `json:"name"`
	// ARN is empty for the account.
	ARN string `json:"arn,omitempty"`
	// Judge names what judged: the catalog, the rules, the exclusions and the
	// options, as 16 hex digits. The same judge says the same of the same run.
	Judge string `json:"judge"`
	// JudgedAt is when; of two judges of a run the one with the newer catalog
	// holds, and of those the later one.
	JudgedAt    time.Time `json:"judged_at"`
	Catalog     string    `json:"catalog"`
	CatalogDate time.Time `json:"catalog_date"`
	// ServiceLinked says that the role belongs to an AWS service.
	ServiceLinked bool `json:"service_linked,omitempty"`
	// Score is the least-privilege score, of users, roles and the account; nil
	// where it is not known what was used.
	Score    *Score    `json:"score,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
	// Excluded is the number of findings that are excluded from judgement.
	Excluded int `json:"excluded,omitempty"`
	// Unused are services that were granted and not used.
	Unused []UnusedService `json:"unused,omitempty"`
	// Paths are the shortest ways to administrator: of the entity at most one; of
	// the account those of foreign principals that its roles trust.
	Paths []EscalationPath `json:"paths,omitempty"`
	// Totals are only in the account's judgement.
	Totals *Totals `json:"totals,omitempty"`
	// Truncated says that evidence was left out, because the event was too large.
	Truncated bool `json:"truncated,omitempty"`
}

// Score is a least-privilege score.
type Score struct {
	// Value is 0 (nothing of what is granted was used) to 100 (all of it was).
	Value float64 `json:"value"`
}

// Totals count the judgements of a run.
type Totals struct {
	// Judgements is how many there are, the account's own among them.
	Judgements int `json:"judgements"`
	// Findings counts findings by severity.
	Findings map[string]int64 `json:"findings,omitempty"`
	// Excluded counts the findings that are excluded from judgement.
	Excluded int `json:"excluded"`
	// Escalating is the number of users and roles with a path to administrator.
	Escalating int `json:"escalating"`
}

// UnusedService is a service, or some actions of a service, that an entity is
// granted and has not used.
type UnusedService struct {
	// Service is the service prefix ("s3").
	Service string `json:"service"`
	// Bound and Unbound count the unused actions per access level, as Grant does.
	Bound    [5]uint16 `json:"bound"`
	Unbound  [5]uint16 `json:"unbound"`
	RiskTags []string  `json:"risk_tags,omitempty"`
	// LastAt is the last access before the time that counts; zero when IAM's
	// tracking period has none.
	LastAt time.Time `json:"last_at,omitzero"`
	// Partly says that other actions of the service were used.
	Partly bool `json:"partly,omitempty"`
}

// EscalationPath is the shortest way on which a principal becomes administrator.
type EscalationPath struct {
	// From and To are ARNs. From may also be an account id, an identity provider or
	// "*", where it is outside the account.
	From string `json:"from"`
	To   string `json:"to"`
	// Steps follow each other; an administrator needs none.
	Steps []EscalationStep `json:"steps,omitempty"`
	// Conditional says that some step needs conditions to be met.
	Conditional bool `json:"conditional,omitempty"`
}

// EscalationStep says how From becomes To. Where they are the same, it makes
// itself an administrator.
type EscalationStep struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Method is the id of the rule that it is an instance of; several with a "+"
	// between them where no single rule says it.
	Method   string     `json:"method"`
	Actions  []string   `json:"actions,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	// Conditional says that conditions have to be met.
	Conditional bool `json:"conditional,omitempty"`
	// Note is what the step takes for granted, one clause.
	Note string `json:"note,omitempty"`
}

// Validate returns every fault of the event, joined.
func (j Judgement) Validate() error { return check("judgement event", j) }

func (j Judgement) validate(f *faults) {
	j.Common.validate(f)
	if !slices.Contains(JudgedKinds(), j.Entity) {
		f.add("entity", "is %q, not a kind that is judged", j.Entity)
	}
	f.require("name", j.Name)
	f.version("judge", j.Judge)
	f.time("judged_at", j.JudgedAt)
	f.require("catalog", j.Catalog)
	f.time("catalog_date", j.CatalogDate)
	if j.Score != nil && (j.Score.Value < 0 || j.Score.Value > 100) {
		f.add("score.value", "is %v, not 0 to 100", j.Score.Value)
	}
	for i := range j.Findings {
		j.Findings[i].validate(f)
	}
	f.count("excluded", int64(j.Excluded))
	for _, u := range j.Unused {
		f.require("unused.service", u.Service)
	}
	for _, p := range j.Paths {
		p.validate(f)
	}
	if j.Totals != nil {
		j.Totals.validate(f)
	}
}

func (p EscalationPath) validate(f *faults) {
	f.require("paths.from", p.From)
	f.require("paths.to", p.To)
	for _, s := range p.Steps {
		f.require("paths.steps.from", s.From)
		f.require("paths.steps.to", s.To)
		f.require("paths.steps.method", s.Method)
		for i := range s.Evidence {
			s.Evidence[i].validate(f)
		}
	}
}

func (t *Totals) validate(f *faults) {
	f.count("totals.judgements", int64(t.Judgements))
	f.count("totals.excluded", int64(t.Excluded))
	f.count("totals.escalating", int64(t.Escalating))
	for severity, n := range t.Findings {
		if !slices.Contains(Severities(), severity) {
			f.add("totals.findings", "counts the severity %q, which there is not", severity)
		}
		f.count("totals.findings."+severity, n)
	}
}
