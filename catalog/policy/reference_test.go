package policy_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// reference judges one action at a time by the words of the IAM User Guide
// ("Policy evaluation logic"), with no sets, no ids and no algebra of patterns:
// it tries a world of resources one by one. It is slow, and plain enough to be
// believed.
type reference struct {
	facts
	// types are the resource types of each resource in the world, as
	// "service type".
	types map[string][]string
	world []string
}

// newReference returns a reference with a world in which any two patterns that
// the tests draw differ by at least one resource if they differ at all.
func newReference(t testing.TB, f facts) reference {
	r := reference{facts: f, types: make(map[string][]string)}
	add := func(arn string) {
		matches, err := f.MatchARN(arn)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range matches {
			if !m.Overlap {
				r.types[arn] = append(r.types[arn], f.Service(m.Service).Prefix+" "+m.Type)
			}
		}
		r.world = append(r.world, arn)
	}
	for _, bucket := range []string{"a", "b", "ab", "ba", "abc", "accesspoint"} {
		add("arn:aws:s3:::" + bucket)
		for _, key := range []string{"x", "y", "xx", "d/x", "d/y"} {
			add("arn:aws:s3:::" + bucket + "/" + key)
		}
	}
	// One account more than any pattern names, so that all but those leave something.
	for _, account := range []string{"111122223333", "444455556666", "777788889999"} {
		for _, name := range []string{"app-1", "app-2", "app-x-admin", "y-admin", "other", "team/app-1", "team/y-admin", "team/z"} {
			add("arn:aws:iam::" + account + ":role/" + name)
			add("arn:aws:iam::" + account + ":user/" + name)
		}
		for _, region := range []string{"us-east-1", "us-west-2", "eu-west-1"} {
			for _, name := range []string{"q1", "q2", "r"} {
				add("arn:aws:sqs:" + region + ":" + account + ":" + name)
				add("arn:aws:lambda:" + region + ":" + account + ":function:" + name)
				add("arn:aws:lambda:" + region + ":" + account + ":function:" + name + ":live")
				add("arn:aws:lambda:" + region + ":" + account + ":function:" + name + ":q1")
				add("arn:aws:s3:" + region + ":" + account + ":accesspoint/" + name + "/object/k")
				add("arn:aws:s3:" + region + ":" + account + ":accesspoint/" + name)
			}
		}
	}
	return r
}

// drawn are the actions that the reference judges: of several types, of one,
// and of none.
func (r reference) drawn() []string {
	return []string{
		"s3:GetObject", "s3:PutObject", "s3:DeleteBucket", "s3:ListAllMyBuckets",
		"iam:PassRole", "iam:CreateAccessKey", "iam:ListUsers", "sts:AssumeRole", "sts:GetCallerIdentity",
		"sqs:SendMessage", "sqs:ListQueues", "xray:PutTraceSegments",
		"lambda:InvokeFunction", "lambda:UpdateFunctionCode",
	}
}

// resources are what requests for the action can name: the resources of its
// types, or "*" where it has none.
func (r reference) resources(action string) []string {
	id, _ := r.LookupAction(action)
	facts := r.Action(id)
	if len(facts.Resources) == 0 {
		return []string{"*"}
	}
	var out []string
	for _, arn := range r.world {
		if slices.ContainsFunc(facts.Resources, func(t catalog.ActionResource) bool {
			return slices.Contains(r.types[arn], facts.Service+" "+t.Type)
		}) {
			out = append(out, arn)
		}
	}
	return out
}

// actionNamed reports whether any of the patterns names the action. Action names
// have none of the characters that path.Match treats otherwise than IAM does.
func actionNamed(patterns []string, action string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if pattern == "*" || pattern == "*:*" {
			return true
		}
		prefix, name, _ := strings.Cut(strings.ToLower(pattern), ":")
		service, short, _ := strings.Cut(strings.ToLower(action), ":")
		if prefix != service {
			return false
		}
		ok, _ := path.Match(name, short)
		return ok
	})
}

// speaksOf reports whether a statement is about the action.
func speaksOf(s policy.Statement, action string) bool {
	return actionNamed(s.Actions, action) || len(s.NotActions) > 0 && !actionNamed(s.NotActions, action)
}

