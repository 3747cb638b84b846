package catalog_test

import (
	"bufio"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
)

// matchNames returns the matches as "service type", with "~" before those that
// only overlap.
func matchNames(t testing.TB, c *catalog.Catalog, arn string) []string {
	t.Helper()
	matches, err := c.MatchARN(arn)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, m := range matches {
		name := c.Service(m.Service).Prefix + " " + m.Type
		if c.ResourceTypes(m.Service)[m.Index].Name != m.Type {
			t.Errorf("%s: index %d is not %s", arn, m.Index, name)
		}
		if m.Overlap {
			name = "~" + name
		}
		out = append(out, name)
	}
	return out
}

// ownNames are the matches of the service that the ARN names.
func ownNames(t testing.TB, c *catalog.Catalog, arn string) string {
	t.Helper()
	service := strings.Split(arn, ":")[2]
	out := []string{}
	for _, name := range matchNames(t, c, arn) {
		prefix, kind, _ := strings.Cut(name, " ")
		if strings.TrimPrefix(prefix, "~") == service {
			out = append(out, strings.TrimSuffix(prefix, service)+kind)
		}
	}
	return strings.Join(out, ", ")
}

func TestMatchARNByFullPattern(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for arn, want := range map[string]string{
		// Objects, buckets and the types that look like objects.
		"arn:aws:s3:::b":                                  "bucket",
		"arn:aws:s3:::*":                                  "bucket",
		"arn:aws:s3:::b*":                                 "bucket",
		"arn:aws:s3:::b/k":                                "object",
		"arn:aws:s3:::b/a/k:1":                            "object",
		"arn:aws:s3:::b/*":                                "object",
		"arn:aws:s3:::*/*":                                "object",
		"arn:aws:s3:::job/1":                              "object",
		"arn:aws:s3:us-east-1:1:job/1":                    "job",
		"arn:aws:s3:*:*:job/1":                            "job",
		"arn:aws:s3:*:*:job/*":                            "job",
		"arn:aws:s3:*:*:accesspoint/*":                    "accesspoint",
		"arn:aws:s3:*:*:access-grants/default":            "accessgrantsinstance",
		"arn:aws:s3:*:*:b/k":                              "object",
		"arn:aws:s3:*:*:*":                                "bucket",
		"arn:aws:s3:us-east-1:1:access-grants/default":    "accessgrantsinstance",
		"arn:aws:s3:us-west-2:1:async-request/mrap/o/t":   "multiregionaccesspointrequestarn",
		"arn:aws:s3:us-*:1:async-request/mrap/o/t":        "multiregionaccesspointrequestarn",
		"arn:aws:s3:eu-west-1:1:async-request/mrap/o/t":   "",
		"arn:aws:s3:us-east-1:1:accesspoint/p/object/a/k": "accesspointobject",
		// Region and account.
		"arn:aws:s3:us-east-1::b":                "",
		"arn:aws:s3::1:b":                        "",
		"arn:aws:s3:*:*:b":                       "bucket",
		"arn:aws:sqs:::q":                        "",
		"arn:aws:sqs:*:*:q":                      "queue",
		"arn:aws:sqs:us-east-1:1:*":              "queue",
		"arn:aws:iam:us-east-1:1:role/r":         "",
		"arn:aws:iam::aws:policy/ReadOnlyAccess": "policy",
		"arn:aws:ec2:us-east-1::image/ami-1":     "image",
		"arn:aws:ec2:us-east-1:1:image/ami-1":    "",
		"arn:aws:braket:::device/qpu/ionq/d":     "device",
		// Public ones, most of them AWS's own.
		"arn:aws:securityhub:us-east-1::product/aws/guardduty":                "product",
		"arn:aws:ssm:us-east-1::automation-definition/AWS-StopEC2Instance:1":  "automation-definition",
		"arn:aws:ssm:us-east-1::parameter/mine":                               "",
		"arn:aws:ssm:us-east-1::*":                                            "~automation-definition, ~parameter, ~document",
		"arn:aws:ssm:::document/AWS-RunShellScript":                           "",
		"arn:aws:sqs:us-east-1::q":                                            "",
		"arn:aws:lambda:us-east-1::function:f":                                "",
		"arn:aws:rds:us-east-1::*":                                            "",
		"arn:aws:bedrock:us-east-1::*":                                        "~foundation-model",
		"arn:aws:ssm:us-east-1::document/AWS-RunShellScript":                  "document",
		"arn:aws:ssm:*::parameter/aws/service/ami-amazon-linux/al2":           "parameter",
		"arn:aws:cloudformation:us-east-1::type/resource/AWS-S3-Bucket":       "type",
		"arn:aws:iam:::role/r":                                                "",
		"arn:aws:ssm:*::parameter/aws/*":                                      "parameter",
		"arn:aws:ssm:*::parameter/*":                                          "parameter",
		"arn:aws:ssm:*::document*":                                            "~document",
		"arn:aws:appconfig:us-west-2::extension/AWS.AppConfig.FeatureFlags/1": "extension",
		"arn:aws:appconfig:us-west-2::extension/mine/1":                       "",
		// Policy variables.
		"arn:aws:s3:::${aws:PrincipalTag/team}":                                                                     "bucket",
		"arn:aws:s3:::b-${aws:username}":                                                                            "bucket",
		"arn:aws:s3:::${aws:PrincipalTag/a}/${aws:PrincipalTag/b}/*":                                                "object",
		"arn:aws:sqs:us-east-1:1:${aws:username}":                                                                   "queue",
		"arn:aws:sqs:us-east-1:1:${aws:username, 'a*'}":                                                             "queue",
		"arn:aws:lambda:us-east-1:1:function:${aws:PrincipalTag/team}":                                              "function",
		"arn:aws:iam::*:user/${aws:username}":                                                                       "user",
		"arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}":                                                 "user",
		"arn:aws:secretsmanager:${aws:RequestedRegion}:${aws:PrincipalAccount}:secret:${aws:PrincipalTag/SecretId}": "Secret",
		"arn:aws:sagemaker:*:*:user-profile/${sagemaker:DomainId}/*":                                                "user-profile",
		"arn:aws:sqs:us-east-1:${aws:PrincipalTag/account, '111122223333'}:q":                                       "queue",
		// Partitions.
		"arn:aws-us-gov:bedrock:us-gov-west-1:1:guardrail/g": "guardrail",
		"arn:aws-cn:kms:cn-north-1:1:alias/a":                "alias",
		"arn:*:kms:*:*:key/*":                                "key",
		// Paths.
		"arn:aws:iam::1:role/a/b/r":                                   "role",
		"arn:aws:iam::1:role/*":                                       "role",
		"arn:aws:ecr:us-east-1:1:repository/team/app":                 "repository",
		"arn:aws:ssm:us-east-1:1:parameter/a/b/*":                     "parameter",
		"arn:aws:secretsmanager:us-east-1:1:secret:prod/db-AbCdEf":    "Secret",
		"arn:aws:logs:us-east-1:1:log-group:/aws/lambda/f":            "log-group",
		"arn:aws:logs:us-east-1:1:log-group:/aws/lambda/f:*":          "log-group",
		"arn:aws:logs:us-east-1:1:log-group:/a/f:log-stream:2026/1/2": "log-stream",
		// A resource in a resource is of the inner type only.
		"arn:aws:dynamodb:us-east-1:1:table/t":                             "table",
		"arn:aws:dynamodb:us-east-1:1:table/t/index/i":                     "index",
		"arn:aws:dynamodb:us-east-1:1:table/*/backup/*":                    "backup",
		"arn:aws-cn:rtbfabric:us-east-1:1:gateway/g/link/*/routing-rule/r": "LinkRoutingRule",
		"arn:aws:lambda:us-east-1:1:function:f":                            "function",
		"arn:aws:lambda:us-east-1:1:function:f:live":                       "function alias, function version",
		"arn:aws:organizations::1:ou/o-*/ou-1":                             "organizationalunit",
		"arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/l/1":    "loadbalancer/app/",
		"arn:aws:apigateway:us-east-1::/apis/a/stages/s":                   "Stage",
		"arn:aws:apigateway:us-east-1::/restapis/a/stages/s":               "Stage",
		"arn:aws:backup:us-east-1:1:framework:name-with-dashes-1":          "framework, recoveryPoint",
		"arn:aws:opsworks-cm::1:backup/server-2026":                        "backup",
		"arn:aws:health:us-east-1::event/EC2/code/id":                      "event",
		"arn:aws:cloudwatch::1:dashboard/d":                                "dashboard",
		"arn:aws:proton:us-east-1:1:environment-template/t:1.2":            "environment-template-minor-version, environment-template-version, environment-template-major-version",
		"arn:aws:ec2:us-east-1:1:instance/i-1":                             "instance",
		"arn:aws:ec2:us-east-1:1:Instance/i-1":                             "",
		"arn:aws:ec2:us-east-1:1:instance:i-1":                             "",
		"arn:aws:ec2:us-east-1:1:instance":                                 "",
		"arn:aws:ec2:us-east-1:1:instance/":                                "",
		// A "*" in the pattern.
		"arn:aws:dms:us-east-1:1:cert:abc":             "Certificate",
		"arn:aws:dms:us-east-1:1:cert:*":               "Certificate",
		"arn:aws:mobiletargeting:us-east-1:1:apps/a":   "app",
		"arn:aws:mobiletargeting:us-east-1:1:apps/*":   "app, apps",
		"arn:aws:mobiletargeting:us-east-1:1:apps/a/x": "app, apps",
		// Wildcards that reach over segments.
		"arn:aws:dynamodb:us-east-1:1:glob*": "",
		"arn:aws:dynamodb:us-east-1:1:tab*":  "~backup, ~export, ~import, ~stream, ~index, ~table",
		"arn:aws:kms:*:*:*":                  "~alias, ~key",
		"arn:aws:kms:*:*:?ey/k":              "~key",
	} {
		if got := ownNames(t, c, arn); got != want {
			t.Errorf("MatchARN(%s): %s, want %s", arn, got, want)
		}
	}
}

