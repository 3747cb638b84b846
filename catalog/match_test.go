package catalog_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
)

// plainMatches is the definition of an action pattern, slow and plain.
func plainMatches(c *catalog.Catalog, pattern string) catalog.Set {
	set := c.NewSet()
	prefix, name, ok := strings.Cut(pattern, ":")
	all := pattern == "*" || ok && prefix == "*" && name != "" && strings.Trim(name, "*") == ""
	if !all && strings.ContainsAny(prefix, "*?") {
		return set
	}
	for a := range catalog.ActionID(c.Len()) {
		service, action, _ := strings.Cut(asciiLower(c.FullName(a)), ":")
		if all || ok && service == asciiLower(prefix) && plainGlob(asciiLower(name), action) {
			set.Add(a)
		}
	}
	return set
}

func asciiLower(s string) string {
	b := []byte(s)
	for i, ch := range b {
		if 'A' <= ch && ch <= 'Z' {
			b[i] = ch + 'a' - 'A'
		}
	}
	return string(b)
}

// plainGlob fills the table of which head of the pattern matches which head of s.
func plainGlob(pattern, s string) bool {
	heads := make([][]bool, len(pattern)+1)
	for p := range heads {
		heads[p] = make([]bool, len(s)+1)
		for i := range heads[p] {
			switch {
			case p == 0:
				heads[p][i] = i == 0
			case pattern[p-1] == '*':
				heads[p][i] = heads[p-1][i] || i > 0 && heads[p][i-1]
			default:
				heads[p][i] = i > 0 && heads[p-1][i-1] && (pattern[p-1] == '?' || pattern[p-1] == s[i-1])
			}
		}
	}
	return heads[len(pattern)][len(s)]
}

// drawPattern makes patterns that are near real names: a name with letters
// changed, and parts replaced by wildcards.
func drawPattern(t *rapid.T, c *catalog.Catalog) string {
	a := catalog.ActionID(rapid.IntRange(0, c.Len()-1).Draw(t, "action"))
	pattern := []byte(c.FullName(a))
	for range rapid.IntRange(0, 5).Draw(t, "edits") {
		i := rapid.IntRange(0, len(pattern)-1).Draw(t, "at")
		width := rapid.IntRange(0, min(6, len(pattern)-i)).Draw(t, "width")
		with := rapid.SampledFrom([]string{"*", "?", "**", "*?", "??", "", "e", "T", ":"}).Draw(t, "with")
		pattern = []byte(string(pattern[:i]) + with + string(pattern[i+width:]))
		if len(pattern) == 0 {
			break
		}
	}
	return rapid.SampledFrom([]func(string) string{strings.ToLower, strings.ToUpper, strings.Clone}).Draw(t, "case")(string(pattern))
}

func TestAddMatchesEqualsThePlainDefinition(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		pattern := drawPattern(t, c)
		want, got := plainMatches(c, pattern), c.NewSet()
		n := c.AddMatches(got, pattern)
		if !got.Equal(want) || n != want.Count() {
			t.Fatalf("AddMatches(%q) = %d, want %d", pattern, n, want.Count())
		}
	})
}

func TestAddMatchesOfPatternsWithMeaning(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, pattern := range []string{
		"*", "*:*", "*:**", "**", "***", ":", "", "*:", ":*", "s3", "s3:", "s3:*", "S3:**", "s3:?*", "s3:*Object*", "s3:Get*", "s3:*t",
		"S3:get?bject", "s3:?etObjec?", "s3:GetObject", "s3:Get", "s*:GetObject", "?3:GetObject", "*:GetObject", "*:Get*",
		"nosuch:*", "ec2:*a*e*i*", "ec2:Describe*s", "iam:*?*?*?*", "s3:Get*:*", "aws-marketplace:*", "execute-api:Inv*",
		"s3:" + strings.Repeat("*", 300), "s3:" + strings.Repeat("?", 300), "s3:\xff*", "s3:İ*",
	} {
		want, got := plainMatches(c, pattern), c.NewSet()
		if n := c.AddMatches(got, pattern); !got.Equal(want) || n != want.Count() {
			t.Errorf("AddMatches(%q) = %d, want %d", pattern, n, want.Count())
		}
	}
}

func TestAddMatchesCountsWhatWasThereAlready(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	set := c.NewSet()
	first := c.AddMatches(set, "s3:Get*")
	if again := c.AddMatches(set, "s3:Get*"); again != first || set.Count() != first || first == 0 {
		t.Errorf("first %d, again %d, in the set %d", first, again, set.Count())
	}
}

func FuzzAddMatches(f *testing.F) {
	c := embedded(f)
	for _, s := range []string{"*", "s3:*Object*", "EC2:Run?nstances", "*:*", "s3:Get*:*", "iam:\x80*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		got := c.NewSet()
		n := c.AddMatches(got, pattern)
		if n != got.Count() {
			t.Errorf("AddMatches(%q) = %d, and added %d", pattern, n, got.Count())
		}
		if len(pattern) < 200 && !got.Equal(plainMatches(c, pattern)) {
			t.Errorf("AddMatches(%q) is not what the plain definition gives", pattern)
		}
	})
}
