package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

func TestMinimizeShortensActions(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	tests := map[string]struct {
		actions string
		minimum int
		want    string
	}{
		"one of many":                  {"sts:AssumeRole", 0, "sts:assumerole"},
		"a whole service":              {"sqs:*", 0, "sqs:a* sqs:c* sqs:d* sqs:g* sqs:l* sqs:p* sqs:r* sqs:s* sqs:t* sqs:u*"},
		"of a kind":                    {"account:*Region", 4, "account:disa* account:enab*"},
		"a minimum beyond the name":    {"sns:Publish", 40, "sns:publish"},
		"a minimum":                    {"sns:Publish", 5, "sns:publi*"},
		"two services":                 {"sns:Publish xray:PutSpans", 0, "sns:pub* xray:putspans"},
		"an unknown action":            {"sns:Publish sns:Nothing", 0, "sns:Nothing sns:pub*"},
		"one the name of another":      {"scheduler:ListSchedules scheduler:ListSchedulesByTarget", 0, "scheduler:listschedules*"},
		"the name of others, unwanted": {"ec2:CreateVpc ec2:CreateVpcEndpoint", 0, "ec2:createvpc ec2:createvpcendpoint"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var actions []string
			for pattern := range strings.FieldsSeq(test.actions) {
				set := f.NewSet()
				f.AddMatches(set, pattern)
				actions = append(actions, f.names(set)...)
				if set.Empty() {
					actions = append(actions, pattern)
				}
			}
			p := writer.Minimize(policy.Policy{Statement: []policy.WrittenStatement{{SID: "A", Action: actions}}}, test.minimum)
			if got := strings.Join(p.Statement[0].Action, " "); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestMinimizeJoinsStatements(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	bucket, star := []string{"arn:aws:s3:::my.bucket"}, []string{"*"}
	p := policy.Policy{Version: "2012-10-17", Statement: []policy.WrittenStatement{
		{SID: "S3ListBucket", Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: bucket},
		{SID: "MultMultNone", Effect: "Allow", Action: []string{"s3:ListAllMyBuckets"}, Resource: star},
		{SID: "S3WriteBucket", Effect: "Allow", Action: []string{"s3:CreateBucket", "s3:ListBucket"}, Resource: bucket},
		{SID: "S3MultMybucket", Effect: "Deny", Action: []string{"s3:CreateBucket"}, Resource: bucket},
		{SID: "SkipResourceConstraints", Effect: "Allow", Action: []string{"sns:Publish"}, Resource: star},
		{SID: "S3ListBucket2", Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: []string{"arn:aws:s3:::other"}},
	}}
	want := policy.Policy{Version: "2012-10-17", Statement: []policy.WrittenStatement{
		{SID: "S3MultMybucket", Effect: "Allow", Action: []string{"s3:createbucket", "s3:listbucket"}, Resource: bucket},
		{SID: "MultMultNone", Effect: "Allow", Action: []string{"s3:listal*", "sns:pub*"}, Resource: star},
		{SID: "S3MultMybucket2", Effect: "Deny", Action: []string{"s3:createbucket"}, Resource: bucket},
		{SID: "S3ListBucket2", Effect: "Allow", Action: []string{"s3:listbucket"}, Resource: []string{"arn:aws:s3:::other"}},
	}}
	before := string(p.JSON(""))
	if diff := cmp.Diff(want, policy.NewWriter(f.Catalog).Minimize(p, 0)); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	if string(p.JSON("")) != before {
		t.Error("the policy that was minimized has changed")
	}
}

// TestMinimizeNamesWhatItJoins joins statements of both modes.
func TestMinimizeNamesWhatItJoins(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	tests := map[string]struct {
		template policy.Template
		want     string
	}{
		"several levels of one ARN": {
			policy.Template{Mode: "crud", Write: []string{"arn:aws:sqs:us-east-1:123456789012:orders"}, Read: []string{"arn:aws:sqs:us-east-1:123456789012:orders"}},
			"SqsMultOrders",
		},
		"a level alone":                    {policy.Template{Mode: "actions", Actions: []string{"s3:CreateBucket"}}, "S3WriteBucket"},
		"several levels of a pattern":      {policy.Template{Mode: "actions", Actions: []string{"s3:CreateBucket", "s3:DeleteBucketPolicy", "s3:ListBucket"}}, "S3ListAccesspoint S3MultBucketname"},
		"a pattern of more placeholders":   {policy.Template{Mode: "actions", Actions: []string{"ec2:DeleteVpc", "ec2:GetVpcResourcesBlockingEncryptionEnforcement"}}, "Ec2MultVpcvpcid"},
		"several levels on every resource": {policy.Template{Mode: "actions", Actions: []string{"s3:ListAllMyBuckets", "xray:PutTraceSegments"}}, "MultMultNone"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := writer.WriteWith(test.template, policy.Options{Minimize: new(int)})
			if err != nil {
				t.Fatal(err)
			}
			var sids []string
			for _, s := range out.Policies[0].Statement {
				sids = append(sids, s.SID)
			}
			if got := strings.Join(sids, " "); got != test.want {
				t.Errorf("statements %s, want %s", got, test.want)
			}
		})
	}
}

// The patterns match the actions and nothing else of the whole catalog, and
// none of them is needless.
func TestMinimizeGrantsTheSameActions(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		wanted := f.NewSet()
		for range rapid.IntRange(1, 3).Draw(t, "services") {
			service := f.Service(catalog.ServiceID(rapid.IntRange(0, f.Services()-1).Draw(t, "service")))
			for range rapid.IntRange(1, 40).Draw(t, "actions") {
				wanted.Add(catalog.ActionID(rapid.IntRange(int(service.First), int(service.End)-1).Draw(t, "action")))
			}
		}
		minimum := rapid.IntRange(0, 12).Draw(t, "minimum")
		p := policy.Policy{Statement: []policy.WrittenStatement{{SID: "A", Effect: "Allow", Action: f.names(wanted), Resource: []string{"*"}}}}
		patterns := writer.Minimize(p, minimum).Statement[0].Action
		got := f.NewSet()
		for _, pattern := range patterns {
			if _, name, _ := strings.Cut(pattern, ":"); strings.HasSuffix(name, "*") && len(name)-1 < max(minimum, 1) {
				t.Fatalf("%s is shorter than %d", pattern, minimum)
			}
			f.AddMatches(got, pattern)
		}
		if !got.Equal(wanted) {
			t.Fatalf("%v grants %v, want %v", patterns, f.names(got), f.names(wanted))
		}
		if !slices.IsSorted(patterns) || len(patterns) > wanted.Count() {
			t.Fatalf("patterns %v", patterns)
		}
	})
}
