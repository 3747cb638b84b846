package policy

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// MaxPolicySize is how many characters a managed policy can have, white space not
// counted (IAM User Guide, "IAM and AWS STS quotas"). The inline policies of a
// role can have 10,240 together, those of a group 5,120 and of a user 2,048.
const MaxPolicySize = 6144

// Size returns the characters of the policy as IAM counts them.
func (p *Policy) Size() int { return utf8.RuneCount(p.JSON("")) }

// SizeError says that a single action on a single resource is larger than a
// policy can be.
type SizeError struct {
	SID, Action, Resource string
	// Size is what the policy would have, Limit what it may have, in characters.
	Size, Limit int
}

// Error returns one sentence.
func (e *SizeError) Error() string {
	return fmt.Sprintf("a policy with nothing but %s on %s, of %s, has %d characters, more than the %d that it may have",
		e.Action, e.Resource, e.SID, e.Size, e.Limit)
}

// Split returns policies of at most limit characters that grant together what
// one does. Statements stay whole where they can; one that is too large becomes
// several, of some of its actions on all of its resources, or of all on some. The
// order of the statements stays, and a Sid stands once in a policy. What no
// policy can hold is a *[SizeError]. A policy without statements stays one.
//
// The largest statements are placed first, each where there is room, which takes
// few policies more than the least (first-fit decreasing).
func Split(p Policy, limit int) ([]Policy, error) {
	if len(p.Statement) == 0 || p.Size() <= limit {
		return []Policy{p}, nil
	}
	s := splitter{version: p.Version, limit: limit, room: limit - sizeOf(Policy{Version: p.Version, Statement: []WrittenStatement{}})}
	for i, statement := range p.Statement {
		if err := s.divide(i, statement); err != nil {
			return nil, err
		}
	}
	return s.pack(), nil
}

func sizeOf(p Policy) int { return p.Size() }

// comma stands between two statements, and between two values of a list.
const comma = 1

// piece is a statement or a part of one.
type piece struct {
	statement WrittenStatement
	index     int // of the statement
	size      int
}

type splitter struct {
	version     string
	limit, room int
	pieces      []piece
}

// statementSize returns the characters of a statement.
func statementSize(s WrittenStatement) int {
	whole := Policy{Statement: []WrittenStatement{s}}
	return whole.Size() - sizeOf(Policy{Statement: []WrittenStatement{}})
}

// divide adds a statement as it is, or in parts where no policy has room for it:
// some of its actions on all of its resources, all on some, or, where both lists
// are too long, some on some.
func (s *splitter) divide(index int, statement WrittenStatement) error {
	size := statementSize(statement)
	if size <= s.room {
		s.pieces = append(s.pieces, piece{statement, index, size})
		return nil
	}
	actions, resources := listSizes(statement.Action), listSizes(statement.Resource)
	allActions, allResources := sum(actions), sum(resources)
	longestAction, longestResource := longest(actions), longest(resources)
	room := s.room - (size - allActions - allResources)
	switch {
	case longestAction == 0 || longestResource == 0 || longestAction+longestResource > room:
		return s.tooLarge(statement, actions, resources)
	case allResources+longestAction <= room && (allResources <= allActions || allActions+longestResource > room):
		s.byActions(index, statement, actions, room-allResources)
	case allActions+longestResource <= room:
		s.byResources(index, statement, resources, room-allActions, nil, 0)
	default:
		some := max(longestResource, min(room/2, room-longestAction))
		s.byResources(index, statement, resources, some, actions, room)
	}
	return nil
}

// byResources adds parts of a statement by its resources, of at most some
// characters. Where room is given, each part is cut by its actions too.
func (s *splitter) byResources(index int, statement WrittenStatement, resources []int, some int, actions []int, room int) {
	for _, part := range parts(statement.Resource, resources, some) {
		statement.Resource = part
		if room > 0 {
			s.byActions(index, statement, actions, room-sum(listSizes(part)))
			continue
		}
		s.pieces = append(s.pieces, piece{statement, index, statementSize(statement)})
	}
}

