package risk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/internal/glob"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// makeForm is a way to become an administrator that was not there before: to make
// a role, a user or a group, and to do to it what makes an administrator of it
// and lets the caller become it. A new role can trust the caller.
type makeForm struct {
	kind   string // of the entity
	create string // the action
	become escalation.Method
	write  int
}

func makes() []makeForm {
	return []makeForm{
		{"role", "iam:CreateRole", becomeAssume, writeAttachRole},
		{"role", "iam:CreateRole", becomeAssume, writePutRole},
		{"user", "iam:CreateUser", becomeCreateKey, writeAttachUser},
		{"user", "iam:CreateUser", becomeCreateKey, writePutUser},
		{"user", "iam:CreateUser", becomeCreateLogin, writeAttachUser},
		{"user", "iam:CreateUser", becomeCreateLogin, writePutUser},
		{"group", "iam:CreateGroup", becomeAddToGroup, writeAttachGroup},
		{"group", "iam:CreateGroup", becomeAddToGroup, writePutGroup},
	}
}

// makeMethod returns the method of a form, whose actions are all on the new entity.
func (m *methods) makeMethod(rules *Rules, form makeForm) method {
	create := fixedMethod(rules, fixed{form.create, "iam-create-" + form.kind})
	then := m.list[m.pair(form.become, form.write)]
	if form.become == becomeAssume {
		then = m.list[m.writing(form.write)]
	}
	made := pairMethod(rules, &create, &then)
	made.makes, made.made = form.kind, made.actions
	return made
}

// joins are the credentials of a user that is made to join a group. Who makes it
// becomes what the group makes of its members.
func joins() []escalation.Method { return []escalation.Method{becomeCreateKey, becomeCreateLogin} }

// joinMethod returns the method of making a user with a credential that joins a
// group that there is. IAM wants iam:AddUserToGroup for the group alone: Service
// Authorization Reference, "Actions, resources, and condition keys for AWS Identity
// and Access Management".
func (m *methods) joinMethod(rules *Rules, credential escalation.Method) method {
	create := fixedMethod(rules, fixed{"iam:CreateUser", "iam-create-user"})
	made := pairMethod(rules, &create, &m.list[credential])
	create.makes, create.made = "user", made.actions
	joined := pairMethod(rules, &create, &m.list[becomeAddToGroup])
	return pairMethod(rules, &joined, &m.list[credential])
}

// becomeByNewUser is making a user that joins a group. A user that can join it
// without one does.
func (w *waymaker) becomeByNewUser() {
	group := w.reach(becomeAddToGroup, 0)
	if group == nil || !w.free || w.kind == "user" && w.raisable {
		return
	}
	for i := range joins() {
		m := w.methods.joins + escalation.Method(i)
		if made := w.reaches(w.methods.list[m].made); made != nil && w.findsNew(w.actor, "user", made) {
			w.add(escalation.Way{Options: option(m, labelGroup)}, group)
			w.joins = append(w.joins, m)
			return
		}
	}
}

// addMakes notes how an actor makes an administrator of someone new, or has it join a
// group.
func (e *escalations) addMakes(w *waymaker) {
	if len(w.joins) > 0 {
		e.makers[w.node] = w.joins
	}
	for i, form := range makes() {
		m := e.methods.makes + escalation.Method(i)
		able := w.free
		if form.kind == "group" {
			able = w.kind == "user" && w.raisable // which joins it
		}
		if reaches := w.reaches(e.methods.list[m].actions); able && reaches != nil && e.findsNew(w.actor, form.kind, reaches) {
			w.graph.AddMake(w.node, m)
			e.makers[w.node] = append(e.makers[w.node], m)
		}
	}
}

// reaches returns the resources of each of some actions, or nil where one has none.
func (w *waymaker) reaches(actions []catalog.ActionID) []policy.Reach {
	if len(actions) == 0 || slices.ContainsFunc(actions, func(a catalog.ActionID) bool { return !w.effective.Has(a) }) {
		return nil
	}
	var reaches []policy.Reach
	for _, a := range actions {
		r := w.effective.Reach(a)
		if r.Empty() {
			return nil
		}
		reaches = append(reaches, r)
	}
	return reaches
}

