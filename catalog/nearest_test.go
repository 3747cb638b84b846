package catalog_test

import (
	"slices"
	"testing"
)

func TestNearestServices(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for s, want := range map[string][]string{
		"s4":                 {"s3"},
		"IAMM":               {"iam"},
		"dynamdob":           {"dynamodb"},
		"cloudfromation":     {"cloudformation"},
		"secretmanager":      {"secretsmanager"},
		"somethingquiteelse": {},
		"7":                  {},
	} {
		got := c.NearestServices(s, 3)
		if len(want) == 0 && len(got) != 0 || len(want) > 0 && !slices.Contains(got, want[0]) {
			t.Errorf("NearestServices(%q) = %q, want %q", s, got, want)
		}
	}
}

// People know services by their names, parts of them and their initials.
func TestNearestServicesKnowsWhatServicesAreCalled(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for s, want := range map[string]string{
		"eventbridge":   "events",
		"stepfunctions": "states",
		"step-function": "states",
		"elb":           "elasticloadbalancing",
		"EFS":           "elasticfilesystem",
		"cognito":       "cognito-identity",
		"Amazon SQS":    "sqs",
		"dynamo":        "dynamodb",
	} {
		if got := c.NearestServices(s, 3); !slices.Contains(got, want) {
			t.Errorf("NearestServices(%q) = %q, want %q", s, got, want)
		}
	}
	if got := c.NearestServices("dynamo", 3); got[0] != "dynamodb" {
		t.Errorf("what stands in the prefix is nearer than what stands in the name: %q", got)
	}
	if got := c.NearestActions("elb:DescribeLoadBalancers", 1); !slices.Equal(got, []string{"elasticloadbalancing:DescribeLoadBalancers"}) {
		t.Errorf("got %q", got)
	}
}

func TestNearestActions(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for s, want := range map[string]string{
		"s3:GetObjcet":         "s3:GetObject",
		"S3:getobjects":        "s3:GetObject",
		"iamm:PassRole":        "iam:PassRole",
		"ec2:RunInstance":      "ec2:RunInstances",
		"GetCallerIdentity":    "sts:GetCallerIdentity",
		"lambda:InvokFunction": "lambda:InvokeFunction",
	} {
		if got := c.NearestActions(s, 3); len(got) == 0 || len(got) > 3 || got[0] != want {
			t.Errorf("NearestActions(%q) = %q, want %q first", s, got, want)
		}
	}
	for _, s := range []string{"", ":", "nosuchservice:Get", "s3:Quetzalcoatlus"} {
		if got := c.NearestActions(s, 3); len(got) != 0 {
			t.Errorf("NearestActions(%q) = %q", s, got)
		}
	}
	if got := c.NearestActions("s3:GetObject", 0); len(got) != 0 {
		t.Errorf("none were asked for: %q", got)
	}
}
