package policy_test

import (
	"path"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog/policy"
)

// The principals that are drawn: a user, a role, and any member of a group.
const (
	ann       = "arn:aws:iam::111122223333:user/team/ann"
	appRole   = "arn:aws:iam::111122223333:role/app-1"
	anyMember = "arn:aws:iam::111122223333:user/devs:member"
)

// drawPersonal draws a condition on who asks.
func drawPersonal(t *rapid.T) policy.Condition {
	values := map[string][]string{
		"aws:PrincipalArn":     {ann, "arn:aws:iam::*:user/*", "arn:aws:iam::111122223333:role/app-?", "arn:aws:iam::444455556666:*", "${aws:PrincipalTag/arn}"},
		"AWS:principalaccount": {"111122223333", "444455556666", "1111*"},
		"aws:PrincipalType":    {"User", "AssumedRole", "Account", "user"},
		"aws:username":         {"ann", "bob", "a*"},
	}
	key := rapid.SampledFrom([]string{"aws:PrincipalArn", "aws:PrincipalArn", "AWS:principalaccount", "aws:PrincipalType", "aws:username"}).Draw(t, "key")
	operator := rapid.SampledFrom([]string{
		"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "ArnLike", "ArnEquals", "ArnNotLike",
		"StringLikeIfExists", "StringNotLikeIfExists", "ForAnyValue:StringLike", "ForAnyValue:StringNotLike", "ForAllValues:StringLike",
		"ForAllValues:StringNotLike", "Null", "Bool",
	}).Draw(t, "operator")
	c := policy.Condition{Operator: operator, Key: key, Values: rapid.SliceOfN(rapid.SampledFrom(values[key]), 1, 2).Draw(t, "values")}
	if operator == "Null" || operator == "Bool" {
		c.Values = []string{rapid.SampledFrom([]string{"true", "false"}).Draw(t, "value")}
	}
	return c
}

// meetsAll says whether all conditions of a statement hold for whatever the
// subject asks: "yes", "no", or "" where that is not known.
func (s subject) meetsAll(statement policy.Statement) string {
	if statement.Conditions == nil && statement.Principals == nil && statement.NotPrincipals == nil {
		return "yes"
	}
	words := []string{}
	for _, c := range statement.Conditions {
		words = append(words, s.meets(c))
	}
	everyone := statement.Principals == nil && statement.NotPrincipals == nil
	switch {
	case slices.Contains(words, "no"):
		return "no"
	case slices.Contains(words, "") || len(words) == 0 || !everyone:
		return ""
	default:
		return "yes"
	}
}

// keys are the condition keys that all requests of the subject have, with their
// values; an empty one is of a key that no request has.
func (s subject) keys() map[string]string {
	keys := map[string]string{}
	if s.account != "" {
		keys["aws:principalaccount"] = s.account
	}
	switch s.principal {
	case ann:
		keys["aws:principalarn"], keys["aws:principaltype"], keys["aws:username"] = ann, "User", "ann"
	case appRole:
		keys["aws:principalarn"], keys["aws:principaltype"], keys["aws:username"] = appRole, "AssumedRole", ""
	case anyMember:
		keys["aws:principaltype"] = "User"
	}
	return keys
}

// meets is meetsAll for one condition, read word by word.
func (s subject) meets(c policy.Condition) string {
	value, known := s.keys()[strings.ToLower(c.Key)]
	if !known {
		return ""
	}
	word := map[bool]string{true: "yes", false: "no"}
	switch {
	case c.Operator == "Null":
		return word[(value == "") == (c.Values[0] == "true")]
	case value == "" && (strings.HasSuffix(c.Operator, "IfExists") || strings.HasPrefix(c.Operator, "ForAllValues")):
		return "yes"
	case value == "" && strings.HasPrefix(c.Operator, "ForAnyValue"):
		return "no"
	case value == "":
		return word[strings.Contains(c.Operator, "Not")]
	case c.Operator == "Bool" || strings.HasPrefix(c.Operator, "Arn") && !strings.HasPrefix(value, "arn:"):
		return ""
	}
	one, open := false, false
	for _, want := range c.Values {
		fits := want == value
		if strings.Contains(c.Operator, "IgnoreCase") {
			fits = strings.EqualFold(want, value)
		}
		if strings.Contains(c.Operator, "Like") || strings.HasPrefix(c.Operator, "Arn") {
			fits, _ = path.Match(strings.ReplaceAll(want, "/", "|"), strings.ReplaceAll(value, "/", "|"))
		}
		one, open = one || fits, open || strings.HasPrefix(want, "$")
	}
	if !one && open {
		return ""
	}
	return word[one != strings.Contains(c.Operator, "Not")]
}