func TestMatchARNListsOtherServicesAfterItsOwn(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for arn, want := range map[string][]string{
		"arn:aws:iam::1:role/r":                   {"iam role", "ec2 role", "ssm iam-role", "sts role"},
		"arn:aws:iam::1:root":                     {"sts root-user"},
		"arn:aws:catalog:us-east-1:1:portfolio/p": {"servicecatalog Portfolio"},
		"arn:aws:nosuch:us-east-1:1:thing/a":      {},
		"arn:aws:nosuch:us-east-1:1:thing:a":      {"backup recoveryPoint"},
	} {
		if got := matchNames(t, c, arn); !slices.Equal(got, want) {
			t.Errorf("MatchARN(%s): %q, want %q", arn, got, want)
		}
	}
}

func TestMatchARNRefusesWhatIsNotAnARN(t *testing.T) {
	t.Parallel()
	if got, err := embedded(t).MatchARN("arn:aws:s3::bucket"); err == nil {
		t.Errorf("matches %v", got)
	}
}

// TestEveryPatternMatchesItsOwnType fills the placeholders of every pattern.
func TestEveryPatternMatchesItsOwnType(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	placeholder := regexp.MustCompile(`\$?\{[^}]*\}`)
	for id := range c.Services() {
		s := c.Service(catalog.ServiceID(id))
		for _, r := range c.ResourceTypes(s.ID) {
			for pattern := range strings.SplitSeq(r.ARN, ", ") {
				pattern = strings.NewReplacer("${Partition}", "aws-us-gov", "${Vendor}", "ec2").Replace(pattern)
				for _, fill := range []string{"my-id", "*", "a?c*"} {
					arn := placeholder.ReplaceAllString(pattern, fill)
					if got := matchNames(t, c, arn); !slices.Contains(got, s.Prefix+" "+r.Name) {
						t.Errorf("%s of %s: %s matches %q", r.Name, s.Prefix, arn, got)
					}
				}
			}
		}
	}
}

