package policy_test

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/policy"
)

// piece is one way in which one statement speaks of an action: by one of its
// resource patterns, or by all that it does not name.
type piece struct {
	pattern   string   // "" for everything but
	but       []string // what everything does not hold
	sometimes bool
	scope     policy.Scope
}

// pieces are the ways in which the statements with an effect speak of an action.
func (r reference) pieces(who subject, docs []*policy.Document, effect policy.Effect, action string) []piece {
	var out []piece
	for _, doc := range docs {
		for _, s := range doc.Statements {
			if s.Effect == effect && speaksOf(s, action) {
				out = append(out, r.piecesOf(who, s, action)...)
			}
		}
	}
	return out
}

func (r reference) piecesOf(who subject, s policy.Statement, action string) []piece {
	sometimes := s.Conditions != nil
	if s.Effect == policy.Deny {
		switch who.meetsAll(s) {
		case "no":
			return nil
		case "yes":
			sometimes = false
		default:
			sometimes = true
		}
	}
	all := piece{sometimes: sometimes, scope: policy.ScopeEverything}
	switch {
	case s.NotResources != nil:
		all.but = s.NotResources
		if slices.ContainsFunc(s.NotResources, stars) || r.reachesAll(s.NotResources, action) {
			return nil
		}
		return []piece{all}
	case slices.ContainsFunc(s.Resources, stars):
		return []piece{all}
	}
	var out []piece
	for _, pattern := range s.Resources {
		if scope := r.scope(pattern, action); scope != policy.ScopeNone {
			out = append(out, piece{pattern: pattern, sometimes: sometimes, scope: scope})
		}
	}
	return out
}

func stars(resource string) bool { return resource == "*" || resource == "**" }

// kinds are the resource types of an action, each with its resources in the world.
func (r reference) kinds(action string) map[string][]string {
	kinds := make(map[string][]string)
	id, _ := r.LookupAction(action)
	facts := r.Action(id)
	for _, resource := range facts.Resources {
		kind := facts.Service + " " + resource.Type
		for _, arn := range r.world {
			if slices.Contains(r.types[arn], kind) {
				kinds[kind] = append(kinds[kind], arn)
			}
		}
	}
	return kinds
}

// reachesAll reports whether the patterns reach all resources of the action:
// for each type one of them does.
func (r reference) reachesAll(patterns []string, action string) bool {
	kinds := r.kinds(action)
	for _, arns := range kinds {
		if !slices.ContainsFunc(patterns, func(pattern string) bool { return fitsAll(pattern, arns) }) {
			return false
		}
	}
	return len(kinds) > 0
}

// deniesAll is reachesAll for the resources that the subject can act on.
func (r reference) deniesAll(s subject, patterns []string, action string) bool {
	kinds := r.kinds(action)
	for _, arns := range kinds {
		arns = slices.DeleteFunc(slices.Clone(arns), func(arn string) bool { return !s.actsOn(action, arn) })
		if !slices.ContainsFunc(patterns, func(pattern string) bool { return fitsAll(pattern, arns) }) {
			return false
		}
	}
	return len(kinds) > 0
}

func fitsAll(pattern string, arns []string) bool {
	return !slices.ContainsFunc(arns, func(arn string) bool { return !fits(pattern, arn) })
}

// scope grades a pattern for an action.
func (r reference) scope(pattern, action string) policy.Scope {
	other := func(arn string) bool { return fits(pattern, arn) && !names(pattern, arn) }
	scope := policy.ScopeNone
	for _, arns := range r.kinds(action) {
		own := arns
		if account := strings.Split(pattern, ":")[4]; len(account) == 12 {
			own = slices.DeleteFunc(slices.Clone(arns), func(arn string) bool { return strings.Split(arn, ":")[4] != account })
		}
		switch {
		case !slices.ContainsFunc(arns, func(arn string) bool { return fits(pattern, arn) }):
		case !slices.ContainsFunc(arns, other):
			scope = max(scope, policy.ScopeExact)
		case fitsAll(pattern, own):
			scope = max(scope, policy.ScopeService)
		default:
			scope = max(scope, policy.ScopePrefix)
		}
	}
	return scope
}

// names reports whether a pattern ends in the resource of an ARN.
func names(pattern, arn string) bool {
	return strings.HasSuffix(pattern, ":"+strings.SplitN(arn, ":", 6)[5])
}

// verdict is what is to be said of one action.
type verdict struct {
	scope          policy.Scope
	sure, partly   bool
	usable, denied bool
}

