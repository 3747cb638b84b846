package awssim

import "github.com/leastwise/leastwise/internal/awssim/world"

func (c *call) getPolicy() (func(*xmlWriter), *apiError) {
	policy, failure := c.findPolicy()
	if failure != nil {
		return nil, failure
	}
	return func(x *xmlWriter) {
		x.element("Policy", func() {
			x.policy(policy)
			x.tags(policy.Tags)
		})
	}, nil
}

func (c *call) getPolicyVersion() (func(*xmlWriter), *apiError) {
	policy, failure := c.findPolicy()
	if failure != nil {
		return nil, failure
	}
	id := c.params.Get("VersionId")
	for _, v := range policy.Versions {
		if v.ID == id {
			return func(x *xmlWriter) {
				x.element("PolicyVersion", func() { x.policyVersion(v) })
			}, nil
		}
	}
	return nil, errNoSuchEntity("Policy " + policy.ARN + " version " + id + " does not exist or is not attachable.")
}

// findPolicy returns the policy that the PolicyArn parameter names.
func (c *call) findPolicy() (world.Policy, *apiError) {
	arn := c.params.Get("PolicyArn")
	policy, found := findPolicy(c.day, arn)
	if !found {
		return policy, errNoSuchEntity("Policy " + arn + " was not found.")
	}
	return policy, nil
}
