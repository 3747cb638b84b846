package catalog_test

import (
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
)

func TestParseARNSplitsIntoParts(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]catalog.ARN{
		"arn:aws:s3:::bucket/a b":                                      {Partition: "aws", Service: "s3", Resource: "bucket/a b"},
		"arn:aws-us-gov:iam::123456789012:role/":                       {Partition: "aws-us-gov", Service: "iam", Account: "123456789012", Resource: "role/"},
		"arn:aws-cn:logs:*:*:log-group:x:*":                            {Partition: "aws-cn", Service: "logs", Region: "*", Account: "*", Resource: "log-group:x:*"},
		"arn:aws:sqs:${aws:RequestedRegion}:${aws:PrincipalAccount}:q": {Partition: "aws", Service: "sqs", Region: "${aws:RequestedRegion}", Account: "${aws:PrincipalAccount}", Resource: "q"},
		"arn:*:sqs:eu-west-1:1:*":                                      {Partition: "*", Service: "sqs", Region: "eu-west-1", Account: "1", Resource: "*"},
		"arn:aws-iso-b:rds-db:r:1:dbuser:é/${x}":                       {Partition: "aws-iso-b", Service: "rds-db", Region: "r", Account: "1", Resource: "dbuser:é/${x}"},
	} {
		if got, err := catalog.ParseARN(s); err != nil || got != want {
			t.Errorf("ParseARN(%q) = %+v, %v", s, got, err)
		}
	}
}

func TestParseARNSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                                  "want \"arn:",
		"*":                                 "want \"arn:",
		"s3:::bucket":                       "want \"arn:",
		"arn":                               "want \"arn:",
		"arn:aws:s3":                        "want \"arn:",
		"arn:aws:s3::bucket":                "want \"arn:",
		"Arn:aws:s3:::bucket":               "want \"arn:",
		" arn:aws:s3:::bucket":              "want \"arn:",
		"arn::s3:::bucket":                  "partition",
		"arn:azure:s3:::bucket":             "partition",
		"arn:awsx:s3:::bucket":              "partition",
		"arn:aws::us-east-1:1:bucket":       "service is empty",
		"arn:aws:*:us-east-1:1:bucket":      "wildcard",
		"arn:aws:s?:us-east-1:1:b":          "wildcard",
		"arn:aws:s3:::":                     "resource is empty",
		"arn:aws:s3:::  ":                   "resource is empty",
		"arn:aws:s3:us east:1:b":            "space",
		"arn:aws:s3:::bucket\n":             "space",
		"arn:aws:s3:::buc\x00ket":           "space",
		"arn:aws:s3:\t:1:bucket":            "space",
		"arn:aws:s3 :::bucket":              "space",
		"arn:aws:iam::123456789012:x\u0007": "space",
		"arn:aws:s3:::${aws:username":       "policy variable without its }",
		"arn:aws:s3:::${a}/b${":             "policy variable without its }",
		"arn:aws:s3:::" + strings.Repeat("a", 2048): "longer than 2048",
	} {
		got, err := catalog.ParseARN(s)
		if err == nil {
			t.Errorf("ParseARN(%q) = %+v", s, got)
			continue
		}
		if !strings.HasPrefix(err.Error(), "parse ARN ") || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseARN(%q): %v; want it to say %q", s, err, want)
		}
	}
}
