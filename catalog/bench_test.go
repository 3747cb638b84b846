package catalog_test

import (
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
)

// BenchmarkOpen is what a command pays once; the limit is 5 ms.
func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := catalog.Open(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAddMatches expands patterns; policy_sentry takes 6.9 ms for "*" the
// first time, and the limit for any is 50 µs. The last is the worst case: a
// pattern of the largest service that comes back to every "*" and fails.
func BenchmarkAddMatches(b *testing.B) {
	c := embedded(b)
	for _, pattern := range []string{"*", "s3:*", "s3:Get*", "s3:*Object*", "ec2:Describe*s", "s3:GetObject", "ec2:*e*e*e*e*e*q"} {
		b.Run(pattern, func(b *testing.B) {
			set := c.NewSet()
			b.ReportAllocs()
			for b.Loop() {
				c.AddMatches(set, pattern)
			}
		})
	}
}

func BenchmarkLookupAction(b *testing.B) {
	c := embedded(b)
	b.ReportAllocs()
	for b.Loop() {
		c.LookupAction("ec2:RunInstances")
	}
}

func BenchmarkMatchARN(b *testing.B) {
	c := embedded(b)
	for _, arn := range []string{
		"arn:aws:s3:::bucket/key", "arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0",
		"arn:aws:iam::123456789012:role/path/name", "arn:aws:ec2:*:*:*", "arn:aws:ec2:*:*:" + strings.Repeat("*e", 1000),
	} {
		b.Run(arn[:min(len(arn), 60)], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.MatchARN(arn); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAddByResourceType(b *testing.B) {
	c := embedded(b)
	ec2, _ := c.LookupService("ec2")
	set := c.NewSet()
	b.ReportAllocs()
	for b.Loop() {
		c.AddByResourceType(set, ec2.ID, 40)
	}
}

func BenchmarkSetUnionAndCountByLevel(b *testing.B) {
	c := embedded(b)
	x, y := c.NewSet(), c.NewSet()
	c.AddMatches(x, "s3:Get*")
	c.AddMatches(y, "ec2:*")
	b.ReportAllocs()
	for b.Loop() {
		x.Union(y)
		for s := range c.Services() {
			for l := range catalog.Level(catalog.LevelCount) {
				x.CountRange(c.LevelRange(catalog.ServiceID(s), l))
			}
		}
	}
}

// BenchmarkExtents finds what resource patterns reach, the second and the third
// of services with many types.
func BenchmarkExtents(b *testing.B) {
	c := embedded(b)
	for _, pattern := range []string{"arn:aws:s3:::bucket/*", "arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:*", "arn:aws:iam::123456789012:role/path/name"} {
		b.Run(pattern, func(b *testing.B) {
			var extents []catalog.Extent
			b.ReportAllocs()
			for b.Loop() {
				extents, _ = c.AppendExtents(extents[:0], pattern)
			}
		})
	}
}
