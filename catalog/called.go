package catalog

import "strings"

// farCall is the distance of what does not call a service.
const farCall = 4

// callDistance says how well s, in the form of letters, calls a service: 0 as its
// name or with the initials of that, 1 with the beginning or the end of its prefix,
// 2 with those of its name, 3 with any part of them, else farCall. Two letters call
// nothing.
func callDistance(s, prefix, title string) int {
	if len(s) < 3 {
		return farCall
	}
	name := title
	for _, vendor := range []string{"AWS ", "Amazon "} {
		name = strings.TrimPrefix(name, vendor)
	}
	short := initials(name)
	prefix, name, title = letters(prefix), letters(name), letters(title)
	switch {
	case s == name || s == title || s == short:
		return 0
	case strings.HasPrefix(prefix, s) || strings.HasSuffix(prefix, s):
		return 1
	case strings.HasPrefix(name, s) || strings.HasSuffix(name, s) || strings.HasPrefix(short, s):
		return 2
	case strings.Contains(prefix, s) || strings.Contains(name, s):
		return 3
	default:
		return farCall
	}
}

// initials returns the first letters of words, in lower case.
func initials(words string) string {
	var first strings.Builder
	for word := range strings.FieldsSeq(words) {
		first.WriteByte(lower(word[0]))
	}
	return first.String()
}

// letters returns the letters and digits of s in lower case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		default:
			return -1
		}
	}, s)
}
