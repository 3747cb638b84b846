package world

import "fmt"

// habit is how often principals of an archetype are used.
type habit uint8

const (
	habitMixed   habit = iota // some daily, some weekly, some abandoned, some never
	habitDaily                // every day
	habitRare                 // every few months
	habitDormant              // never
)

// spec describes a kind of user, group or role in the words of the templates.
type spec struct {
	weight        int    // relative frequency among those that come and go; 0 for fixed ones
	name, path    string // with placeholders
	lo, hi        int    // days between one generation and the next
	trust         []string
	service       string   // the service of a service-linked role
	aws           []string // AWS managed policies that are always attached
	maybe         []string // AWS managed policies of which one is attached at times
	inline        []string // templates that inline policies are made of
	inlines       int      // at most so many inline policies
	customer      int      // at most so many attached customer managed policies
	bounded       int      // percent that have a permissions boundary
	habit         habit
	profile       bool   // the role comes with an instance profile
	groups        int    // at most so many groups, for users
	password, mfa int    // percent of users that have one
	keys          [2]int // percent of users that have the first and the second access key
	tagged        int    // percent that have tags

	// Of what is planted only:
	own    []string // planted policies that are attached
	member []string // groups that a user is in
	fence  string   // the permissions boundary, a boundary's template or a planted policy
	turns  int      // days for which the inline policies are in their first and second revision by turns
}

// archetype is a spec whose names have been looked up.
type archetype struct {
	spec
	name, path text
	trust      []*template
	inline     []*template
	aws, maybe []policyRef

	planted bool
	own     []policyRef
	member  []int // slots of groups
	fence   policyRef
}

// policyRef names a managed policy: a slot of the account's customer managed
// policies, or below zero one of AWS's.
type policyRef int

const noPolicy policyRef = -1 << 31

func awsPolicy(i int) policyRef { return policyRef(-1 - i) }

// ref returns the entity that p names.
func (p policyRef) ref() Ref {
	if p < 0 {
		return Ref{KindAWSPolicy, int(-1 - p)}
	}
	return Ref{KindPolicy, int(p)}
}

// compile looks up the names in s, those of its inline policies among inline.
func (t *tables) compile(s spec, inline templateSet) (*archetype, error) {
	a := &archetype{spec: s}
	var err error
	if a.name, err = parseText(s.name); err != nil {
		return nil, err
	}
	if a.path, err = parseText(s.path); err != nil {
		return nil, err
	}
	if a.trust, err = t.trust.all(s.trust); err != nil {
		return nil, err
	}
	if a.inline, err = inline.all(s.inline); err != nil {
		return nil, err
	}
	if a.aws, err = t.awsRefs(s.aws); err != nil {
		return nil, err
	}
	a.maybe, err = t.awsRefs(s.maybe)
	return a, err
}

func (t *tables) compileAll(specs []spec, inline templateSet) ([]*archetype, error) {
	var all []*archetype
	for _, s := range specs {
		a, err := t.compile(s, inline)
		if err != nil {
			return nil, fmt.Errorf("compile archetype %s: %w", s.name, err)
		}
		all = append(all, a)
	}
	return all, nil
}

func (t *tables) awsRefs(names []string) ([]policyRef, error) {
	var refs []policyRef
	for _, name := range names {
		i, ok := t.aws.byName[name]
		if !ok {
			return nil, fmt.Errorf("find AWS managed policy %s: no such template", name)
		}
		refs = append(refs, awsPolicy(i))
	}
	return refs, nil
}

// weighted picks one of the archetypes by their weights.
func weighted(d draw, from []*archetype) *archetype {
	total := 0
	for _, a := range from {
		total += a.weight
	}
	at := d.below(total)
	for _, a := range from {
		if at -= a.weight; at < 0 {
			return a
		}
	}
	return from[len(from)-1]
}
