package report

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/leastwise/leastwise/catalog/risk"
)

// Printable keeps what a name may hold, control characters and marks that turn
// the direction of writing among them, from steering a terminal.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

// headline writes a name with hyphens as the title of a column.
func headline(name string) string {
	words := strings.Split(name, "-")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// sentenceCase writes a name with hyphens as the beginning of a sentence.
func sentenceCase(name string) string {
	name = strings.ReplaceAll(name, "-", " ")
	if name == "" {
		return ""
	}
	if rest, ok := strings.CutPrefix(name, "iam "); ok {
		return "IAM " + rest
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// title is a finding's title; a rule without one has its id.
func title(f *risk.Finding) string {
	if f.Title != "" {
		return f.Title
	}
	return sentenceCase(f.Rule)
}

func actionCount(f *risk.Finding) int { return max(f.ActionCount, len(f.Actions)) }

// place says where a piece of evidence is.
func place(e *risk.Evidence) string {
	if e.Note != "" && e.Effect == "" {
		return e.Note // it is no statement
	}
	var b strings.Builder
	b.WriteString(policyName(e.Policy))
	if b.Len() == 0 {
		b.WriteString(e.Source)
	}
	fmt.Fprintf(&b, " statement %d", e.Statement)
	if e.SID != "" {
		fmt.Fprintf(&b, " (%s)", e.SID)
	}
	if e.Group != "" {
		fmt.Fprintf(&b, " of group %s", e.Group)
	}
	return b.String()
}

func places(evidence []risk.Evidence) []string {
	out := make([]string, len(evidence))
	for i := range evidence {
		out[i] = place(&evidence[i])
	}
	return out
}

// who is an entity, and what tells apart the findings of one rule on it.
func who(f *risk.Finding) string {
	return strings.TrimSpace(f.Entity.Kind + " " + entityName(&f.Entity) + " " + discriminator(f))
}

func entityName(e *risk.Entity) string {
	switch {
	case e.Name != "":
		return e.Name
	case e.ARN != "":
		return policyName(e.ARN)
	}
	return e.Account
}

// hashLength is the length of a document's hash, of which shownHash say enough.
const hashLength, shownHash = 64, 12

func discriminator(f *risk.Finding) string {
	if len(f.Discriminator) == hashLength && strings.Trim(f.Discriminator, "0123456789abcdef") == "" {
		return f.Discriminator[:shownHash]
	}
	return f.Discriminator
}

// policyName is the last part of a policy's ARN; a name is itself.
func policyName(arn string) string {
	if strings.HasPrefix(arn, "arn:") {
		return arn[strings.LastIndexAny(arn, "/:")+1:]
	}
	return arn
}

// accountLength is the number of digits of an account id.
const accountLength = 12

// principalName is how a path calls a principal: kind and name of one of IAM's,
// and what is written for any other.
func principalName(arn string) (kind, name string) {
	if len(arn) == accountLength && strings.Trim(arn, "0123456789") == "" {
		return KindAccount, arn
	}
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return "", arn
	}
	kind, rest, ok := strings.Cut(parts[5], "/")
	switch {
	case parts[5] == "root":
		return KindAccount, parts[4]
	case !ok:
		return "", arn
	}
	return kind, rest[strings.LastIndexByte(rest, '/')+1:]
}
