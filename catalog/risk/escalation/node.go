package escalation

// Method is the caller's number of a method. Of ways of equal length that with
// the lowest method is preferred.
type Method uint16

// Labels is a set of properties of nodes, whose meaning is the caller's.
type Labels [LabelCount / 64]uint64

// LabelCount is how many labels there can be, from 0.
const LabelCount = 256

// With returns the set with a label in it.
func (l Labels) With(label int) Labels {
	l[label/64] |= 1 << (label % 64)
	return l
}

// Has reports whether every label of o is in the set.
func (l Labels) Has(o Labels) bool {
	return o[0]&^l[0] == 0 && o[1]&^l[1] == 0 && o[2]&^l[2] == 0 && o[3]&^l[3] == 0
}

// Union returns the labels of both sets.
func (l Labels) Union(o Labels) Labels {
	for i := range l {
		l[i] |= o[i]
	}
	return l
}

// NoGoal is the Node.Goal of what is not at the goal by itself.
const NoGoal = -1

// Node is a principal, or whatever else a principal can become.
type Node struct {
	ARN string
	// Variant tells apart nodes of one ARN: 0 for the entity as it is.
	Variant uint8
	// Labels are what the node is and whom it lets in. No Way leads to a node
	// without labels.
	Labels Labels
	// Carries are the ARNs of the policies and groups that give it permissions,
	// for ways that change those.
	Carries []string
	// Goal is how many steps it is from the goal already: 0 for an
	// administrator, more for what is known from elsewhere, or NoGoal.
	Goal int
	// Audience says whom the node lets in on ways with Way.Audience; nil is everyone.
	Audience *Audience
}

// Reach is a set of ARNs that an action is allowed on.
type Reach interface {
	// Contains reports whether an ARN without wildcards is in the set.
	Contains(arn string) bool
	// Key is the same for two sets only if they are equal.
	Key() string
	// AppendPatterns appends patterns with "*" and "?", of which at least one
	// matches each ARN of the set. They may match more.
	AppendPatterns(dst []string) []string
}

// Way is one way in which its members can become others: every node that one of
// the options fits and that is within all of the reaches.
type Way struct {
	Options []Option
	// Reaches must all contain the target's ARN; there are at most three.
	Reaches []Reach
	// Carried must, where it is not nil, contain one of the target's Carries.
	Carried Reach
	// Audience says that the target must let the member in.
	Audience bool
	Effect   Effect
}

// Effect is what going a way leads to.
type Effect uint8

const (
	// Becomes is that the member becomes the target.
	Becomes Effect = iota
	// Raises is that the member makes the target an administrator while it
	// becomes it, so that the goal is one step away whatever the target was.
	Raises
	// Counts is nothing: the way is there for its Targets, and can lead to the
	// member itself.
	Counts
)

// maxReaches is how many reaches a Way can have.
const maxReaches = 3

// Option is one method of a way, and the labels that its target must have.
type Option struct {
	Method Method
	Labels Labels
}
