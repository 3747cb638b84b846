package glob_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

func TestNormalizeARN(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"arn:aws:s3:::a":                 "arn:aws:s3:::a",
		"arn:aws:logs:*:*:log-group:a:*": "arn:aws:logs:*:*:log-group:a:*",
		"arn:aws:s3:*":                   "arn:aws:s3:*:*:*",
		"arn:*":                          "arn:*:*:*:*:*",
		"arn:aws:sqs":                    "arn:aws:sqs:*:*:*",
		"arn:aws:iam::1":                 "arn:aws:iam::1:*",
		"arn":                            "",
		"*":                              "",
		"s3:::a*":                        "",
		"":                               "",
	} {
		got, ok := glob.NormalizeARN(pattern)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", pattern, got, ok)
		}
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"arn:aws:lambda:*:function:f":        "arn:aws:lambda:*:*:function:f 3",
		"arn:aws:lambda:us-*:function:f":     "arn:aws:lambda:us-*:*:function:f 3",
		"arn:aws:sqs:*:q":                    "arn:aws:sqs:*:*:q 3",
		"arn:aws:rds:*:*:db":                 "arn:aws:rds:*:*:*:db 4",
		"arn:aws:rds:us-east-1:1*:db":        "arn:aws:rds:us-east-1:1*:*:db 4",
		"arn:aws:sqs:*:*":                    "arn:aws:sqs:*:*:* 3",
		"arn:aws:sqs:*":                      "", // NormalizeARN completes it
		"arn:aws:lambda:*-1:function:f":      "", // the star does not end the part
		"arn:*:lambda:us-east-1:1:function":  "",
		"arn:aws:logs:us-east-1:1:a*:stream": "", // this one goes over colons as it is
		"arn:aws:s3:::*":                     "",
		"arn:::::*":                          "",
		"*":                                  "",
		"":                                   "",
	} {
		got, part := glob.Spread(pattern)
		if part > 0 {
			got = fmt.Sprint(got, " ", part)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
}

func TestARNsAreComparedPartByPart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		wide, narrow              string
		match, covers, intersects bool
	}{
		{"arn:aws:s3:::a/*", "arn:aws:s3:::a/b:c", true, true, true},
		{"arn:*:s3:::a", "arn:aws-cn:s3:::a", true, true, true},
		{"arn:aws:s3:*:*:*", "arn:aws:s3:::a", true, true, true},
		{"arn:aws:s3:*:*:accesspoint/*", "arn:aws:s3:::a/b:accesspoint/c", false, false, false},
		{"arn:aws:lambda:*:function:f", "arn:aws:lambda:us-east-1:1:function:f", false, false, false},
		{"arn:aws:iam::1:role/a*", "arn:aws:iam::*:role/*b", false, false, true},
		{"arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a*", true, true, true},
		{"arn:aws:iam::1:role/?", "arn:aws:iam::1:role/a", true, true, true},
		{"arn:aws:iam::1:role/a", "arn:aws:iam::2:role/a", false, false, false},
		{"arn:aws:iam::1:user/\x00", "arn:aws:iam::1:user/a", false, false, true},
		{"", "arn:aws:iam::1:role/a", false, false, false},
	}
	for _, test := range tests {
		if got := glob.MatchARN(test.wide, test.narrow); got != test.match {
			t.Errorf("%q matches %q: %v", test.wide, test.narrow, got)
		}
		if got := glob.CoversARN(test.wide, test.narrow); got != test.covers {
			t.Errorf("%q covers %q: %v", test.wide, test.narrow, got)
		}
		if got := glob.IntersectsARN(test.narrow, test.wide); got != test.intersects {
			t.Errorf("%q and %q: %v", test.wide, test.narrow, got)
		}
	}
}

func TestNarrowARN(t *testing.T) {
	t.Parallel()
	tests := []struct{ pattern, by, want string }{
		{"arn:aws:s3:::*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/*"},
		{"arn:aws:s3:::a/*", "arn:aws:s3:::*", "arn:aws:s3:::a/*"},
		{"arn:aws:s3:::*", "arn:aws:s3:*:*:accesspoint/*", "arn:aws:s3:::accesspoint/*"},
		{"arn:aws:s3:*:*:accesspoint/*", "arn:aws:s3:::*", "arn:aws:s3:::accesspoint/*"},
		{"arn:aws:sqs:us-*:*:q?", "arn:aws:sqs:*:1:q1:*", "arn:aws:sqs:us-*:1:q?"},
		{"arn:aws:iam::*:role/a*", "arn:aws:iam::1:role/*b", "arn:aws:iam::1:role/a*"},
		{"arn:aws:iam::*:user/\x00", "arn:aws:iam::1:user/\x00", "arn:aws:iam::1:user/\x00"},
		{"arn:aws:s3:::a", "", "arn:aws:s3:::a"},
		{"", "arn:aws:s3:::a", ""},
	}
	for _, test := range tests {
		if got := glob.NarrowARN(test.pattern, test.by); got != test.want {
			t.Errorf("%q by %q: %q, want %q", test.pattern, test.by, got, test.want)
		}
	}
}

// What both match stays, and nothing new comes in.
func TestNarrowARNHoldsWhatBothMatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) string {
			return "arn:aws:s:" + drawPattern(t, name+" region") + "::" + drawPattern(t, name+" resource")
		}
		pattern, by := draw("pattern"), draw("by")
		narrow := glob.NarrowARN(pattern, by)
		for _, region := range texts() {
			for _, resource := range texts() {
				arn := "arn:aws:s:" + region + "::" + resource
				within, both := glob.MatchARN(narrow, arn), glob.MatchARN(pattern, arn) && glob.MatchARN(by, arn)
				if both && !within || within && !glob.MatchARN(pattern, arn) {
					t.Fatalf("%q by %q is %q, of which %q is %v", pattern, by, narrow, arn, within)
				}
			}
		}
	})
}