func (s *splitter) byActions(index int, statement WrittenStatement, sizes []int, room int) {
	for _, part := range parts(statement.Action, sizes, room) {
		some := statement
		some.Action = part
		s.pieces = append(s.pieces, piece{some, index, statementSize(some)})
	}
}

func (s *splitter) tooLarge(statement WrittenStatement, actions, resources []int) error {
	e := &SizeError{SID: statement.SID, Limit: s.limit}
	if i := slices.Index(actions, longest(actions)); i >= 0 {
		e.Action = statement.Action[i]
		statement.Action = []string{e.Action}
	}
	if i := slices.Index(resources, longest(resources)); i >= 0 {
		e.Resource = statement.Resource[i]
		statement.Resource = []string{e.Resource}
	}
	e.Size = sizeOf(Policy{Version: s.version, Statement: []WrittenStatement{statement}})
	return e
}

// longest returns the largest size, 0 where there are none.
func longest(sizes []int) int {
	n := 0
	for _, size := range sizes {
		n = max(n, size)
	}
	return n
}

// listSizes returns what each value takes in a list, with a comma.
func listSizes(values []string) []int {
	sizes := make([]int, len(values))
	for i, value := range values {
		text, _ := Values{value}.MarshalJSON() // a text always encodes
		sizes[i] = utf8.RuneCount(text) + comma
	}
	return sizes
}

func sum(sizes []int) int {
	n := 0
	for _, size := range sizes {
		n += size
	}
	return n
}

// parts cuts a list into as few as its order allows, of at most room each. No
// value is larger than that.
func parts(values []string, sizes []int, room int) [][]string {
	var out [][]string
	first, size := 0, 0
	for i := range values {
		if size+sizes[i] > room {
			out = append(out, values[first:i:i])
			first, size = i, 0
		}
		size += sizes[i]
	}
	return append(out, values[first:])
}

// bin is a policy that is filled.
type bin struct {
	pieces []int // indices
	left   int   // characters
}

// pack puts the pieces into policies, the largest first, each into the first that
// has room, and returns them with the statements in their order.
func (s *splitter) pack() []Policy {
	bySize := make([]int, len(s.pieces))
	for i := range bySize {
		bySize[i] = i
	}
	slices.SortStableFunc(bySize, func(a, b int) int { return s.pieces[b].size - s.pieces[a].size })
	var bins []*bin
	for _, i := range bySize {
		at := slices.IndexFunc(bins, func(b *bin) bool { return b.left >= s.needs(b, i) })
		if at < 0 {
			at = len(bins)
			bins = append(bins, &bin{left: s.room + comma})
		}
		bins[at].left -= s.needs(bins[at], i)
		bins[at].pieces = append(bins[at].pieces, i)
	}
	for _, b := range bins {
		slices.Sort(b.pieces)
	}
	slices.SortFunc(bins, func(a, b *bin) int { return a.pieces[0] - b.pieces[0] })
	policies := make([]Policy, len(bins))
	for i, b := range bins {
		policies[i] = s.policy(b.pieces)
	}
	return policies
}

// needs returns what a piece takes in a policy: more where its Sid gets a number.
func (s *splitter) needs(b *bin, i int) int {
	const number = 4
	sid := s.pieces[i].statement.SID
	if slices.ContainsFunc(b.pieces, func(other int) bool { return s.pieces[other].statement.SID == sid }) {
		return s.pieces[i].size + comma + number
	}
	return s.pieces[i].size + comma
}

// policy joins pieces; parts of one statement that have met again become one.
func (s *splitter) policy(pieces []int) Policy {
	p := Policy{Version: s.version}
	last := -1
	for _, i := range pieces {
		piece := s.pieces[i]
		if n := len(p.Statement) - 1; piece.index == last && slices.Equal(p.Statement[n].Resource, piece.statement.Resource) {
			p.Statement[n].Action = slices.Concat(p.Statement[n].Action, piece.statement.Action)
			continue
		}
		last = piece.index
		p.Statement = append(p.Statement, piece.statement)
	}
	sids := make(takenSIDs, len(p.Statement))
	for i := range p.Statement {
		p.Statement[i].SID = sids.unique(p.Statement[i].SID)
	}
	return p
}