// TestMatchARNServesPolicySentryCases compares with the statements that
// policy_sentry makes for an ARN: each must be of a type that the ARN matches.
func TestMatchARNServesPolicySentryCases(t *testing.T) {
	t.Parallel()
	// Here policy_sentry takes parts of the resource for all of it: an object
	// for a job or an access grant, a gateway for a rule of its links; and a
	// function for an alias of it, whose pattern is another.
	differences := map[string]bool{
		"S3ListObject":                        true,
		"S3ReadObject":                        true,
		"S3PermissionsmanagementObject":       true,
		"RtbfabricTaggingInboundexternallink": true,
		"RtbfabricTaggingRequestergateway":    true,
		"LambdaPermissionsmanagementFunction": true,
	}
	f, err := os.Open("../../shared/oracle/write_policy_cases.jsonl")
	if err != nil {
		t.Skipf("the cases are not here: %v", err)
	}
	defer f.Close()
	c := embedded(t)
	cases := bufio.NewScanner(f)
	cases.Buffer(nil, 1<<20)
	compared := 0
	for cases.Scan() {
		var entry struct {
			Template map[string]any
			Policy   struct {
				Statement []struct {
					Sid      string
					Resource []string
				}
			}
		}
		if err := json.Unmarshal(cases.Bytes(), &entry); err != nil {
			t.Fatal(err)
		}
		for _, s := range entry.Policy.Statement {
			for _, arn := range s.Resource {
				if arn == "*" || strings.Contains(arn, "${") || s.Sid == "AssumeRole" || differences[s.Sid] {
					continue
				}
				compared++
				if !slices.ContainsFunc(matchNames(t, c, arn), func(name string) bool { return ends(s.Sid, name) }) {
					t.Errorf("%s: policy_sentry says %s, MatchARN %q", arn, s.Sid, matchNames(t, c, arn))
				}
			}
		}
	}
	if err := cases.Err(); err != nil || compared < 80 {
		t.Errorf("compared %d: %v", compared, err)
	}
}

