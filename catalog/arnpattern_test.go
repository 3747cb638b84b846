package catalog

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// texts are all texts of up to five of the letters that the property uses.
func texts() []string {
	out, last := []string{""}, []string{""}
	for range 5 {
		var next []string
		for _, s := range last {
			next = append(next, s+"a", s+"b", s+"/")
		}
		out, last = append(out, next...), next
	}
	return out
}

// plainPattern says whether a compiled pattern matches a text, by trying every
// length of a placeholder.
func plainPattern(pattern, s string) bool {
	if pattern == "" {
		return s == ""
	}
	if strings.HasPrefix(pattern, placeholder) {
		for n := 1; n <= len(s); n++ {
			if plainPattern(pattern[len(placeholder):], s[n:]) {
				return true
			}
		}
		return false
	}
	return s != "" && s[0] == pattern[0] && plainPattern(pattern[1:], s[1:])
}

func TestIntersectsFindsACommonText(t *testing.T) {
	t.Parallel()
	all := texts()
	rapid.Check(t, func(t *rapid.T) {
		pattern := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "/", placeholder}), 0, 3).Draw(t, "pattern"), "")
		resource := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "/", "*", "?"}), 0, 3).Draw(t, "resource"), "")
		want := false
		for _, s := range all {
			want = want || plainPattern(pattern, s) && glob.Match(resource, s)
		}
		if got := intersects(pattern, resource, true); got != want {
			t.Fatalf("intersects(%q, %q) = %v, want %v", pattern, resource, got, want)
		}
		if got, want := intersects(pattern, resource, false), plainPattern(pattern, resource); got != want {
			t.Fatalf("intersects(%q, literal %q) = %v, want %v", pattern, resource, got, want)
		}
		p := arnPattern{resource: pattern, plain: plainGlob(pattern)}
		if got, want := p.spans(resource, glob.HasWildcard(resource)), plainPattern(pattern, resource); got != want {
			t.Fatalf("%q spans %q: %v, want %v", pattern, resource, got, want)
		}
	})
}

func TestIntersectsTakesLongResources(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a/", 2000)
	if !intersects("role/"+placeholder, "role/"+long, false) || intersects("role/"+placeholder+"!", "role/"+long, false) {
		t.Error("a resource of 4,000 bytes is matched wrongly")
	}
}

func TestCompileResourceReplacesPlaceholders(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"role/${Name}":       "role/\x00\x01",
		"${A}-${B}":          "\x00\x01-\x00\x01",
		"b/${A}-{Date-Time}": "b/\x00\x01-\x00\x01",
		"cert:*":             "cert:\x02\x01",
		"${open":             "${open",
		"a$b}":               "a$b}",
		"\x00\x01x":          "x",
	} {
		if got := compileResource(in); got != want {
			t.Errorf("compileResource(%q) = %q, want %q", in, got, want)
		}
	}
}
