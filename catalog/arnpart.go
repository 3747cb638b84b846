package catalog

import (
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// arnPart is a region or an account in a pattern.
type arnPart struct {
	kind partKind
	text string // of a literal part
}

type partKind uint8

const (
	partEmpty   partKind = iota // must be absent
	partGiven                   // a placeholder: must be there
	partFree                    // "*": may be anything, and absent
	partLiteral                 // "aws" for example
)

func compilePart(text string) arnPart {
	switch {
	case text == "":
		return arnPart{kind: partEmpty}
	case text == "*":
		return arnPart{kind: partFree}
	case isPlaceholder(text):
		return arnPart{kind: partGiven}
	}
	return arnPart{kind: partLiteral, text: text}
}

// agreement says how a part of an ARN matches that of a pattern; more is better.
type agreement uint8

const (
	agreeNot     agreement = iota
	agreeLoosely           // the part can be what the pattern has, but does not say it
	agreeFully
)

// matches compares with a part of an ARN, whose wildcards may stand for it.
func (p *arnPart) matches(part string) agreement {
	switch p.kind {
	case partEmpty:
		if part == "" {
			return agreeFully
		}
		if glob.IsAll(part) {
			return agreeLoosely
		}
		return agreeNot
	case partGiven:
		if part == "" {
			return agreeNot
		}
		return agreeFully
	case partFree:
		return agreeFully
	}
	if part != p.text && !glob.Match(part, p.text) {
		return agreeNot
	}
	return agreeFully
}

// located compares the region and the account of an ARN with those of the pattern.
// One that can name public resources has no account where others have one.
func (p *arnPattern) located(region, account, resource string) agreement {
	if p.isPublic(region, account, resource) {
		return min(agreeLoosely, p.region.matches(region))
	}
	return min(p.region.matches(region), p.account.matches(account))
}

// isPublic reports whether an ARN has a region and no account, and can name public
// resources of the pattern, whose own ARNs have an account.
func (p *arnPattern) isPublic(region, account, resource string) bool {
	return p.public != "" && p.account.kind == partGiven && account == "" && region != "" && glob.Intersects(p.public, resource)
}

// publicResources returns what begins with a literal and is there for everyone under
// an ARN with a region and without an account, most of it AWS's own, as a pattern; ""
// where there is nothing.
//
//   - Documents and automations of Systems Manager: "The account ID shouldn't be
//     specified in the Amazon Resource Name (ARN) for AWS owned public documents"
//     (Systems Manager User Guide, "Setting up identity based policies examples").
//   - Its public parameters (the same, "Working with public parameters in Parameter Store").
//   - Public types of CloudFormation (AWS CLI, "cloudformation activate-type").
//   - Products of Security Hub ("AWS Security Finding Format", ProductArn).
//   - AWS authored extensions of AppConfig (AWS CLI, "appconfig list-extensions").
func publicResources(service, literal string) string {
	var known []string
	switch service {
	case "ssm":
		known = []string{"document/*", "automation-definition/*", "parameter/aws/service/*"}
	case "cloudformation":
		known = []string{"type/resource/*", "type/hook/*"}
	case "securityhub":
		known = []string{"product/*"}
	case "appconfig":
		known = []string{"extension/AWS.*"}
	}
	for _, pattern := range known {
		if literal != "" && strings.HasPrefix(pattern, literal) {
			return pattern
		}
	}
	return ""
}

// coveredBy reports whether a part of an ARN pattern stands for all that the
// part of a type can be.
func (p *arnPart) coveredBy(part string) bool {
	switch p.kind {
	case partEmpty:
		return part == "" || glob.IsAll(part)
	case partLiteral:
		return glob.Match(part, p.text)
	default:
		return glob.IsAll(part)
	}
}
