package catalog

import (
	"errors"
	"fmt"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// ARN is an Amazon Resource Name as it stands in a policy: its parts may hold
// "*" and "?". See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// The reasons why a text is not an ARN.
var (
	errNotARN       = errors.New(`want "arn:partition:service:region:account:resource"`)
	errPartition    = errors.New(`the partition must be "aws" or begin with "aws-"`)
	errNoService    = errors.New("the service is empty")
	errWildService  = errors.New("the service must not hold a wildcard")
	errNoResource   = errors.New("the resource is empty")
	errVariable     = errors.New("it has a policy variable without its }")
	errARNCharacter = errors.New("it holds a space or a control character")
	errARNLength    = fmt.Errorf("it is longer than %d characters", maxARN)
)

// maxARN is the longest ARN that IAM takes, in bytes
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html).
const maxARN = 2048

// ParseARN splits an ARN into its parts. It refuses what IAM refuses in a
// policy's Resource element: more than 2,048 bytes, missing parts, a partition that AWS does not have,
// an empty service or one with a wildcard, and white space around or in the
// parts before the resource; and a policy variable without its "}", of which IAM
// Access Analyzer warns ("Missing brace in variable").
func ParseARN(s string) (ARN, error) {
	if len(s) > maxARN {
		return ARN{}, fmt.Errorf("parse ARN %q...: %w", s[:40], errARNLength)
	}
	a, err := splitARN(s)
	if err != nil {
		return ARN{}, fmt.Errorf("parse ARN %q: %w", s, err)
	}
	return a, nil
}

// variable stands for a policy variable where ARNs are compared: text that no type's
// pattern has.
const variable = '$'

// withoutVariables returns a resource with one byte in the place of each policy
// variable. What a variable stands for is not known, but that it is the principal's
// or the request's own: a name, an id, the value of a tag, and no path with a type
// in it. (IAM User Guide, "IAM policy elements: Variables and tags".)
func withoutVariables(resource string) string {
	if !strings.Contains(resource, "${") {
		return resource
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(resource, "${")
		_, behind, closed := strings.Cut(rest, "}")
		if !found || !closed {
			break
		}
		out.WriteString(before)
		out.WriteByte(variable)
		resource = behind
	}
	out.WriteString(resource)
	return out.String()
}

// isOpen reports whether the last policy variable of an ARN has no end.
func isOpen(s string) bool {
	last := strings.LastIndex(s, "${")
	return last >= 0 && strings.IndexByte(s[last:], '}') < 0
}

// cutPart is strings.Cut at the first colon that is in no policy variable.
func cutPart(s string) (part, rest string, ok bool) {
	for at := 0; at < len(s); at++ {
		switch {
		case s[at] == ':':
			return s[:at], s[at+1:], true
		case strings.HasPrefix(s[at:], "${"):
			at += max(0, strings.IndexByte(s[at:], '}'))
		}
	}
	return s, "", false
}

func splitARN(s string) (ARN, error) {
	head, rest, ok := strings.Cut(s, ":")
	if !ok || head != "arn" {
		return ARN{}, errNotARN
	}
	var a ARN
	plain := isPlain(s)
	for _, part := range []*string{&a.Partition, &a.Service, &a.Region, &a.Account} {
		*part, rest, ok = cutPart(rest)
		if !ok {
			return ARN{}, errNotARN
		}
		if !plain && strings.ContainsFunc(withoutVariables(*part), isSpaceOrControl) {
			return ARN{}, errARNCharacter
		}
	}
	a.Resource = rest
	switch {
	case a.Partition != "aws" && a.Partition != "*" && !strings.HasPrefix(a.Partition, "aws-"):
		return ARN{}, errPartition
	case a.Service == "":
		return ARN{}, errNoService
	case glob.HasWildcard(a.Service):
		return ARN{}, errWildService
	case a.Resource == "":
		return ARN{}, errNoResource
	case isOpen(s):
		return ARN{}, errVariable
	case plain:
		return a, nil
	case strings.TrimSpace(a.Resource) == "":
		return ARN{}, errNoResource
	case strings.TrimSpace(a.Resource) != a.Resource || strings.ContainsFunc(a.Resource, isControl):
		return ARN{}, errARNCharacter
	}
	return a, nil
}

// isPlain reports whether s is of ASCII's letters, digits and marks alone, without a
// space: nearly all ARNs are.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func isSpaceOrControl(r rune) bool { return r == ' ' || isControl(r) }
