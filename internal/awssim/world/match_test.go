package world_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

func TestMatchFollowsIAMPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true},
		{"*", "iam:GetPolicy", true},
		{"", "", true},
		{"", "a", false},
		{"iam:Get*", "iam:GetPolicy", true},
		{"iam:get*", "iam:GetPolicy", true},
		{"iam:*Policy", "iam:GetPolicy", true},
		{"iam:*Policy", "iam:GetPolicyVersion", false},
		{"s3:*Object*", "s3:PutObjectAcl", true},
		{"sns:?ublish", "sns:Publish", true},
		{"sns:?ublish", "sns:ublish", false},
		{"a*b*c", "aXbYbZc", true},
		{"a*b*c", "aXcYb", false},
		{"**", "x", true},
		{"a?", "a", false},
	} {
		if got := world.Match(c.pattern, c.s); got != c.want {
			t.Errorf("Match(%q, %q) = %v", c.pattern, c.s, got)
		}
	}
}

func FuzzMatchAgreesWithARegularExpression(f *testing.F) {
	f.Add("iam:Get*", "iam:GetPolicy")
	f.Add("a*b?c*", "axxbyc")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if strings.ContainsFunc(pattern+s, func(r rune) bool { return r >= 0x80 }) {
			t.Skip("IAM's patterns are ASCII")
		}
		quoted := regexp.QuoteMeta(pattern)
		quoted = strings.ReplaceAll(strings.ReplaceAll(quoted, `\*`, `.*`), `\?`, `.`)
		want := regexp.MustCompile(`(?is)^` + quoted + `$`).MatchString(s)
		if got := world.Match(pattern, s); got != want {
			t.Errorf("Match(%q, %q) = %v", pattern, s, got)
		}
	})
}
