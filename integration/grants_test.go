package integration

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
)

// grantQuery has the effective grants of every version, by service: numbers of
// actions by access level, bound and unbound.
const grantQuery = `SELECT toJSONString(tuple(account, toString(kind), entity_id, service,
	[list_bound, read_bound, tagging_bound, write_bound, permissions_management_bound],
	[list_unbound, read_unbound, tagging_unbound, write_unbound, permissions_management_unbound])) FROM grants FINAL`

// slow says what documents grant, action by action: a plain second opinion to
// the bit sets.
type slow struct {
	t       testing.TB
	catalog *catalog.Catalog
	cache   map[string]verdicts
	arns    map[catalog.ActionID][]string
}

// verdicts are what one document says of the actions that it touches.
type verdicts struct {
	unbound, bound, denied map[catalog.ActionID]bool
	byARN                  []denyByARN
}

// denyByARN is a Deny under nothing but a condition on the ARN of who asks.
type denyByARN struct {
	unless   bool // ArnNotLike
	patterns list
	actions  map[catalog.ActionID]bool
}

func newVerdicts() verdicts {
	return verdicts{unbound: map[catalog.ActionID]bool{}, bound: map[catalog.ActionID]bool{}, denied: map[catalog.ActionID]bool{}}
}

// denies reports whether an action is denied to an ARN, "" for one that is not known.
func (v verdicts) denies(a catalog.ActionID, arn string) bool {
	return v.denied[a] || slices.ContainsFunc(v.byARN, func(d denyByARN) bool {
		return arn != "" && d.actions[a] && slices.ContainsFunc(d.patterns, func(p string) bool { return likeARN(p, arn) }) != d.unless
	})
}

// likeARN compares part by part. path.Match's wildcards are IAM's but for slashes.
func likeARN(pattern, arn string) bool {
	patterns, parts := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	return len(patterns) == len(parts) && !slices.ContainsFunc([]int{0, 1, 2, 3, 4, 5}, func(i int) bool {
		ok, err := path.Match(strings.ReplaceAll(patterns[i], "/", "|"), strings.ReplaceAll(parts[i], "/", "|"))
		return err != nil || !ok
	})
}

// byARN returns what a statement denies by the ARN of who asks, if by that alone.
func (st *statement) byARN() (denyByARN, bool) {
	like, unless := st.Condition["ArnLike"], st.Condition["ArnNotLike"]
	values := like
	if unless != nil {
		values = unless
	}
	d := denyByARN{unless: unless != nil, actions: map[catalog.ActionID]bool{}}
	switch value := values["aws:PrincipalArn"].(type) {
	case string:
		d.patterns = list{value}
	case []any:
		for _, one := range value {
			d.patterns = append(d.patterns, fmt.Sprint(one))
		}
	}
	return d, st.Effect == "Deny" && d.patterns != nil && len(values) == 1 && len(st.Condition) == 1
}

func newSlow(t testing.TB) *slow {
	t.Helper()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	return &slow{t: t, catalog: c, cache: map[string]verdicts{}, arns: map[catalog.ActionID][]string{}}
}

// list is IAM's scalar or array of strings.
type list []string

func (l *list) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*l = list{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(l))
}

type statement struct {
	Effect                                   string
	Action, NotAction, Resource, NotResource list
	Condition                                map[string]map[string]any
}

func (s *slow) judge(hash, content string) verdicts {
	if v, ok := s.cache[hash]; ok {
		return v
	}
	var doc struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(content), &doc); err != nil {
		s.t.Fatal(err)
	}
	var statements []statement
	if err := json.Unmarshal(doc.Statement, &statements); err != nil {
		var one statement
		if err := json.Unmarshal(doc.Statement, &one); err != nil {
			s.t.Fatal(err)
		}
		statements = []statement{one}
	}
	v := newVerdicts()
	for _, st := range statements {
		s.apply(st, &v)
	}
	s.cache[hash] = v
	return v
}

func (s *slow) apply(st statement, v *verdicts) {
	byARN, only := st.byARN()
	if only {
		v.byARN = append(v.byARN, byARN)
	}
	for id := range s.catalog.Len() {
		a := catalog.ActionID(id)
		name := strings.ToLower(s.catalog.FullName(a))
		if st.NotAction == nil && !matchesAny(st.Action, name) || st.NotAction != nil && matchesAny(st.NotAction, name) {
			continue
		}
		some, all := s.covers(st.Resource, a)
		switch {
		case st.Effect == "Allow" && (some || st.NotResource != nil):
			v.unbound[a] = true
		case st.Effect == "Allow":
			v.bound[a] = true
		case st.Effect == "Deny" && all && len(st.Condition) == 0: // a lesser one denies a part only: takes nothing away
			v.denied[a] = true
		case only && all:
			byARN.actions[a] = true
		}
	}
}

