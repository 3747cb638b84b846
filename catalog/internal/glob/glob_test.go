package glob_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// plain matches by trying everything.
func plain(pattern, s string) bool {
	switch {
	case pattern == "":
		return s == ""
	case pattern[0] == '*':
		return plain(pattern[1:], s) || s != "" && plain(pattern, s[1:])
	case s == "":
		return false
	default:
		return (pattern[0] == '?' || pattern[0] == s[0]) && plain(pattern[1:], s[1:])
	}
}

// texts are all texts of up to four of the letters a and b.
func texts() []string {
	all := []string{""}
	for first := 0; len(all[first]) < 4; first++ {
		all = append(all, all[first]+"a", all[first]+"b")
	}
	return all
}

func drawPattern(t *rapid.T, name string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "?", "*"}), 0, 4).Draw(t, name), "")
}

func TestMatchTriesEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pattern := drawPattern(t, "pattern")
		for _, s := range texts() {
			if got, want := glob.Match(pattern, s), plain(pattern, s); got != want {
				t.Fatalf("%q matches %q: %v", pattern, s, got)
			}
		}
	})
}

func TestCoversIsSure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wide, narrow := drawPattern(t, "wide"), drawPattern(t, "narrow")
		covers := glob.Covers(wide, narrow)
		for _, s := range texts() {
			if covers && plain(narrow, s) && !plain(wide, s) {
				t.Fatalf("%q covers %q, but not %q", wide, narrow, s)
			}
		}
	})
}

func TestIntersectsFindsACommonText(t *testing.T) {
	t.Parallel()
	all := texts()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawPattern(t, "a"), drawPattern(t, "b")
		// Four letters are enough for what two patterns of that length share.
		want := false
		for _, s := range all {
			want = want || plain(a, s) && plain(b, s)
		}
		if got := glob.Intersects(a, b); got != want && (want || len(a)+len(b) <= 4) {
			t.Fatalf("%q and %q: %v", a, b, got)
		}
	})
}

func TestMeetIsWithinBoth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawPattern(t, "a"), drawPattern(t, "b")
		both, ok := glob.Meet(a, b)
		if ok != glob.Intersects(a, b) {
			t.Fatalf("%q and %q meet: %v", a, b, ok)
		}
		for _, s := range texts() {
			if ok && plain(both, s) && (!plain(a, s) || !plain(b, s)) {
				t.Fatalf("%q and %q meet in %q, which %q is in", a, b, both, s)
			}
		}
	})
}

func TestMeet(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ a, b, want string }{
		{"role/*", "role/new-*", "role/new-*"},
		{"role/a*", "role/*-admin", "role/a*-admin"},
		{"user/a*", "user/?", "user/a"},
		{"a?c", "?b?", "abc"},
		{"*-x-*", "a*", "a*-x-*"},
		{"*", "*", "*"},
	} {
		if got, ok := glob.Meet(tt.a, tt.b); !ok || got != tt.want {
			t.Errorf("%s and %s meet in %q, want %q", tt.a, tt.b, got, tt.want)
		}
	}
	if got, ok := glob.Meet("a*", "b*"); ok {
		t.Errorf("a* and b* meet in %q", got)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		wide, narrow string
		want         bool
	}{
		{"*", "arn:aws:s3:::*", true},
		{"**", "", true},
		{"arn:aws:s3:::*", "arn:aws:s3:::a/*", true},
		{"arn:aws:s3:::a/*", "arn:aws:s3:::*", false},
		{"arn:aws:s3:::*/b", "arn:aws:s3:::a/*/b", true},
		{"a?c", "abc", true},
		{"a?c", "a*c", false},
		{"a*c", "a?c", true},
		{"a?c", "a?c", true},
		{"abc", "a?c", false},
		{"a", "a*", false},
		{"a*", "a", true},
		{"user/*", "user/\x00", true},
		{"user/\x00", "user/\x00", false}, // two variables need not have one value
		{"user/?", "user/\x00", false},
		{"user/\x00", "user/a", false},
	}
	for _, test := range tests {
		if got := glob.Covers(test.wide, test.narrow); got != test.want {
			t.Errorf("%q covers %q: %v", test.wide, test.narrow, got)
		}
	}
}

func TestIntersects(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want bool
	}{
		{"a*", "*b", true},
		{"a*", "b*", false},
		{"ab", "a?", true},
		{"abc", "a?", false},
		{"a*c", "ab", false},
		{"", "*", true},
		{"", "?", false},
		{"user/\x00", "user/a", true},
		{"user/\x00", "role/a", false},
		{"arn:aws:s3:::a*/x", "arn:aws:s3:::*b/?", true},
		{strings.Repeat("a", 300) + "*", strings.Repeat("a", 299) + "?" + strings.Repeat("b", 300), true},
		{strings.Repeat("a", 300) + "c*", strings.Repeat("a", 299) + "?" + strings.Repeat("b", 300), false},
	}
	for _, test := range tests {
		if got := glob.Intersects(test.a, test.b); got != test.want {
			t.Errorf("%q and %q: %v", test.a, test.b, got)
		}
		if got := glob.Intersects(test.b, test.a); got != test.want {
			t.Errorf("%q and %q: %v", test.b, test.a, got)
		}
	}
}

func TestIsAll(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{"*": true, "***": true, "": false, "?*": false, "*a": false} {
		if got := glob.IsAll(pattern); got != want {
			t.Errorf("%q: %v", pattern, got)
		}
	}
}
