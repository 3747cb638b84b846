package risk_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog/risk"
)

// plain is an account in words: what a reader of its policies sees.
type plain struct {
	names  []string // "role/a", "user/b", "group/g"
	grants [][]plainGrant
	// trusts are of each role: "account", "lambda", "ec2", a name, "but role/a" for everyone else, and, by the ARN of who
	// asks, "account ArnLike role/a*" and "deny ArnLike role/a*".
	trusts    [][]string
	boundary  [][]plainGrant
	hasLimits []bool
}

// plainGrant is a statement of one action.
type plainGrant struct {
	deny     bool
	action   string
	resource string // a pattern of names, or "*"
	to       string // the service that a role is passed to, or "" for any
	mfa      bool   // allowed with MFA, or denied without
	who      string // "ArnLike role/a*": under a condition on the ARN of who asks
}

// isFor reports whether a condition on the ARN of who asks holds for a name. Of a
// group, whose members it is not known who they are, it does not.
func isFor(condition, name string) bool {
	operator, pattern, _ := strings.Cut(condition, " ")
	ok, _ := path.Match(strings.ReplaceAll(pattern, "/", "|"), strings.ReplaceAll(name, "/", "|"))
	return !strings.HasPrefix(name, "group/") && ok != strings.Contains(operator, "Not")
}

// of returns the statements that are about a principal.
func (p *plain) of(grants []plainGrant, u int) []plainGrant {
	return slices.DeleteFunc(slices.Clone(grants), func(g plainGrant) bool { return g.who != "" && !isFor(g.who, p.names[u]) })
}

// matches reports whether a statement is about an action on a name. The plain
// reading passes roles to Lambda alone.
func (g plainGrant) matches(action, name string) bool {
	if g.action != "*" && g.action != action || g.to != "" && g.to != "lambda" {
		return false
	}
	if g.resource == "*" || name == "" {
		return g.resource == "*" || !g.deny
	}
	ok, _ := path.Match(strings.ReplaceAll(g.resource, "/", "|"), strings.ReplaceAll(name, "/", "|"))
	return ok
}

// may reports whether a list of statements allows an action on a name; "" is any.
func may(grants []plainGrant, action, name string) bool {
	allowed := false
	for _, g := range grants {
		switch {
		case !g.matches(action, name) || g.deny && g.mfa:
		case g.deny:
			return false
		default:
			allowed = true
		}
	}
	return allowed
}

func (p *plain) can(u int, action, name string) bool {
	return may(p.of(p.grants[u], u), action, name) && (!p.hasLimits[u] || may(p.of(p.boundary[u], u), action, name))
}

// conditional reports whether a step needs conditions to be met.
func (p *plain) conditional(u int, step *risk.Step) bool {
	to := short(step.To)
	var made, onTarget []string
	for _, action := range step.Actions {
		if step.Note != "" && (step.From == step.To || action == "iam:CreateUser" || action == "iam:CreateAccessKey") {
			made = append(made, action)
		} else {
			onTarget = append(onTarget, action)
		}
	}
	switch step.Note {
	case "the role is made first":
		return !p.anyNew(u, "role/", func(name string) bool {
			return !p.denied(u, name) && !p.hinderedTaking(u, name) && p.allFreely(u, name, made)
		})
	case "the user is made first":
		if !p.anyNew(u, "user/", func(name string) bool { return p.allFreely(u, name, made) }) {
			return true
		}
	}
	return slices.ContainsFunc(onTarget, func(action string) bool {
		switch {
		case strings.HasPrefix(action, "lambda:"):
			return p.hindered(u, action, "")
		case action == "sts:AssumeRole" && !p.can(u, action, to):
			return p.hinderedTaking(u, to)
		case action == "iam:UpdateAssumeRolePolicy" && p.hinderedTaking(u, to):
			return true
		case action == "iam:PassRole" && !p.surely(u, action, to):
			return true
		default:
			return p.hindered(u, action, to)
		}
	})
}