// covers reports whether resources are everything of some type that an action
// supports, and of all of them.
func (s *slow) covers(resources list, a catalog.ActionID) (some, all bool) {
	if slices.Contains(resources, "*") {
		return true, true
	}
	if s.arns[a] == nil {
		action := s.catalog.Action(a)
		for _, kind := range s.catalog.ResourceTypes(s.catalog.ServiceOf(a)) {
			if slices.ContainsFunc(action.Resources, func(r catalog.ActionResource) bool { return r.Type == kind.Name }) {
				s.arns[a] = append(s.arns[a], strings.Split(kind.ARN, ", ")...)
			}
		}
	}
	all = len(s.arns[a]) > 0
	for _, arn := range s.arns[a] {
		covered := slices.ContainsFunc(resources, func(pattern string) bool { return coversType(pattern, arn) })
		some, all = some || covered, all && covered
	}
	return some, all
}

// placeholder is a part of a type's ARN that differs from resource to resource.
var placeholder = regexp.MustCompile(`\$\{[^}]*\}`)

// coversType reports whether a pattern fits two resources of a type that have
// nothing in common but what all of them have, and the pattern's account.
func coversType(pattern, arn string) bool {
	account := "000000000001"
	if parts := strings.SplitN(pattern, ":", 6); len(parts) == 6 && len(parts[4]) == 12 && !strings.Contains(parts[4], "*") {
		account = parts[4]
	}
	glob := regexp.MustCompile("^" + strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern)) + "$")
	partition, _, _ := strings.Cut(strings.TrimPrefix(pattern, "arn:"), ":")
	for _, fill := range []string{"q/q", "7z"} {
		filled := strings.NewReplacer("${Partition}", partition, "${Account}", account).Replace(arn)
		if !glob.MatchString(placeholder.ReplaceAllString(filled, fill)) {
			return false
		}
	}
	return true
}

// matchesAny matches an action in lower case. path.Match's wildcards are IAM's
// for names without a slash.
func matchesAny(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(strings.ToLower(p), name); err == nil && ok && (p == "*" || strings.Contains(p, ":")) {
			return true
		}
	}
	return false
}

// grants are the numbers of actions by access level.
type grants struct{ bound, unbound [catalog.LevelCount]int }

// union folds what several documents say.
func (s *slow) union(documents []string, contents map[string]string) verdicts {
	out := newVerdicts()
	for _, hash := range documents {
		v := s.judge(hash, contents[hash])
		maps.Copy(out.unbound, v.unbound)
		maps.Copy(out.bound, v.bound)
		maps.Copy(out.denied, v.denied)
		out.byARN = append(out.byARN, v.byARN...)
	}
	return out
}

// limits are what the documents of a carrier say, then its boundary, then the
// controls of every level.
func (s *slow) limits(c carrier, contents map[string]string) []verdicts {
	limits := []verdicts{s.union(c.documents, contents)}
	if c.boundary != "" {
		limits = append(limits, s.union([]string{c.boundary}, contents))
	}
	for _, level := range c.controls {
		var documents []string
		for _, r := range level {
			documents = append(documents, r[3])
		}
		limits = append(limits, s.union(documents, contents))
	}
	return limits
}

// byARN reports whether the ARN of a carrier decides what is denied.
func (s *slow) byARN(c carrier, contents map[string]string) bool {
	hashes := append(slices.Clone(c.documents), c.boundary)
	for _, level := range c.controls {
		for _, r := range level {
			hashes = append(hashes, r[3])
		}
	}
	return slices.ContainsFunc(hashes, func(hash string) bool { return hash != "" && len(s.judge(hash, contents[hash]).byARN) > 0 })
}

// effective folds what a carrier carries to grants by service: what its documents
// allow within its boundary and within the controls of every level.
func (s *slow) effective(c carrier, contents map[string]string) map[string]*grants {
	limits := s.limits(c, contents)
	out := map[string]*grants{}
	for id := range s.catalog.Len() {
		a := catalog.ActionID(id)
		refused := func(v verdicts) bool { return v.denies(a, c.arn) || !v.unbound[a] && !v.bound[a] }
		if slices.ContainsFunc(limits, refused) {
			continue
		}
		service := s.catalog.Service(s.catalog.ServiceOf(a)).Prefix
		if out[service] == nil {
			out[service] = &grants{}
		}
		into := &out[service].unbound
		if slices.ContainsFunc(limits, func(v verdicts) bool { return !v.unbound[a] }) {
			into = &out[service].bound
		}
		into[s.catalog.LevelOf(a)]++
	}
	return out
}

// grantRows are the rows of `grants` that the fold's versions should have.
func (f *fold) grantRows() rows {
	f.t.Helper()
	s := newSlow(f.t)
	byInput := map[string]map[string]*grants{}
	var out rows
	for _, c := range f.carried {
		input := fmt.Sprint(c.documents, c.boundary, c.controls)
		if s.byARN(c, f.documents) {
			input += c.arn
		}
		if byInput[input] == nil {
			byInput[input] = s.effective(c, f.documents)
		}
		for service, g := range byInput[input] {
			out.add(f.t, c.account, c.kind, c.id, service, g.bound, g.unbound)
		}
	}
	return out.sorted()
}
