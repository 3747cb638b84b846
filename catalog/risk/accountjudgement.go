package risk

import (
	"time"

	"github.com/leastwise/leastwise/catalog"
)

// Judgement is what is said of one entity of an account, or of the account itself.
type Judgement struct {
	Entity Entity
	// Findings are sorted by rule and discriminator. Excluded is the number of
	// those that were left out because exclusions say so.
	Findings []Finding
	Excluded int
	// ServiceLinked says that the role belongs to an AWS service: it is shown,
	// and not judged unless Options say so.
	ServiceLinked bool
	// Score is the least-privilege score, see Score; nil where it is not known
	// what was used. It is there for users, roles and the account.
	Score *float64
	// Unused are the services that were granted and not used, by service.
	Unused []UnusedService
	// Paths are the shortest ways to administrator: of a user or role at most
	// one, which has no steps where it is an administrator itself; of the account
	// those of the principals outside it that its roles trust.
	Paths []Path
	// Crossings, of the account only, say which of its principals may assume
	// roles of other accounts, as far as their own permissions go.
	Crossings []Crossing
	// Surface, of the account only, is where it can be entered from others; nil
	// for everything else.
	Surface *Surface
}

// UnusedService is a service, or some actions of a service, that an entity is
// granted and has not used.
type UnusedService struct {
	Service string // the prefix
	// Bound and Unbound count the unused actions by access level, as
	// policy.ServiceGrant does.
	Bound, Unbound [catalog.LevelCount]uint16
	// Tags are the risk tags of those actions.
	Tags []string
	// LastAt is the last access before the time that counts; zero when IAM's
	// tracking period has none.
	LastAt time.Time
	// Partly says that other actions of the service were used, and that these
	// are the ones that IAM tracks and did not see.
	Partly bool
}

// Path is a shortest way on which a principal becomes administrator.
type Path struct {
	// From and To are ARNs. From may also be an account id, an identity provider
	// or "*", where it is outside the account.
	From, To string
	Steps    []Step
	// Conditional says that at least one step needs conditions to be met.
	Conditional bool
}

// Length is the number of steps.
func (p *Path) Length() int { return len(p.Steps) }

// Step says how one principal becomes another. Where From is To, it makes itself
// an administrator, or someone new whom it becomes.
type Step struct {
	From, To string
	// Method is the id of the rule that the step is an instance of; several with a
	// "+" between them where no single rule says it.
	Method  string
	Actions []string // by full name
	// Evidence are the statements of From, and of To's trust policy, that allow it.
	Evidence    []Evidence
	Conditional bool
	// Note is what the step takes for granted, one clause; empty for most.
	Note string
}

// Crossing is a principal that may assume roles of other accounts.
type Crossing struct {
	Principal string // the ARN
	// Patterns are the resources of its sts:AssumeRole, as written, that can
	// match roles of other accounts.
	Patterns []string
}
