package risk

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
	"github.com/leastwise/leastwise/catalog/policy"
)

// assumes reports whether a statement of a trust policy is about taking the
// role, and not only about tagging the session or naming its source.
func assumes(s *policy.Statement) bool {
	if s.NotActions != nil {
		return true
	}
	return slices.ContainsFunc(s.Actions, func(action string) bool {
		action = strings.ToLower(action)
		return strings.HasPrefix(action, "sts:assumerole") || glob.Match(action, "sts:assumerole")
	})
}

// accountOf returns the account that a value of a condition names: an account
// id, or the account of an ARN; "" where it names none, or several.
func accountOf(value string) string {
	if parts := strings.SplitN(value, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		value = parts[4]
	}
	if len(value) != 12 || strings.Trim(value, "0123456789") != "" {
		return ""
	}
	return value
}

// audiences are the claims that say for whom an OpenID Connect provider made a
// token, by the name after the colon of their condition key: IAM User Guide,
// "Available keys for AWS web identity federation".
func audiences() []string { return []string{"aud", "app_id", "oaud", "azp"} }

// TrustClaims reports whether the conditions of a statement demand to know whom an
// identity provider vouches for, and whom its token is for. Neither is demanded of
// what is no identity provider.
func TrustClaims(t *policy.Trust, conditions []policy.Condition) (subject, audience bool) {
	switch {
	case t.Kind != policy.PrincipalFederated:
		return false, false
	case isSAML(t):
		return samlClaims(conditions)
	}
	provider := t.Value
	if _, name, ok := strings.Cut(t.Value, ":oidc-provider/"); ok {
		provider = name
	}
	return claims(provider, conditions)
}

func isSAML(t *policy.Trust) bool { return strings.Contains(t.Value, ":saml-provider/") }

// samlClaims is claims of a SAML provider: IAM User Guide, "Available keys for
// SAML-based AWS STS federation".
func samlClaims(conditions []policy.Condition) (subject, audience bool) {
	for i := range conditions {
		c := &conditions[i]
		if c.Grade() == policy.ConditionWeak {
			continue
		}
		switch key := strings.ToLower(c.Key); {
		case key == "saml:aud":
			audience = true
		case strings.HasPrefix(key, "saml:") && key != "saml:iss" && key != "saml:doc":
			subject = true
		}
	}
	return subject, audience
}

// claims reports whether conditions demand a subject and an audience of an
// OpenID Connect provider. Every claim of it that says neither for whom nor how
// somebody signed in counts as a subject: a repository is as good. Amazon Cognito
// gives out random subjects, so there how they signed in counts too.
func claims(provider string, conditions []policy.Condition) (subject, audience bool) {
	for i := range conditions {
		c := &conditions[i]
		at := strings.LastIndexByte(c.Key, ':')
		if at < 0 || !strings.EqualFold(c.Key[:at], provider) || c.Grade() == policy.ConditionWeak {
			continue
		}
		switch name := strings.ToLower(c.Key[at+1:]); {
		case slices.Contains(audiences(), name):
			audience = true
		case name == "amr":
			subject = subject || strings.HasPrefix(provider, "cognito-identity.")
		default:
			subject = subject || !slices.ContainsFunc(c.Values, anySubject)
		}
	}
	return subject, audience
}

// anySubject reports whether a subject's pattern says no more than what kind of
// thing it is: "*", or "repo:*".
func anySubject(pattern string) bool {
	i := strings.IndexAny(pattern, "*?")
	if i < 0 {
		return false
	}
	head := pattern[:i]
	return head == "" || strings.IndexByte(head, ':') == len(head)-1
}
