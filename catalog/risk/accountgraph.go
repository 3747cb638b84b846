package risk

import (
	"iter"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// escalations is the graph of an account whose entities are sorted.
type escalations struct {
	*Account
	methods *methods
	graph   *escalation.Graph
	paths   *escalation.Paths
	targets *escalation.Targets

	place     map[string]int // of principals, by ARN
	roleNamed map[string]int // of roles, by name
	groupARN  map[string]string
	nodes     []principalNode
	groups    []escalation.NodeID
	owner     map[escalation.NodeID]int // of nodes of principals: their place
	writers   map[escalation.NodeID]writing
	makers    map[escalation.NodeID][]escalation.Method // how they make someone new
	fresh     newNames
	foreign   map[escalation.NodeID]*Entry
	outward   map[escalation.NodeID]EntryStep // what is taken over from other accounts
	dangerous map[string]bool                 // policies that have a version that makes an administrator
	raisable  map[string]bool                 // by what limits a principal
	all       *policy.Analysis
	taking    *policy.Analysis
	steps     map[escalation.NodeID]Step // those that several paths have
	members   map[string]int             // of each group, by its name
	scores    mean
}

// principalNode is what a principal is in the graph.
type principalNode struct {
	node escalation.NodeID // absent for service-linked roles
	bare escalation.NodeID // without its boundary, or absent
	entrance
	taking *reached
}

const absent escalation.NodeID = -1

// escalate builds the graph and finds the paths.
func (a *Account) escalate() *escalations {
	e := &escalations{
		Account: a, methods: a.engine.methods(), graph: escalation.New(),
		place: make(map[string]int, len(a.principals)), roleNamed: make(map[string]int), groupARN: make(map[string]string, len(a.groups)),
		nodes: make([]principalNode, len(a.principals)), owner: make(map[escalation.NodeID]int, len(a.principals)),
		writers: make(map[escalation.NodeID]writing), makers: make(map[escalation.NodeID][]escalation.Method), foreign: make(map[escalation.NodeID]*Entry),
		outward:   make(map[escalation.NodeID]EntryStep),
		dangerous: make(map[string]bool), raisable: make(map[string]bool), steps: make(map[escalation.NodeID]Step),
		members: make(map[string]int),
		all:     a.allowing("*"), taking: a.allowing("sts:AssumeRole"),
	}
	e.addPolicies()
	e.addGroups()
	for i := range a.principals {
		e.place[a.principals[i].Entity.ARN] = i
		if a.principals[i].Entity.Kind == "role" {
			e.roleNamed[a.principals[i].Entity.Name] = i
		}
		e.addPrincipal(i)
	}
	for i := range a.principals {
		e.addNamed(i)
	}
	e.addSurfaces()
	e.paths, e.targets = e.graph.Search(), e.graph.Targets()
	return e
}

// allowing analyses a document that allows an action on everything.
func (a *Account) allowing(action string) *policy.Analysis {
	return policy.Analyze(a.engine.catalog, &policy.Document{Statements: []policy.Statement{{
		Effect: policy.Allow, Actions: []string{action}, Resources: []string{"*"},
	}}})
}

// match evaluates policies and matches the rules with them.
func (a *Account) match(p *policy.Policies) *policy.Effective {
	f := a.evaluator.Evaluate(p)
	a.matcher.Match(f)
	return f
}

// administrator reports whether policies make an administrator: what a rule of
// full-administrator says, or everything.
func (a *Account) administrator(p *policy.Policies) bool {
	f := a.match(p)
	return a.matcher.Administrator() || f.Admin()
}

// addPolicies adds the account's own policies, as the targets of what can be
// done to policies, and finds those with a dangerous version.
func (e *escalations) addPolicies() {
	for i := range e.policies {
		p := &e.policies[i]
		if p.AWS {
			continue
		}
		l := labels(labelPolicy)
		if len(p.Versions) > 0 {
			l = l.With(labelVersions)
		}
		e.graph.AddNode(escalation.Node{ARN: p.Entity.ARN, Labels: l, Goal: escalation.NoGoal})
		for _, v := range p.Versions {
			alone := policy.Policies{Account: e.info.ID, Attachments: []policy.Attachment{{Analysis: v.Analysis}}}
			if v.Analysis != nil && e.administrator(&alone) {
				e.dangerous[p.Entity.ARN] = true
			}
		}
	}
}

// addGroups adds the groups, as what a user can become a member of: one whose name
// nobody has, so that ${aws:username} in their policies means no user.
func (e *escalations) addGroups() {
	for i := range e.Account.groups {
		g := &e.Account.groups[i]
		e.groupARN[g.Entity.Name] = g.Entity.ARN
		who := actor{
			kind: "group", arn: g.Entity.ARN, member: e.memberOf(g), raisable: true, free: true,
			groups: []string{g.Entity.ARN}, carried: e.carried(g.Attachments),
			taking: e.takes("group", &policy.Policies{Principal: e.memberOf(g), Attachments: g.Attachments}),
		}
		node := escalation.Node{
			ARN: g.Entity.ARN, Labels: labels(labelGroup, labelRaisable), Goal: escalation.NoGoal,
			Carries: slices.Concat(who.groups, who.carried),
		}
		e.groups = append(e.groups, e.addActor(who, node, &policy.Policies{Principal: who.member, Attachments: g.Attachments}))
	}
}

// memberOf returns the ARN of a user that stands for any member of a group. No
// user's name has a colon.
func (e *escalations) memberOf(g *Group) string {
	return strings.Replace(g.Entity.ARN, ":group/", ":user/", 1) + ":member"
}

// carried returns the ARNs of the account's own managed policies among attachments.
func (e *escalations) carried(attachments []policy.Attachment) []string {
	var arns []string
	for i := range attachments {
		if accountOf(attachments[i].ARN) == e.info.ID {
			arns = append(arns, attachments[i].ARN)
		}
	}
	return arns
}

func (e *escalations) addPrincipal(i int) {
	p, n := &e.principals[i], &e.nodes[i]
	n.node, n.bare = absent, absent
	if p.Entity.ServiceLinked() {
		return
	}
	n.entrance = *entranceOf(p.Trust, e.info.ID)
	n.taking = e.takes(p.Entity.Kind, &p.Policies)
	who := actor{
		kind: p.Entity.Kind, arn: p.Entity.ARN, protected: p.protected(), raisable: e.canRaise(p.Policies.Principal, p.Policies.Boundary, p.Policies.Controls),
		free: e.canRaise("", nil, p.Policies.Controls), carried: e.carried(p.Policies.Attachments), taking: n.taking,
	}
	for _, name := range p.Groups {
		e.members[name]++
		if arn, known := e.groupARN[name]; known {
			who.groups = append(who.groups, arn)
		}
	}
	node := escalation.Node{
		ARN: who.arn, Labels: e.label(p, &n.entrance), Goal: escalation.NoGoal,
		Carries: slices.Concat(who.groups, who.carried), Audience: n.audienceOfGate(),
	}
	if who.raisable {
		node.Labels = node.Labels.With(labelRaisable)
	}
	if p.Policies.Boundary == nil {
		n.node = e.addActor(who, node, &p.Policies)
		e.owner[n.node] = i
		return
	}
	bare := p.Policies
	bare.Boundary = nil
	if e.administrator(&bare) {
		node.Labels = node.Labels.With(labelHeldBack)
	}
	n.node = e.addActor(who, node, &p.Policies)
	e.owner[n.node] = i
	e.addBare(n, who, &bare, i)
}

// addBare adds a principal without its boundary, if it can delete that.
func (e *escalations) addBare(n *principalNode, who actor, bare *policy.Policies, i int) {
	write := writeDeleteRoleBoundary
	if who.kind == "user" {
		write = writeDeleteUserBoundary
	}
	if r := e.writers[n.node][write]; r == nil || !r.Contains(who.arn) {
		return
	}
	who.raisable = e.canRaise(bare.Principal, nil, bare.Controls)
	n.bare = e.addActor(who, escalation.Node{ARN: who.arn, Variant: 1, Goal: escalation.NoGoal}, bare)
	e.owner[n.bare] = i
	e.graph.AddEdge(n.node, n.bare, e.methods.writing(write))
}

// addActor adds the node and the ways of someone with policies.
func (e *escalations) addActor(who actor, node escalation.Node, policies *policy.Policies) escalation.NodeID {
	f := e.match(policies)
	if e.matcher.Administrator() || f.Admin() {
		node.Goal = 0
		return e.graph.AddNode(node)
	}
	who.node = e.graph.AddNode(node)
	w := &waymaker{actor: &who, graph: e.graph, methods: e.methods, effective: f, matcher: e.matcher, findsNew: e.findsNew}
	w.make()
	if w.writing != (writing{}) {
		e.writers[who.node] = w.writing
	}
	if r := w.writing[writeSetVersion]; r != nil && who.raisable {
		if slices.ContainsFunc(who.carried, func(arn string) bool { return e.dangerous[arn] && r.Contains(arn) }) {
			e.graph.AddRaise(who.node, who.node, e.methods.writing(writeSetVersion))
		}
	}
	e.addMakes(w)
	return who.node
}

// held yields the combinations of actions that hold.
func (m *Matcher) held() iter.Seq[*Rule] {
	return func(yield func(*Rule) bool) {
		for _, i := range m.found {
			if !yield(m.rule(m.engine.compiled.combinations[i].rule)) {
				return
			}
		}
	}
}
