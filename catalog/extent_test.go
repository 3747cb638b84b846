package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
)

// extentNames are the extents within the service of the ARN, with "=" before
// types that are covered whole and "==" before those covered in every account.
func extentNames(c *catalog.Catalog, service, pattern string) string {
	out := []string{}
	extents, _ := c.AppendExtents(nil, pattern)
	for _, e := range extents {
		s := c.TypeService(e.Type)
		if c.Service(s).Prefix != service {
			continue
		}
		first, _ := c.TypeRange(s)
		name := c.ResourceTypes(s)[e.Type-first].Name
		switch {
		case e.Every:
			name = "==" + name
		case e.Whole:
			name = "=" + name
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestExtents(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	tests := []struct{ service, pattern, want string }{
		{"s3", "arn:aws:s3:::b", "bucket"},
		{"s3", "arn:aws:s3:::b/*", "object"},
		{"s3", "arn:aws:s3:::b/k", "object"},
		{"s3", "arn:aws:s3:::b/a/k:1", "object"},
		{"s3", "arn:aws:s3:::b/a/*", "object"},
		{"s3", "arn:aws:s3:::b*", "bucket object"},
		{"s3", "arn:aws:s3:::*", "==bucket ==object"},
		{"s3", "arn:*:s3:::*", "==bucket ==object"},
		{"s3", "arn:aws:s3:::**", "==bucket ==object"},
		{"s3", "arn:aws:s3:::?*", "==bucket ==object"},
		{"s3", "arn:aws:s3:::*/*", "==object"},
		{"s3", "arn:aws:s3:::*/secret/*", "object"},
		{"s3", "arn:aws:s3:::\x00", "bucket object"},
		{"s3", "arn:aws:s3:::b/\x00/*", "object"},
		{"s3", "arn:aws:s3::123456789012:b", ""},
		{"s3", "arn:aws:s3:*:123456789012:job/*", "=job"},
		{"ssm", "arn:aws:ssm:us-east-1::document/*", "document"},
		{"ssm", "arn:aws:ssm:*::document*", "document"},
		{"ssm", "arn:aws:ssm:*::d?cument/*", "document"},
		{"ssm", "arn:aws:*:us-east-1::document/*", "document"},
		{"ssm", "arn:aws:ssm:*::*", "automation-definition document parameter"},
		{"ssm", "arn:aws:ssm:*::\x00/*", "automation-definition document parameter"},
		{"ssm", "arn:aws:ssm:*::parameter/mine", ""},
		{"ssm", "arn:aws:ssm:::document/*", ""},
		{"sqs", "arn:aws:sqs:us-east-1::q", ""},
		{"iam", "arn:aws:iam::*:role/*", "==role"},
		{"iam", "arn:aws:iam::123456789012:role/*", "=role"},
		{"iam", "arn:aws:iam::\x00:role/*", "=role"},
		{"iam", "arn:aws:iam::1234567890??:role/*", "role"},
		{"iam", "arn:aws:iam::*:role/app-*", "role"},
		{"iam", "arn:aws:iam::*:role/team/app", "role"},
		{"iam", "arn:aws:iam::*:role/team/*", "role"},
		{"iam", "arn:aws:iam::*:role", "role-template"}, // no other resource of IAM has a colon
		{"iam", "arn:aws:iam::123456789012:root", ""},
		{"sts", "arn:aws:iam::*:role/*", "==role"},
		{"sts", "arn:aws:iam::123456789012:root", "=root-user"},
		{"logs", "arn:aws:logs:*:*:log-group:app:*", "log-group log-stream"},
		{"logs", "arn:aws:logs:*:*:log-group:app", "log-group"},
		{"lambda", "arn:aws:lambda:*:*:function:f", "function"},
		{"lambda", "arn:aws:lambda:*:*:function:f:live", "function alias function version"},
		{"lambda", "arn:aws:lambda:*:function:f", "function"}, // the star goes on to the account
		{"lambda", "arn:aws:lambda:us-*:function:f", "function"},
		{"lambda", "arn:aws:lambda:*:function:*", "==durable execution ==function ==function alias ==function version"},
		{"lambda", "arn:aws:lambda:us-*-1:function:f", ""},
		{"lambda", "arn:aws:lambda:us-east-1:function:f", ""},
		{"sqs", "arn:aws:sqs:*:q", "queue"},
		{"sqs", "arn:aws:sqs:*:q?", "queue"},
		{"sqs", "arn:aws:sqs:*:123456789012", "=queue"}, // the account, as it stands
		{"sqs", "arn:aws:sqs:us-east-1:q", "queue"},     // whatever account that is
		{"s3", "arn:aws:s3:*:b", "bucket"},
		{"s3", "arn:aws:s3:*:b/a/k", "object"},
		{"rds", "arn:aws:rds:*:*:aurora", "auto-backup cluster cluster-auto-backup cluster-endpoint cluster-pg cluster-snapshot db deployment es global-cluster integration og pg proxy proxy-endpoint ri secgrp shardgrp snapshot snapshot-tenant-database subgrp target-group tenant-database"},
		{"iam", "arn:aws:iam:*:role/app", "role"},
		{"iam", "arn:aws:iam::aws:policy/ReadOnlyAccess", "policy"},
		{"lambda", "arn:aws:lambda:us-east-1:*:function:*", "durable execution function function alias function version"},
		{"lambda", "arn:aws:lambda:*:*:function:*", "==durable execution ==function ==function alias ==function version"},
		{"dynamodb", "arn:aws:dynamodb:*:*:table/t/index/*", "index"},
		{"sqs", "arn:aws:sqs:*:*:*", "==queue"},
		{"sqs", "arn:aws:sqs:*:123456789012:*", "=queue"},
		{"sqs", "arn:aws:sqs:*", "==queue"},
		{"sqs", "arn:aws:sqs", "==queue"},
		{"sqs", "arn:aws:*", "==queue"},
		{"sqs", "arn:aws:s?s:*:*:q", "queue"},
		{"sqs", "sqs:*", ""},
		{"sqs", "", ""},
		{"lex", "arn:aws:lex:*:*:bot/*", "=bot"}, // which has another pattern
		{"apigateway", "arn:aws:apigateway:*::/restapis/a/models", "Model Models"},
	}
	for _, test := range tests {
		got := extentNames(c, test.service, test.pattern)
		if test.service == "apigateway" { // it has many types that share segments
			if !strings.Contains(" "+got+" ", " Models ") {
				t.Errorf("%s: %s", test.pattern, got)
			}
			continue
		}
		if got != test.want {
			t.Errorf("%s of %s: %q, want %q", test.pattern, test.service, got, test.want)
		}
	}
}

func TestExtentsFollowWhatIsThere(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	dst, _ := c.AppendExtents(nil, "arn:aws:sqs:*:*:a")
	both, _ := c.AppendExtents(slices.Clone(dst), "arn:aws:sqs:*:*:*")
	if len(dst) != 1 || both[0] != dst[0] || both[1].Type != dst[0].Type || !both[1].Whole {
		t.Errorf("extents %v after %v", both, dst)
	}
}

// A pattern reaches the types that an ARN within it names.
func TestExtentsHoldWhatMatchARNFinds(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		arn := drawConcrete(t, c)
		runes := []byte(arn)
		at := rapid.IntRange(strings.LastIndexByte(arn, ':')+1, len(arn)-1).Draw(t, "at")
		end := rapid.IntRange(at, len(arn)).Draw(t, "end")
		pattern := string(runes[:at]) + "*" + string(runes[end:])
		extents, _ := c.AppendExtents(nil, pattern)
		matches, err := c.MatchARN(arn)
		if err != nil {
			t.Skip(err)
		}
		for _, m := range matches {
			first, _ := c.TypeRange(m.Service)
			found := slices.ContainsFunc(extents, func(e catalog.Extent) bool { return e.Type == first+catalog.TypeID(m.Index) })
			if !found && !m.Overlap {
				t.Fatalf("%s names %s %s, which %s does not reach", arn, c.Service(m.Service).Prefix, m.Type, pattern)
			}
		}
	})
}

// drawConcrete draws an ARN of some resource type.
func drawConcrete(t *rapid.T, c *catalog.Catalog) string {
	var types []catalog.ResourceType
	for len(types) == 0 {
		types = c.ResourceTypes(catalog.ServiceID(rapid.IntRange(0, c.Services()-1).Draw(t, "service")))
	}
	arn, _, _ := strings.Cut(rapid.SampledFrom(types).Draw(t, "type").ARN, ", ")
	arn = strings.Replace(arn, "${Partition}", "aws", 1)
	for name, value := range map[string]string{"${Region}": "us-east-1", "${Account}": "123456789012"} {
		arn = strings.ReplaceAll(arn, name, value)
	}
	for strings.Contains(arn, "${") {
		start := strings.Index(arn, "${")
		end := start + strings.IndexByte(arn[start:], '}') + 1
		arn = arn[:start] + rapid.StringMatching(`[a-z]{1,3}`).Draw(t, "value") + arn[end:]
	}
	return arn
}

func TestTypeActions(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for s := range catalog.ServiceID(c.Services()) {
		first, end := c.TypeRange(s)
		if int(end-first) != len(c.ResourceTypes(s)) {
			t.Fatalf("%s: %d types", c.Service(s).Prefix, end-first)
		}
		for typ := first; typ < end; typ++ {
			want, got := c.NewSet(), c.NewSet()
			c.AddByResourceType(want, s, int(typ-first))
			at, words := c.TypeActions(typ)
			for i, w := range words {
				got[at+i] |= w
			}
			if !got.Equal(want) || c.TypeService(typ) != s {
				t.Errorf("%s, type %d: %v", c.Service(s).Prefix, typ, c.Names(got))
			}
		}
	}
}

func FuzzExtents(f *testing.F) {
	c := embedded(f)
	for _, seed := range []string{"*", "arn:aws:s3:::b/*", "arn:aws:*", "arn:\x00:?*:*:*:a\x00*", "arn:aws:iam::1:role/" + strings.Repeat("a*", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		if len(pattern) > 2048 {
			return
		}
		extents, _ := c.AppendExtents(nil, pattern)
		for _, e := range extents {
			if e.Every && !e.Whole {
				t.Errorf("%q: extent %+v", pattern, e)
			}
		}
	})
}
