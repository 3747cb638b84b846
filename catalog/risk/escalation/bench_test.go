package escalation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// heads is a Reach of one pattern that ends with its only wildcard, or has none.
type heads string

func (h heads) Contains(arn string) bool {
	head, wild := strings.CutSuffix(string(h), "*")
	return arn == head || wild && strings.HasPrefix(arn, head)
}

func (h heads) Key() string { return string(h) }

func (h heads) AppendPatterns(dst []string) []string { return append(dst, string(h)) }

// tails is a Reach of one pattern that begins with its only wildcard.
type tails string

func (h tails) Contains(arn string) bool             { return strings.HasSuffix(arn, string(h[1:])) }
func (h tails) Key() string                          { return string(h) }
func (h tails) AppendPatterns(dst []string) []string { return append(dst, string(h)) }

// many is the number of principals that an account can have and still be judged
// quickly. IAM's quotas are 5,000 users and 1,000 roles, of which AWS raises the
// latter to 5,000: IAM User Guide, "IAM and AWS STS quotas".
const many = 10_000

func name(i int) string {
	return fmt.Sprintf("arn:aws:iam::111122223333:role/team-%d/app-%05d", i%50, i)
}

// shape is a graph of many roles that trust their account. What each may assume
// is up to the shape; the last is the administrator.
func shape(reach func(i int) escalation.Reach) *escalation.Graph {
	g := escalation.New()
	var role escalation.Labels
	role = role.With(0)
	for i := range many {
		goal := escalation.NoGoal
		if i == many-1 {
			goal = 0
		}
		labels := role
		if goal == 0 {
			labels = labels.With(1)
		}
		n := g.AddNode(escalation.Node{ARN: name(i), Labels: labels, Goal: goal})
		if r := reach(i); r != nil {
			options := []escalation.Option{{Labels: role}}
			if _, strange := r.(strangers); strange {
				options = []escalation.Option{{Labels: role.With(1)}, {Labels: role.With(2)}}
			}
			g.Join(g.AddWay(escalation.Way{Options: options, Reaches: []escalation.Reach{r}}), n)
		}
	}
	return g
}

// shapes are the worst that an account can look like.
func shapes() map[string]func(i int) escalation.Reach {
	return map[string]func(i int) escalation.Reach{
		"everyone-may-assume-everyone": func(int) escalation.Reach { return heads("*") },
		"a-chain-of-all":               func(i int) escalation.Reach { return heads(name(i + 1)) },
		"everyone-has-a-prefix":        func(i int) escalation.Reach { return heads(name((i*7 + 3) % many)[:len(name(0))-1] + "*") },
		"everyone-has-a-suffix":        func(i int) escalation.Reach { return tails("*" + name((i*7 + 3) % many)[40:]) },
		"everyone-spells-everything":   func(i int) escalation.Reach { return everything(i) },
		"nobody-may":                   func(int) escalation.Reach { return nil },
		"nobody-is-who-they-look-for":  func(i int) escalation.Reach { return strangers(i) },
	}
}

func BenchmarkSearch(b *testing.B) {
	for shaped, reach := range shapes() {
		b.Run(shaped, func(b *testing.B) {
			g := shape(reach)
			for b.Loop() {
				g.Search()
			}
		})
	}
}

func BenchmarkTargets(b *testing.B) {
	for shaped, reach := range shapes() {
		b.Run(shaped, func(b *testing.B) {
			g := shape(reach)
			for b.Loop() {
				g.Targets()
			}
		})
	}
}

// strangers is everything of a kind that there is only one of.
type strangers int

func (s strangers) Contains(string) bool                 { return true }
func (s strangers) Key() string                          { return fmt.Sprint(int(s)) }
func (s strangers) AppendPatterns(dst []string) []string { return append(dst, "*") }

// everything is a Reach of everything that is not known to be the same as another.
type everything int

func (e everything) Contains(string) bool                 { return true }
func (e everything) Key() string                          { return fmt.Sprint(int(e)) }
func (e everything) AppendPatterns(dst []string) []string { return append(dst, "*") }