// surely is can without what is allowed with MFA only.
func (p *plain) surely(u int, action, name string) bool {
	sure := func(grants []plainGrant) bool {
		return may(slices.DeleteFunc(p.of(grants, u), func(g plainGrant) bool { return g.mfa }), action, name)
	}
	return sure(p.grants[u]) && (!p.hasLimits[u] || sure(p.boundary[u]))
}

// allFreely reports whether a principal may do actions, and nothing is denied without MFA.
func (p *plain) allFreely(u int, name string, actions []string) bool {
	return p.all(u, name, actions...) && !slices.ContainsFunc(actions, func(action string) bool { return p.hindered(u, action, name) })
}

// hindered reports whether an action is denied without MFA.
func (p *plain) hindered(u int, action, name string) bool {
	return denies(p.of(p.grants[u], u), action, name) || p.hasLimits[u] && denies(p.of(p.boundary[u], u), action, name)
}

// hinderedTaking is hindered for a role whose trust is enough.
func (p *plain) hinderedTaking(u int, role string) bool {
	const action = "sts:AssumeRole"
	limited := p.hasLimits[u] && strings.HasPrefix(p.names[u], "role/")
	return denies(p.of(p.grants[u], u), action, role) || limited && denies(p.of(p.boundary[u], u), action, role)
}

func denies(grants []plainGrant, action, name string) bool {
	return slices.ContainsFunc(grants, func(g plainGrant) bool { return g.deny && g.mfa && g.matches(action, name) })
}

func (p *plain) isAdmin(u int) bool {
	unlimited := func(grants []plainGrant) bool {
		return slices.Contains(grants, plainGrant{action: "*", resource: "*"})
	}
	return unlimited(p.grants[u]) && (!p.hasLimits[u] || unlimited(p.boundary[u]))
}

// denied reports whether something forbids a principal to take a role that trusts it.
func (p *plain) denied(u int, role string) bool {
	for _, g := range p.of(p.grants[u], u) {
		if g.deny && !g.mfa && g.matches("sts:AssumeRole", role) {
			return true
		}
	}
	limited := p.hasLimits[u] && strings.HasPrefix(p.names[u], "role/")
	return limited && !may(p.of(p.boundary[u], u), "sts:AssumeRole", role)
}

// becomes reports whether one principal can become another in one step.
func (p *plain) becomes(u, v int) bool {
	name := p.names[v]
	switch kind, _, _ := strings.Cut(name, "/"); kind {
	case "user":
		return p.can(u, "iam:CreateAccessKey", name)
	case "group":
		itself := strings.HasPrefix(p.names[u], "user/") && p.raisable(u)
		return p.can(u, "iam:AddUserToGroup", name) && (itself || p.makesUser(u))
	}
	trusts := func(who string) bool { return slices.Contains(p.trusts[v], who) }
	isGroup := strings.HasPrefix(p.names[u], "group/")
	account := slices.ContainsFunc(p.trusts[v], func(who string) bool {
		condition, ofAccount := strings.CutPrefix(who, "account")
		return ofAccount && (condition == "" || isGroup || isFor(condition[1:], p.names[u]))
	})
	others := slices.ContainsFunc(p.trusts[v], func(who string) bool {
		one, butOne := strings.CutPrefix(who, "but ")
		return butOne && !isGroup && one != p.names[u]
	})
	refused := slices.ContainsFunc(p.trusts[v], func(who string) bool {
		condition, denies := strings.CutPrefix(who, "deny ")
		return denies && (isGroup && strings.Contains(condition, "Not") || isFor(condition, p.names[u]))
	})
	switch {
	case account && !refused && p.can(u, "sts:AssumeRole", name):
	case (others || trusts(p.names[u])) && !refused && !p.denied(u, name):
	case p.can(u, "iam:UpdateAssumeRolePolicy", name) && !p.denied(u, name):
	case trusts("lambda") && p.can(u, "iam:PassRole", name) && p.can(u, "lambda:CreateFunction", "") && p.can(u, "lambda:InvokeFunction", ""):
	case trusts("lambda") && p.can(u, "lambda:UpdateFunctionCode", ""):
	default:
		return false
	}
	return true
}