// fits reports whether a resource fits a pattern, part by part. A star at the end
// of a part goes over colons.
func fits(pattern, resource string) bool {
	if stars(pattern) || resource == "*" {
		return stars(pattern)
	}
	return fitsParts(strings.Split(pattern, ":"), strings.Split(resource, ":"))
}

// fitsParts tries as many parts of the resource as the first of the pattern can
// stand for. The last stands for all that are left, and so it is with the stars
// that IAM completes an ARN with.
func fitsParts(patterns, parts []string) bool {
	if len(patterns) == 1 {
		return fitsPart(patterns[0], strings.Join(parts, ":"))
	}
	for n := 1; n < len(parts); n++ {
		if fitsPart(patterns[0], strings.Join(parts[:n], ":")) && fitsParts(patterns[1:], parts[n:]) {
			return true
		}
		if !strings.HasSuffix(patterns[0], "*") {
			return false
		}
	}
	return false
}

// fitsPart tries everything that a "*" can stand for.
func fitsPart(pattern, resource string) bool {
	for i := range len(pattern) {
		switch {
		case pattern[i] == '*':
			for rest := resource; ; rest = rest[1:] {
				if fitsPart(pattern[i+1:], rest) {
					return true
				}
				if rest == "" {
					return false
				}
			}
		case resource == "" || pattern[i] != '?' && pattern[i] != resource[0]:
			return false
		}
		resource = resource[1:]
	}
	return resource == ""
}

// matches reports whether a statement is about the resource.
func matches(s policy.Statement, resource string) bool {
	match := func(pattern string) bool { return fits(pattern, resource) }
	if s.NotResources != nil {
		return !slices.ContainsFunc(s.NotResources, match)
	}
	return slices.ContainsFunc(s.Resources, match)
}

// applied says which statements of a list of documents allow and deny one
// request. What depends on conditions is told apart.
type applied struct{ allow, sureAllow, deny, sureDeny bool }

func (r reference) apply(who subject, docs []*policy.Document, action, resource string) applied {
	var out applied
	for _, doc := range docs {
		for _, s := range doc.Statements {
			if !speaksOf(s, action) || !matches(s, resource) {
				continue
			}
			switch s.Effect {
			case policy.Allow:
				out.allow, out.sureAllow = true, out.sureAllow || s.Conditions == nil
			case policy.Deny:
				word := who.meetsAll(s)
				out.deny, out.sureDeny = out.deny || word != "no", out.sureDeny || word == "yes"
			}
		}
	}
	return out
}

// subject is what a principal has, as the reference reads it.
type subject struct {
	account            string // "" where it is not known
	principal          string // an ARN, "" where it is not known
	identity, boundary []*policy.Document
	controls           [][]*policy.Document
}

// actsOn reports whether an action of the subject can be on a resource: what IAM
// changes is in the own account.
func (s subject) actsOn(action, resource string) bool {
	changes := action == "iam:PassRole" || action == "iam:CreateAccessKey"
	return s.account == "" || !changes || strings.Split(resource, ":")[4] == s.account
}

// layers are the lists of documents each of which must allow.
func (s subject) layers() [][]*policy.Document {
	layers := [][]*policy.Document{s.identity}
	if s.boundary != nil {
		layers = append(layers, s.boundary)
	}
	return append(layers, s.controls...)
}

// allowed decides one request: conditions of an Allow are taken to hold, those
// of a Deny not to, unless the principal decides them. It also says whether the request is allowed without any
// condition.
func (r reference) allowed(s subject, action, resource string) (allowed, sure bool) {
	allowed, sure = true, true
	for _, layer := range s.layers() {
		a := r.apply(s, layer, action, resource)
		allowed = allowed && a.allow
		sure = sure && a.sureAllow
		if a.sureDeny {
			return false, false
		}
	}
	return allowed, sure
}

// String returns the documents as JSON, a line each.
func (s subject) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s of %s", s.principal, s.account)
	for i, layer := range s.layers() {
		for _, doc := range layer {
			fmt.Fprintf(&out, "\nlayer %d: %s", i, doc.JSON(""))
		}
	}
	return out.String()
}
