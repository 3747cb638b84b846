package awssim

import (
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// typeControl is the only type of policy that is enabled.
const typeControl = "SERVICE_CONTROL_POLICY"

// policySummary is a policy as ListPolicies returns it.
type policySummary struct {
	ID          string `json:"Id"`
	ARN         string `json:"Arn"`
	Name        string
	Description string
	Type        string
	AWSManaged  bool `json:"AwsManaged"`
}

func summarizePolicy(p world.Control) policySummary {
	return policySummary{ID: p.ID, ARN: p.ARN, Name: p.Name, Description: p.Description, Type: typeControl, AWSManaged: p.AWSManaged}
}

func (c *call) listRoots() (any, *apiError) {
	if _, _, failure := c.organizationPage(); failure != nil {
		return nil, failure
	}
	root := c.org.world.Root()
	return map[string]any{"Roots": []map[string]any{{
		"Id": root.ID, "Arn": root.ARN, "Name": root.Name,
		"PolicyTypes": []map[string]string{{"Type": typeControl, "Status": "ENABLED"}},
	}}}, nil
}

func (c *call) listParents() (any, *apiError) {
	in, at, failure := c.organizationPage()
	if failure != nil {
		return nil, failure
	}
	parent, found := c.org.world.Parent(in.ChildID, at.day)
	if !found {
		return nil, errNotFound("ChildNotFoundException", "You provided a child ID that can't be found.")
	}
	return map[string]any{"Parents": []map[string]string{{"Id": parent.ID, "Type": unitType(parent)}}}, nil
}

// unitType is the type of a root or organizational unit, as parents and targets
// of policies have it.
func unitType(u world.Unit) string {
	if u.Parent == "" {
		return "ROOT"
	}
	return "ORGANIZATIONAL_UNIT"
}

func (c *call) listPolicies() (any, *apiError) {
	in, at, failure := c.organizationPage()
	if failure != nil {
		return nil, failure
	}
	if in.Filter == "" {
		return nil, errInvalid(c.request, "You must provide a value for Filter.")
	}
	out := struct {
		Policies  []policySummary
		NextToken string `json:",omitempty"`
	}{Policies: []policySummary{}}
	if in.Filter != typeControl {
		return out, nil
	}
	policies, next := page(c, c.org.world.Controls(at.day), at, in.MaxResults)
	out.NextToken = next
	for _, p := range policies {
		out.Policies = append(out.Policies, summarizePolicy(p))
	}
	return out, nil
}

// policyTarget is what a policy is attached to.
type policyTarget struct {
	TargetID string `json:"TargetId"`
	ARN      string `json:"Arn"`
	Name     string
	Type     string
}

func (c *call) listTargetsForPolicy() (any, *apiError) {
	in, at, failure := c.organizationPage()
	if failure != nil {
		return nil, failure
	}
	if _, failure := c.findControl(in.PolicyID, at.day); failure != nil {
		return nil, failure
	}
	targets, next := page(c, c.org.world.Targets(in.PolicyID, at.day), at, in.MaxResults)
	out := struct {
		Targets   []policyTarget
		NextToken string `json:",omitempty"`
	}{[]policyTarget{}, next}
	for _, id := range targets {
		out.Targets = append(out.Targets, c.describeTarget(id))
	}
	return out, nil
}

func (c *call) describeTarget(id string) policyTarget {
	if a, ok := c.org.world.Account(id); ok {
		return policyTarget{TargetID: id, ARN: a.ARN(), Name: a.Name(), Type: "ACCOUNT"}
	}
	for u := range c.org.world.Units() {
		if u.ID == id {
			return policyTarget{TargetID: id, ARN: u.ARN, Name: u.Name, Type: unitType(u)}
		}
	}
	return policyTarget{TargetID: id}
}

func (c *call) describePolicy() (any, *apiError) {
	in, failure := c.organizationInput()
	if failure != nil {
		return nil, failure
	}
	policy, failure := c.findControl(in.PolicyID, c.day.Number())
	if failure != nil {
		return nil, failure
	}
	return map[string]any{"Policy": map[string]any{
		"PolicySummary": summarizePolicy(policy), "Content": string(policy.Document),
	}}, nil
}

// findControl returns the service control policy with the id.
func (c *call) findControl(id string, day int) (world.Control, *apiError) {
	for p := range c.org.world.Controls(day) {
		if p.ID == id {
			return p, nil
		}
	}
	return world.Control{}, errNotFound("PolicyNotFoundException", "We can't find a policy with the PolicyId that you specified.")
}
