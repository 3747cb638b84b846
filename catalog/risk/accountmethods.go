package risk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// The ways to become another principal that IAM and STS themselves give, in the
// order in which a path prefers them.
const (
	becomeAssume escalation.Method = iota
	becomeUpdateLogin
	becomeCreateLogin
	becomeCreateKey
	becomeRotateKey
	becomeAddToGroup
	becomeUpdateTrust
	becomeCount
)

// The ways to change what a principal may do. A principal that can go one of
// them for itself, or for another that it becomes in the same step, is as good as
// an administrator.
const (
	writeAttachRole = iota
	writePutRole
	writeAttachUser
	writePutUser
	writeAttachGroup
	writePutGroup
	writeCreateVersion
	writeSetVersion
	writeDeleteRoleBoundary
	writeDeleteUserBoundary
	writeCount
)

// fixed is a method of IAM or STS: the rule that stands for it is the one with
// the same actions; where there is none its id is fallback.
type fixed struct {
	actions  string
	fallback string
}

func becomes() [becomeCount]fixed {
	return [...]fixed{
		becomeAssume:      {"sts:AssumeRole", "sts-assume-role"},
		becomeUpdateLogin: {"iam:UpdateLoginProfile", "iam-update-login-profile"},
		becomeCreateLogin: {"iam:CreateLoginProfile", "iam-create-login-profile"},
		becomeCreateKey:   {"iam:CreateAccessKey", "iam-create-access-key"},
		becomeRotateKey:   {"iam:CreateAccessKey iam:DeleteAccessKey", "iam-rotate-access-key"},
		becomeAddToGroup:  {"iam:AddUserToGroup", "iam-add-user-to-group"},
		becomeUpdateTrust: {"iam:UpdateAssumeRolePolicy", "iam-update-assume-role-policy"},
	}
}

func writes() [writeCount]fixed {
	return [...]fixed{
		writeAttachRole:         {"iam:AttachRolePolicy", "iam-attach-role-policy"},
		writePutRole:            {"iam:PutRolePolicy", "iam-put-role-policy"},
		writeAttachUser:         {"iam:AttachUserPolicy", "iam-attach-user-policy"},
		writePutUser:            {"iam:PutUserPolicy", "iam-put-user-policy"},
		writeAttachGroup:        {"iam:AttachGroupPolicy", "iam-attach-group-policy"},
		writePutGroup:           {"iam:PutGroupPolicy", "iam-put-group-policy"},
		writeCreateVersion:      {"iam:CreatePolicyVersion", "iam-create-policy-version"},
		writeSetVersion:         {"iam:SetDefaultPolicyVersion", "iam-set-default-policy-version"},
		writeDeleteRoleBoundary: {"iam:DeleteRolePermissionsBoundary", "iam-delete-role-permissions-boundary"},
		writeDeleteUserBoundary: {"iam:DeleteUserPermissionsBoundary", "iam-delete-user-permissions-boundary"},
	}
}

// runsAs returns the services whose roles code runs as in a thing of a kind that
// a rule needs: a function runs as a role that trusts Lambda, for example.
func runsAs(needs string) []string {
	switch needs {
	case "function":
		return []string{"lambda.amazonaws.com"}
	case "instance", "launch-template", "deployment-group":
		return []string{"ec2.amazonaws.com"}
	case "task", "job-definition":
		return []string{"ecs-tasks.amazonaws.com"}
	case "project":
		return []string{"codebuild.amazonaws.com"}
	case "stack":
		return []string{"cloudformation.amazonaws.com"}
	case "service":
		return []string{"tasks.apprunner.amazonaws.com"}
	case "notebook":
		return []string{"sagemaker.amazonaws.com"}
	case "dev-endpoint":
		return []string{"glue.amazonaws.com"}
	case "state-machine":
		return []string{"states.amazonaws.com"}
	case "agent-runtime", "browser", "code-interpreter":
		return []string{"bedrock-agentcore.amazonaws.com"}
	default:
		return nil
	}
}

// method is one way of a step.
type method struct {
	id      string
	actions []catalog.ActionID
	// needs is what the step takes for granted to be there, "function" for
	// example; empty for most.
	needs string
	// passes are the services that receive a role, none for most.
	passes []string
	// makes is what the step begins with making, "role" for example; empty for most.
	// made are the actions on that, and all others are on what the step leads to.
	makes string
	made  []catalog.ActionID
}

// methods are all that steps can be, under the numbers that the graph has for
// them: first becomes, then the rules that pass roles and those that use what
// runs as a role, then joins, then writes, then each of the former with each of the
// latter, then makes.
type methods struct {
	list     []method
	byRule   map[string]escalation.Method // of rules, by id
	counted  map[string]escalation.Method // of those whose targets have to be counted
	services map[string]int               // the label of each service principal
	joins    escalation.Method            // the first of the joins
	write    escalation.Method            // the first of writes
	pairs    escalation.Method            // the first of the pairs
	makes    escalation.Method            // the first of the makes
}

