package risk

import (
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// compiled is a set of rules in the form in which they are matched: words of
// bit sets, so that a rule that does not hold costs a few nanoseconds.
type compiled struct {
	combinations []combination
	lists        []list
	wildcards    []int // the rules with CheckServiceWildcard
	admins       []list
	passRole     catalog.ActionID
	tags         [][]tagWord // by catalog.ServiceID
}

// word is a word of a catalog.Set and the bits of it that a rule is about.
type word struct {
	at   uint16
	mask uint64
}

// combination is a rule that needs all of its actions.
type combination struct {
	rule  int
	words []word
	// supersets are the combinations whose actions contain those of this one.
	supersets []int
}

// list is a rule that needs any one of its actions.
type list struct {
	rule  int
	words []word
}

// tagWord says which actions of a service carry a tag.
type tagWord struct {
	word
	tag  Tag
	wide bool
}

func compile(rules *Rules) compiled {
	c := compiled{tags: make([][]tagWord, rules.catalog.Services())}
	c.passRole, _ = rules.catalog.LookupAction("iam:PassRole")
	for i := range rules.list {
		rule := &rules.list[i]
		switch {
		case rule.Check == CheckAdministrator:
			c.admins = append(c.admins, list{i, wordsOf(rule.Actions)})
		case rule.Check == CheckServiceWildcard:
			c.wildcards = append(c.wildcards, i)
		case rule.Check != "":
		case rule.All:
			c.combinations = append(c.combinations, combination{rule: i, words: wordsOf(rule.Actions)})
		default:
			c.lists = append(c.lists, list{i, wordsOf(rule.Actions)})
			c.addTags(rules.catalog, rule)
		}
	}
	c.nest(rules)
	return c
}

// nest finds the combinations that contain others.
func (c *compiled) nest(rules *Rules) {
	for i := range c.combinations {
		inner := rules.list[c.combinations[i].rule].Actions
		for j := range c.combinations {
			outer := rules.list[c.combinations[j].rule].Actions
			if len(outer) > len(inner) && contains(outer, inner) {
				c.combinations[i].supersets = append(c.combinations[i].supersets, j)
			}
		}
	}
}

// contains reports whether all of inner are in outer; both are ascending.
func contains(outer, inner []catalog.ActionID) bool {
	for _, a := range inner {
		if _, ok := slices.BinarySearch(outer, a); !ok {
			return false
		}
	}
	return true
}

// wordsOf returns the words of ascending actions.
func wordsOf(actions []catalog.ActionID) []word {
	var words []word
	for _, a := range actions {
		if n := len(words); n == 0 || words[n-1].at != uint16(a/64) {
			words = append(words, word{at: uint16(a / 64)})
		}
		words[len(words)-1].mask |= 1 << (a % 64)
	}
	return words
}

// addTags notes a list's actions under their services.
func (c *compiled) addTags(facts *catalog.Catalog, rule *Rule) {
	tag, ok := rule.Category.Tag()
	if !ok {
		return
	}
	for _, a := range rule.Actions {
		words := &c.tags[facts.ServiceOf(a)]
		i := slices.IndexFunc(*words, func(w tagWord) bool { return w.at == uint16(a/64) && w.tag == tag && w.wide == rule.Wide })
		if i < 0 {
			*words = append(*words, tagWord{word{at: uint16(a / 64)}, tag, rule.Wide})
			i = len(*words) - 1
		}
		(*words)[i].mask |= 1 << (a % 64)
	}
}