// judge goes over every combination of one piece of each layer.
func (r reference) judge(s subject, action string) verdict {
	var denials, confining []piece
	var choices [][]piece
	denied := false
	for _, layer := range s.layers() {
		choices = append(choices, r.pieces(s, layer, policy.Allow, action))
		for _, doc := range layer {
			for _, statement := range doc.Statements {
				if statement.Effect != policy.Deny || !speaksOf(statement, action) {
					continue
				}
				for _, p := range r.piecesOf(s, statement, action) {
					switch {
					case p.pattern == "" && p.but == nil && !p.sometimes:
						denied = true
					case p.but != nil && !p.sometimes:
						confining = append(confining, p)
					default:
						denials = append(denials, p)
					}
				}
				denied = denied || s.meetsAll(statement) == "yes" && statement.NotResources == nil && r.deniesAll(s, statement.Resources, action)
			}
		}
	}
	v := verdict{denied: denied}
	if !denied {
		r.combine(&v, choices, confining, denials, action, nil)
	}
	return v
}

// combine extends a term by each piece of the next layer.
func (r reference) combine(v *verdict, choices [][]piece, confining, denials []piece, action string, term []piece) {
	if len(choices) > 0 {
		for _, p := range choices[0] {
			r.combine(v, choices[1:], confining, denials, action, append(slices.Clip(term), p))
		}
		return
	}
	partly := false
	r.confine(v, confining, denials, action, term, &partly)
}

// confine takes a term into what each Deny of all but some leaves.
func (r reference) confine(v *verdict, confining, denials []piece, action string, term []piece, partly *bool) {
	if len(confining) == 0 {
		r.conclude(v, denials, term, *partly)
		return
	}
	harmed := *partly || !slices.ContainsFunc(confining[0].but, func(pattern string) bool {
		return r.scope(pattern, action) != policy.ScopeNone && r.within(term, pattern)
	})
	for _, pattern := range confining[0].but {
		scope := r.scope(pattern, action)
		if scope == policy.ScopeNone {
			continue
		}
		r.confine(v, confining[1:], denials, action, append(slices.Clip(term), piece{pattern: pattern, scope: scope}), &harmed)
	}
}

func (r reference) conclude(v *verdict, denials, term []piece, partly bool) {
	if !slices.ContainsFunc(r.world, func(arn string) bool {
		return !slices.ContainsFunc(term, func(p piece) bool { return !p.holds(arn) })
	}) && slices.ContainsFunc(term, func(p piece) bool { return p.pattern != "" }) {
		return
	}
	for _, d := range denials {
		switch {
		case d.pattern != "" && r.within(term, d.pattern):
			if !d.sometimes {
				return
			}
			partly = true
		case d.pattern != "":
			partly = partly || r.meet(term, d)
		default: // everything, or everything but
			partly = partly || !slices.ContainsFunc(d.but, func(but string) bool { return r.within(term, but) })
		}
	}
	scope, sure := policy.ScopeEverything, true
	for _, p := range term {
		scope, sure = min(scope, p.scope), sure && !p.sometimes
	}
	v.usable = true
	v.scope, v.sure, v.partly = max(v.scope, scope), v.sure || sure, v.partly || partly
}

// holds reports whether a resource is one that a piece speaks of.
func (p piece) holds(arn string) bool {
	if p.pattern != "" {
		return fits(p.pattern, arn)
	}
	return !slices.ContainsFunc(p.but, func(but string) bool { return fits(but, arn) })
}

// within reports whether all that the patterns of the term have in common lies
// within a wider one.
func (r reference) within(term []piece, wide string) bool {
	return slices.ContainsFunc(term, func(p piece) bool { return p.pattern != "" }) &&
		!slices.ContainsFunc(r.world, func(arn string) bool { return common(term, arn) && !fits(wide, arn) })
}

// common reports whether a resource fits all patterns of the term.
func common(term []piece, arn string) bool {
	return !slices.ContainsFunc(term, func(p piece) bool { return p.pattern != "" && !fits(p.pattern, arn) })
}

// meet reports whether the patterns of the term share a resource with a denial,
// and none of its exceptions holds all that they share.
func (r reference) meet(term []piece, d piece) bool {
	both := append(slices.Clip(term), d)
	if !slices.ContainsFunc(r.world, func(arn string) bool { return common(both, arn) }) {
		return false
	}
	return !slices.ContainsFunc(term, func(p piece) bool {
		return slices.ContainsFunc(p.but, func(but string) bool { return r.within(both, but) })
	})
}