// findsNew reports whether all reaches contain an entity of a kind that there is
// not yet, and, of a role, nothing denies the actor to take it.
func (e *escalations) findsNew(who *actor, kind string, reaches []policy.Reach) bool {
	if kind == "role" && who.taking != nil {
		reaches = append(reaches, who.taking.Reach)
	}
	return e.fresh.find(e.Account, kind, reaches)
}

// newNames thinks of ARNs of entities that an account has not.
type newNames struct {
	filler string          // no entity's name contains it
	taken  map[string]bool // "role/app", in lower case, without paths
	known  map[string]bool // whether reaches have one in common, by their keys
}

// maxNamed is how many patterns of names are tried.
const maxNamed = 64

// find reports whether all reaches contain the ARN of a new entity of a kind. It
// tries what their patterns have in common.
func (n *newNames) find(a *Account, kind string, reaches []policy.Reach) bool {
	n.prepare(a)
	key := kind
	for _, r := range reaches {
		key += "\x00" + r.Key()
	}
	found, known := n.known[key]
	if !known {
		found = n.search("arn:"+a.info.Partition+":iam::"+a.info.ID+":", kind, reaches)
		n.known[key] = found
	}
	return found
}

func (n *newNames) prepare(a *Account) {
	if n.taken != nil {
		return
	}
	n.taken, n.known, n.filler = make(map[string]bool), make(map[string]bool), "new"
	for i := range a.principals {
		n.take(&a.principals[i].Entity)
	}
	for i := range a.groups {
		n.take(&a.groups[i].Entity)
	}
}

// take notes a name. IAM compares names without regard to case: IAM User Guide,
// "IAM and AWS STS quotas".
func (n *newNames) take(entity *Entity) {
	name := strings.ToLower(entity.Name)
	n.taken[entity.Kind+"/"+name] = true
	for strings.Contains(name, n.filler) {
		n.filler += "x"
	}
}

// search tries names behind a prefix of ARNs.
func (n *newNames) search(prefix, kind string, reaches []policy.Reach) bool {
	fits := func(name string) bool {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "*", n.filler), "?", "x")
		last := name[strings.LastIndexByte(name, '/')+1:]
		return strings.HasPrefix(name, kind+"/") && last != "" && !n.taken[kind+"/"+strings.ToLower(last)] &&
			!slices.ContainsFunc(reaches, func(r policy.Reach) bool { return !r.Contains(prefix + name) })
	}
	return slices.ContainsFunc(namesIn(kind, reaches), fits)
}

// namesIn returns patterns of names of a kind, of what patterns of the reaches have
// in common with each other and with those before, from the narrowest reach on.
func namesIn(kind string, reaches []policy.Reach) []string {
	lists := make([][]string, len(reaches))
	for i, r := range reaches {
		for _, p := range r.AppendNamed(nil) {
			lists[i] = append(lists[i], p[strings.LastIndexByte(p, ':')+1:])
		}
		slices.Sort(lists[i])
	}
	slices.SortFunc(lists, func(a, b []string) int { return cmp.Or(cmp.Compare(len(a), len(b)), slices.Compare(a, b)) })
	names := []string{kind + "/*"}
	for _, p := range slices.Concat(lists...) {
		for _, known := range names {
			both, ok := glob.Meet(known, p)
			if ok && len(names) < maxNamed && !slices.Contains(names, both) {
				names = append(names, both)
			}
		}
	}
	return names
}

// makesTarget reports whether a node does all that a rule needs to someone that it
// makes.
func (e *escalations) makesTarget(n escalation.NodeID, id string) bool {
	rule, known := e.engine.rules.Rule(id)
	return known && slices.ContainsFunc(e.makers[n], func(m escalation.Method) bool {
		return !slices.ContainsFunc(rule.Actions, func(a catalog.ActionID) bool { return !slices.Contains(e.methods.list[m].made, a) })
	})
}