// writes reports whether one principal can change what another may do, so that it
// is an administrator.
func (p *plain) writes(u, v int) bool {
	if !p.raisable(v) {
		return false
	}
	switch kind, name, _ := strings.Cut(p.names[v], "/"); kind {
	case "role":
		return p.can(u, "iam:PutRolePolicy", p.names[v])
	case "group":
		member := u == v && p.can(u, "iam:AttachUserPolicy", "user/"+name+":member")
		return member || p.can(u, "iam:PutGroupPolicy", p.names[v])
	default:
		return p.can(u, "iam:AttachUserPolicy", p.names[v])
	}
}

// raisable reports whether a principal would be an administrator with every permission.
func (p *plain) raisable(v int) bool {
	return !p.hasLimits[v] || slices.Contains(p.boundary[v], plainGrant{action: "*", resource: "*"})
}

// makes reports whether a principal can make someone new an administrator: one of
// a few names that nobody has.
func (p *plain) makes(u int) bool {
	role := p.anyNew(u, "role/", func(name string) bool {
		return !p.denied(u, name) && p.all(u, name, "iam:CreateRole", "iam:PutRolePolicy")
	})
	return role || p.anyNew(u, "user/", func(name string) bool {
		return p.all(u, name, "iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey")
	})
}

// makesUser reports whether a principal can make a user with a key.
func (p *plain) makesUser(u int) bool {
	return p.anyNew(u, "user/", func(name string) bool { return p.all(u, name, "iam:CreateUser", "iam:CreateAccessKey") })
}

// anyNew reports whether one of a few names that nobody has will do.
func (p *plain) anyNew(u int, kind string, does func(name string) bool) bool {
	return slices.ContainsFunc([]string{"a", "b", "c", "x", "ax", "xx"}, func(name string) bool {
		return !slices.Contains(p.names, kind+name) && does(kind+name)
	})
}

func (p *plain) all(u int, name string, actions ...string) bool {
	return !slices.ContainsFunc(actions, func(action string) bool { return !p.can(u, action, name) })
}

// lengths returns the length of the shortest path of each principal, or -1.
func (p *plain) lengths() []int {
	length := make([]int, len(p.names))
	for u := range p.names {
		length[u] = -1
		if p.isAdmin(u) {
			length[u] = 0
		} else if p.makes(u) {
			length[u] = 1
		}
	}
	for changed := true; changed; {
		changed = false
		for u := range p.names {
			for v := range p.names {
				best := -1
				switch {
				case p.writes(u, v) && (u == v || p.becomes(u, v)):
					best = 1
				case u != v && length[v] >= 0 && p.becomes(u, v):
					best = 1 + length[v]
				}
				if best >= 0 && (length[u] < 0 || best < length[u]) {
					length[u], changed = best, true
				}
			}
		}
	}
	return length
}

// build makes the account of the world that has the policies.
func (p *plain) build(t testing.TB) *world {
	w := newWorld(t)
	for u, name := range p.names {
		kind, short, _ := strings.Cut(name, "/")
		if kind == "group" {
			var statements []string
			for _, g := range p.grants[u] {
				statements = append(statements, g.statement())
			}
			w.group(short, strings.Join(statements, ","))
			continue
		}
		var parts []part
		for _, g := range p.grants[u] {
			parts = append(parts, grant(g.statement()))
		}
		if p.hasLimits[u] {
			var statements []string
			for _, g := range p.boundary[u] {
				statements = append(statements, g.statement())
			}
			parts = append(parts, bounded(strings.Join(statements, ",")))
		}
		for _, who := range p.trusts[u] {
			condition, denies := strings.CutPrefix(who, "deny ")
			ofAccount, isAccount := strings.CutPrefix(who, "account ")
			butOne, isBut := strings.CutPrefix(who, "but ")
			switch {
			case who == "account":
				parts = append(parts, byAccount())
			case isAccount:
				parts = append(parts, byAccount(`,"Condition":{`+onARN(ofAccount)+`}`))
			case isBut:
				parts = append(parts, trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn(butOne)+`"},"Action":"sts:AssumeRole"}`))
			case who == "lambda" || who == "ec2":
				parts = append(parts, byService(who))
			case denies:
				parts = append(parts, trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Condition":{`+onARN(condition)+`}}`))
			default:
				parts = append(parts, by(who))
			}
		}
		w.principal(kind, short, parts)
	}
	return w
}

