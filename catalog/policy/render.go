package policy

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leastwise/leastwise/catalog"
)

// Policy is a written policy document. The same template over the same catalog
// always gives the same bytes: statements are in the order of the template's
// levels and ARNs, then MultMultNone, SkipResourceConstraints and those of STS;
// actions are sorted and resources are in the order of the template.
type Policy struct {
	Version   string             `json:"Version"`
	Statement []WrittenStatement `json:"Statement"`
}

// WrittenStatement is one statement of a written policy.
type WrittenStatement struct {
	SID      string   `json:"Sid"`
	Effect   string   `json:"Effect"`
	Action   []string `json:"Action"`
	Resource []string `json:"Resource"`
	// Condition is nil where the statement has none.
	Condition Conditions `json:"Condition,omitempty"`
}

// JSON returns the document as JSON text without HTML escapes and without a
// newline at its end, indented by indent per level, or in one line where that is
// empty.
func (p *Policy) JSON(indent string) []byte { return indented(p.AppendJSON(nil), indent) }

// AppendJSON appends the document as JSON returns it in one line.
func (p *Policy) AppendJSON(to []byte) []byte {
	w := jsonWriter{slices.Grow(to, p.length())}
	w.raw(`{"Version":`)
	w.text(p.Version)
	w.raw(`,"Statement":[`)
	for i := range p.Statement {
		w.next()
		w.written(&p.Statement[i])
	}
	w.raw(`]}`)
	return w.out
}

// length returns how many characters the policy has, or some more, where it has no
// conditions.
func (p *Policy) length() int {
	n := statementFrame
	for i := range p.Statement {
		s := &p.Statement[i]
		n += statementFrame + len(s.SID) + listLength(s.Action) + listLength(s.Resource)
	}
	return n
}

func (w *jsonWriter) written(s *WrittenStatement) {
	w.raw(`{"Sid":`)
	w.text(s.SID)
	w.raw(`,"Effect":`)
	w.text(s.Effect)
	w.raw(`,"Action":`)
	w.list(s.Action)
	w.raw(`,"Resource":`)
	w.list(s.Resource)
	if len(s.Condition) > 0 {
		w.raw(`,"Condition":`)
		w.value(s.Condition)
	}
	w.raw(`}`)
}

// The Sids that policy_sentry gives the statements on "*".
const (
	sidStar = "MultMultNone"
	sidSkip = "SkipResourceConstraints"
)

const everything = "*"

func (d *draft) render() Policy {
	p := Policy{Version: "2012-10-17", Statement: make([]WrittenStatement, 0, d.size())}
	n := 0
	for _, s := range d.statements {
		n += len(s.actions)
	}
	names := make([]string, 0, n) // of all statements
	add := func(s *draftStatement, sid string, actions []catalog.ActionID, resources []string) {
		if len(actions) == 0 {
			return
		}
		first := len(names)
		names = d.appendNames(names, actions)
		written := WrittenStatement{
			SID: d.sids.unique(sid), Effect: d.effectName(), Action: slices.Clip(names[first:]), Resource: resources,
			Condition: d.under(s.conditions).conditions,
		}
		p.Statement = append(p.Statement, written)
		d.why.written(s, &written)
	}
	for _, s := range d.statements {
		add(s, d.writer.service(s.service).sids[s.typ][s.level], s.actions, s.resources)
	}
	for i := range len(d.restricted) + 1 {
		star := &d.under(i).star
		add(star, sidStar, slices.Collect(star.wide.All()), []string{everything})
	}
	for i := range len(d.restricted) + 1 {
		skip := &d.under(i).skip
		add(skip, sidSkip, slices.Collect(skip.wide.All()), []string{everything})
	}
	for _, s := range d.sts {
		add(s, s.sid, s.actions, s.resources)
	}
	return p
}

// size returns how many statements the policy has, or some more.
func (d *draft) size() int {
	n := len(d.statements) + len(d.sts)
	for i := range len(d.restricted) + 1 {
		for _, wide := range []catalog.Set{d.under(i).star.wide, d.under(i).skip.wide} {
			if wide != nil {
				n++
			}
		}
	}
	return n
}

// takenSIDs are Sids that a policy has, each with the least number that may make
// another one of it.
type takenSIDs map[string]int

// unique returns sid, or sid with the least number behind it that makes it new.
func (t takenSIDs) unique(sid string) string {
	n, again := t[sid]
	if !again {
		t[sid] = 2
		return sid
	}
	for ; ; n++ {
		name := sid + strconv.Itoa(n)
		if _, ok := t[name]; !ok {
			t[sid], t[name] = n+1, 2
			return name
		}
	}
}

func (d *draft) effectName() string {
	if d.denies {
		return Deny.String()
	}
	return Allow.String()
}

// appendNames appends the full names of actions, sorted.
func (d *draft) appendNames(names []string, actions []catalog.ActionID) []string {
	first := len(names)
	for _, a := range actions {
		names = append(names, d.indexed(a).name)
	}
	slices.Sort(names[first:])
	return names
}

// statementSIDs returns the Sids of a resource type's statements by level, in
// policy_sentry's form: service, level and type with one capital each,
// "SsmReadParameter".
func statementSIDs(prefix, typ string) (sids [catalog.LevelCount]string) {
	for level := range catalog.Level(catalog.LevelCount) {
		sids[level] = sidWord(prefix) + sidWord(level.String()) + sidWord(typ)
	}
	return sids
}

// sidWord drops what IAM does not allow in a Sid and leaves one capital, the first.
func sidWord(s string) string {
	word := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
	if word == "" {
		return word
	}
	return strings.ToUpper(word[:1]) + word[1:]
}