func newMethods(rules *Rules) *methods {
	m := &methods{byRule: make(map[string]escalation.Method), counted: make(map[string]escalation.Method), services: make(map[string]int)}
	for _, f := range becomes() {
		m.list = append(m.list, fixedMethod(rules, f))
	}
	for _, rule := range runningRules(rules) {
		m.byRule[rule.ID] = escalation.Method(len(m.list))
		needs := rule.Needs
		if len(rule.Passes) > 0 {
			needs = ""
		}
		m.list = append(m.list, method{id: rule.ID, actions: rule.Actions, needs: needs, passes: rule.Passes})
		for _, s := range append(slices.Clone(rule.Passes), runsAs(needs)...) {
			m.addService(s)
		}
	}
	m.joins = escalation.Method(len(m.list))
	for _, credential := range joins() {
		m.list = append(m.list, m.joinMethod(rules, credential))
	}
	m.write = escalation.Method(len(m.list))
	for _, f := range writes() {
		m.list = append(m.list, fixedMethod(rules, f))
	}
	m.pairs = escalation.Method(len(m.list))
	for i := range m.write {
		for w := range writeCount {
			m.list = append(m.list, pairMethod(rules, &m.list[i], &m.list[int(m.write)+w]))
		}
	}
	m.makes = escalation.Method(len(m.list))
	for _, form := range makes() {
		m.list = append(m.list, m.makeMethod(rules, form))
	}
	for i, known := range m.list {
		_, isRule := rules.Rule(known.id)
		if _, earlier := m.byRule[known.id]; isRule && !earlier {
			m.byRule[known.id] = escalation.Method(i)
		}
	}
	m.addCounted(rules)
	return m
}

// addCounted gives the rules that need an entity of IAM a number under which
// those are counted: its own where it is a write, or one at the end. The others
// lead to what they need.
func (m *methods) addCounted(rules *Rules) {
	needs := []string{NeedRole, NeedUser, NeedGroup, NeedPolicy}
	for i := range rules.list {
		rule := &rules.list[i]
		if !rule.All || !slices.Contains(needs, rule.Needs) {
			continue
		}
		number, known := m.byRule[rule.ID]
		if known && (number < m.write || number >= m.pairs) {
			continue
		}
		if !known {
			number = escalation.Method(len(m.list))
			m.list = append(m.list, method{id: rule.ID, actions: rule.Actions})
			m.byRule[rule.ID] = number
		}
		m.counted[rule.ID] = number
	}
}

// pair returns the number of going a way of becoming with a write.
func (m *methods) pair(become escalation.Method, write int) escalation.Method {
	return m.pairs + become*writeCount + escalation.Method(write)
}

func (m *methods) writing(write int) escalation.Method { return m.write + escalation.Method(write) }

// addService gives a service principal a label. The last label stands for all
// services that there is no other left for.
func (m *methods) addService(service string) {
	if _, known := m.services[service]; !known {
		m.services[service] = min(labelServices+len(m.services), escalation.LabelCount-1)
	}
}

// runningRules returns the rules of escalation that run code as a role: those that
// pass it, and then those that need something that runs as it already. Fewer
// actions come first.
func runningRules(rules *Rules) []*Rule {
	var found []*Rule
	for i := range rules.list {
		rule := &rules.list[i]
		if rule.Category == CategoryPrivilegeEscalation && rule.All && (len(rule.Passes) > 0 || runsAs(rule.Needs) != nil) {
			found = append(found, rule)
		}
	}
	slices.SortFunc(found, func(a, b *Rule) int {
		return cmp.Or(
			-cmp.Compare(min(len(a.Passes), 1), min(len(b.Passes), 1)),
			cmp.Compare(len(a.Actions), len(b.Actions)),
			cmp.Compare(a.ID, b.ID),
		)
	})
	return found
}

func fixedMethod(rules *Rules, f fixed) method {
	m := method{id: f.fallback}
	for name := range strings.FieldsSeq(f.actions) {
		if a, ok := rules.catalog.LookupAction(name); ok {
			m.actions = append(m.actions, a)
		}
	}
	slices.Sort(m.actions)
	if rule, ok := ruleOf(rules, m.actions); ok {
		m.id = rule.ID
	}
	return m
}

func pairMethod(rules *Rules, become, write *method) method {
	m := method{id: become.id + "+" + write.id, actions: slices.Concat(become.actions, write.actions)}
	m.needs, m.passes, m.makes, m.made = become.needs, become.passes, become.makes, become.made
	slices.Sort(m.actions)
	m.actions = slices.Compact(m.actions)
	if rule, ok := ruleOf(rules, m.actions); ok {
		m.id = rule.ID
	}
	return m
}

// ruleOf returns the rule of escalation that needs exactly some ascending actions.
func ruleOf(rules *Rules, actions []catalog.ActionID) (*Rule, bool) {
	i := slices.IndexFunc(rules.list, func(r Rule) bool {
		return r.Category == CategoryPrivilegeEscalation && r.All && slices.Equal(r.Actions, actions)
	})
	if i < 0 {
		return nil, false
	}
	return &rules.list[i], true
}