// onARN is a condition on the ARN of who asks.
func onARN(condition string) string {
	operator, pattern, _ := strings.Cut(condition, " ")
	return fmt.Sprintf("%q:{\"aws:PrincipalArn\":%q}", operator, arn(pattern))
}

func (g plainGrant) statement() string {
	resource := g.resource
	if resource != "*" {
		resource = arn(resource)
	}
	var conditions []string
	if g.to != "" {
		conditions = append(conditions, `"StringEquals":{"iam:PassedToService":"`+g.to+`.amazonaws.com"}`)
	}
	switch {
	case g.mfa && g.deny:
		conditions = append(conditions, `"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`)
	case g.mfa:
		conditions = append(conditions, `"Bool":{"aws:MultiFactorAuthPresent":"true"}`)
	}
	if g.who != "" {
		conditions = append(conditions, onARN(g.who))
	}
	statement := allow(g.action, resource)
	if len(conditions) > 0 {
		statement = allow(g.action, resource, `,"Condition":{`+strings.Join(conditions, ",")+"}")
	}
	if g.deny {
		statement = strings.Replace(statement, `"Allow"`, `"Deny"`, 1)
	}
	return statement
}

func drawPlain(t *rapid.T) *plain {
	names := []string{"role/a", "role/ab", "role/b", "role/c", "user/a", "user/b"}
	p := &plain{names: names[:rapid.IntRange(2, len(names)).Draw(t, "principals")]}
	if rapid.Bool().Draw(t, "users only") {
		p.names = names[1:]
	}
	if rapid.Bool().Draw(t, "groups") {
		p.names = append(slices.Clone(p.names), "group/g", "group/h")
	}
	passing := rapid.Custom(func(t *rapid.T) plainGrant {
		g := plainGrant{action: "iam:PassRole", deny: rapid.IntRange(0, 5).Draw(t, "deny") == 0}
		g.resource = rapid.SampledFrom([]string{"*", "role/*", "role/a*", "role/b"}).Draw(t, "resource")
		g.to = rapid.SampledFrom([]string{"", "lambda", "lambda", "ec2"}).Draw(t, "to")
		g.mfa = rapid.IntRange(0, 2).Draw(t, "mfa") == 0
		return g
	})
	statement := rapid.Custom(func(t *rapid.T) plainGrant {
		if rapid.IntRange(0, 15).Draw(t, "everything") == 0 {
			return plainGrant{action: "*", resource: "*"}
		}
		g := plainGrant{
			action: rapid.SampledFrom([]string{
				"sts:AssumeRole", "sts:AssumeRole", "iam:CreateAccessKey", "iam:UpdateAssumeRolePolicy", "iam:PassRole", "iam:PutRolePolicy",
				"iam:AttachUserPolicy", "iam:CreateRole", "iam:CreateUser", "iam:AddUserToGroup", "iam:PutGroupPolicy", "lambda:CreateFunction", "lambda:InvokeFunction", "lambda:UpdateFunctionCode",
			}).Draw(t, "action"),
			resource: "*", deny: rapid.IntRange(0, 5).Draw(t, "deny") == 0,
		}
		if !strings.HasPrefix(g.action, "lambda:") {
			kind := "role/"
			if slices.Contains([]string{"iam:CreateAccessKey", "iam:AttachUserPolicy", "iam:CreateUser"}, g.action) {
				kind = "user/"
			}
			g.resource = rapid.SampledFrom([]string{"*", kind + "*", kind + "a*", kind + "?", kind + "b", kind + "c"}).Draw(t, "resource")
			if slices.Contains([]string{"iam:AddUserToGroup", "iam:PutGroupPolicy"}, g.action) {
				g.resource = rapid.SampledFrom([]string{"*", "group/*", "group/?", "group/g"}).Draw(t, "group")
			}
		}
		if g.deny {
			g.mfa = rapid.IntRange(0, 2).Draw(t, "without mfa") == 0
			g.who = rapid.SampledFrom([]string{"", "ArnLike role/a*", "ArnNotLike role/a*", "StringNotEquals user/a", "StringEquals role/b"}).Draw(t, "who")
		}
		if g.action == "iam:PassRole" {
			return passing.Draw(t, "passes")
		}
		return g
	})
	for _, name := range p.names {
		grants := rapid.SliceOfN(statement, 0, 4).Draw(t, "grants")
		if rapid.IntRange(0, 3).Draw(t, "deploys") == 0 {
			grants = append(grants, plainGrant{action: "lambda:CreateFunction", resource: "*"}, plainGrant{action: "lambda:InvokeFunction", resource: "*"},
				passing.Draw(t, "passes"), passing.Draw(t, "passes too"))
		}
		if rapid.IntRange(0, 3).Draw(t, "hires") == 0 {
			grants = append(grants, plainGrant{action: "iam:CreateUser", resource: "user/a*"}, plainGrant{action: "iam:CreateAccessKey", resource: "user/?"},
				plainGrant{action: "iam:AddUserToGroup", resource: "*"})
		}
		p.grants = append(p.grants, grants)
		p.boundary = append(p.boundary, rapid.SliceOfN(statement, 0, 3).Draw(t, "boundary"))
		p.hasLimits = append(p.hasLimits, !strings.HasPrefix(name, "group/") && rapid.IntRange(0, 4).Draw(t, "limited") == 0)
		var trusts []string
		if strings.HasPrefix(name, "role/") {
			trusts = rapid.SliceOfN(rapid.SampledFrom([]string{"account", "account", "lambda", "ec2", "role/a", "user/b", "but role/a", "but user/b",
				"account ArnLike role/a*", "account ArnNotLike role/a*", "deny ArnLike role/a*", "deny ArnNotLike role/a*", "deny StringEquals user/b"}), 0, 3).Draw(t, "trusts")
		}
		p.trusts = append(p.trusts, trusts)
	}
	return p
}

