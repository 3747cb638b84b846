package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// audienceClaims are the claims that say for whom an OpenID Connect provider made
// a token, by the name after the colon of their condition key (IAM User Guide,
// "Available keys for AWS web identity federation").
func audienceClaims() []string { return []string{"aud", "app_id", "oaud", "azp"} }

// pinnedClaims reports whether conditions demand a subject and an audience of an
// identity provider, so that not everyone whom it vouches for is let in.
//
// Of an OpenID Connect provider every claim that says neither for whom nor how
// somebody signed in counts as a subject: a repository is as good. Amazon Cognito
// gives out random subjects, so there how they signed in counts too. Of a SAML
// provider every key does but those that say who made the assertion (IAM User
// Guide, "Available keys for SAML-based AWS STS federation").
func pinnedClaims(p Principal, conditions []Condition) (subject, audience bool) {
	provider := p.Value
	switch p.Trusted() {
	case TrustedSAML:
		provider = "saml"
	case TrustedOIDC:
		if _, name, ok := strings.Cut(provider, ":oidc-provider/"); ok {
			provider = name
		}
	default:
		return false, false
	}
	for _, c := range conditions {
		at := strings.LastIndexByte(c.Key, ':')
		if at < 0 || !strings.EqualFold(c.Key[:at], provider) || c.Grade() == ConditionWeak {
			continue
		}
		switch name := strings.ToLower(c.Key[at+1:]); {
		case slices.Contains(audienceClaims(), name):
			audience = true
		case provider == "saml" && (name == "iss" || name == "doc"):
		case name == "amr":
			subject = subject || strings.HasPrefix(provider, "cognito-identity.") && !slices.ContainsFunc(c.Values, anyGuest)
		default:
			subject = subject || !slices.ContainsFunc(c.Values, anySubject)
		}
	}
	return subject, audience
}

// anyGuest reports whether a value for how somebody signed in to Amazon Cognito
// fits those who did not.
func anyGuest(pattern string) bool { return glob.Match(pattern, "unauthenticated") }

// anySubject reports whether a subject's pattern says no more than what kind of
// thing it is: "*", "repo:*", or "system:serviceaccount:*" of Kubernetes. Of GitHub
// and GitLab it must name the whole of an owner: others can have a name that
// begins as "repo:acme*" does.
func anySubject(pattern string) bool {
	i := glob.IndexWildcard(pattern)
	if i < 0 {
		return false
	}
	head := pattern[:i]
	if namespace, ok := strings.CutPrefix(head, "system:serviceaccount:"); ok {
		return namespace == ""
	}
	switch kind, owner, _ := strings.Cut(head, ":"); kind {
	case "repo", "project_path":
		return !strings.Contains(owner, "/")
	default:
		return head == "" || strings.IndexByte(head, ':') == len(head)-1
	}
}