// ends reports whether a Sid ends with the type of "service type", with
// everything but letters and digits left out.
func ends(sid, name string) bool {
	_, kind, _ := strings.Cut(name, " ")
	kind = regexp.MustCompile(`[^A-Za-z0-9]`).ReplaceAllString(kind, "")
	return strings.HasSuffix(strings.ToLower(sid), strings.ToLower(kind))
}

func FuzzMatchARN(f *testing.F) {
	c := embedded(f)
	for _, s := range []string{
		"arn:aws:s3:::b/k", "arn:aws:dynamodb:us-east-1:1:tab*", "arn:aws:iam::1:role/a/b", "arn:aws:logs:*:*:log-group:*:*",
		"arn:aws:apigateway:us-east-1::/apis/*", "arn:aws:backup:?:*:a-?*:b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		matches, err := c.MatchARN(s)
		if _, parseErr := catalog.ParseARN(s); (err == nil) != (parseErr == nil) {
			t.Fatalf("MatchARN(%q): %v, ParseARN: %v", s, err, parseErr)
		}
		for _, m := range matches {
			if c.ResourceTypes(m.Service)[m.Index].Name != m.Type || m.Specificity < 0 {
				t.Errorf("MatchARN(%q): %+v", s, m)
			}
			if m.Overlap && !strings.ContainsAny(s, "*?") {
				t.Errorf("MatchARN(%q): overlap without a wildcard: %+v", s, m)
			}
		}
	})
}