// The paths of an account are as long as a plain reading of its policies, pair by
// pair, says.
func TestPathsAgreeWithAPlainReading(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		p := drawPlain(r)
		all := p.build(t).judge()
		for u, want := range p.lengths() {
			if strings.HasPrefix(p.names[u], "group/") {
				continue // which has no path of its own
			}
			got := -1
			if paths := all[p.names[u]].Paths; len(paths) > 0 {
				got = paths[0].Length()
			}
			if got != want {
				r.Fatalf("%s: %s, of length %d; want %d\n%s", p.names[u], describePath(all[p.names[u]].Paths), got, want, p.describe())
			}
			for _, path := range all[p.names[u]].Paths {
				for _, step := range path.Steps {
					if from := slices.Index(p.names, short(step.From)); !strings.HasPrefix(short(step.From), "group/") && step.Conditional != p.conditional(from, &step) {
						r.Fatalf("%s: the step %s to %s is conditional: %v\n%s", p.names[u], step.Method, step.To, step.Conditional, p.describe())
					}
				}
			}
		}
	})
}

func (p *plain) describe() string {
	var b strings.Builder
	for u, name := range p.names {
		fmt.Fprintf(&b, "%s trusts %v, grants %v, limited %v to %v\n", name, p.trusts[u], p.grants[u], p.hasLimits[u], p.boundary[u])
	}
	return b.String()
}
