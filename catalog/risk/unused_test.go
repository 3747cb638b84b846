package risk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk"
)

// describeUnused writes unused permission as "s3 L+R+T+W+P unbound, … bound".
func describeUnused(list []risk.UnusedService) string {
	var parts []string
	for _, u := range list {
		text := u.Service
		if u.Partly {
			text += " partly"
		}
		for level := range catalog.LevelCount {
			if n := u.Unbound[level]; n > 0 {
				text += fmt.Sprintf(" %s:%d", catalog.Level(level), n)
			}
			if n := u.Bound[level]; n > 0 {
				text += fmt.Sprintf(" %s:%d bound", catalog.Level(level), n)
			}
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

func TestUnusedPermission(t *testing.T) {
	t.Parallel()
	const object = "arn:aws:s3:::b/*"
	grants := []part{can("s3:GetObject s3:PutObject", object), can("sqs:ListQueues sqs:SendMessage", "*"), since(500, 1)}
	tests := map[string]struct {
		build func(*world)
		want  string
		score string
	}{
		"no report": {func(w *world) { w.role("r", grants...) }, "", "unknown"},
		"report that could not be had": {func(w *world) {
			w.role("r", grants...).report(entity("role", "r"), false, map[string]int{"s3": 0, "sqs": 0})
		}, "", "unknown"},
		"everything used": {func(w *world) {
			w.role("r", grants...).report(entity("role", "r"), true, map[string]int{"s3": 1, "sqs": 90})
		}, "", "100"},
		"one service unused": {func(w *world) {
			w.role("r", grants...).report(entity("role", "r"), true, map[string]int{"s3": 1, "sqs": 91})
		}, "sqs Read:1 Write:1", "94.3"}, // 100 x 100 / 106
		"nothing used": {func(w *world) {
			w.role("r", grants...).report(entity("role", "r"), true, map[string]int{"s3": 0, "sqs": 0})
		}, "s3 Read:1 bound Write:1 bound; sqs Read:1 Write:1", "91.7"}, // 100 x 100 / 109
		"a service that IAM does not track": {func(w *world) {
			w.role("r", grants...).report(entity("role", "r"), true, map[string]int{"s3": 1})
		}, "", "100"},
		"a service that is not granted": {func(w *world) {
			w.role("r", grants...).report(entity("role", "r"), true, map[string]int{"s3": 1, "sqs": 1, "ec2": 0})
		}, "", "100"},
		"new role": {func(w *world) {
			w.role("r", append(grants, since(20, 1))...).report(entity("role", "r"), true, map[string]int{"s3": 0, "sqs": 0})
		}, "", "unknown"},
		"service-linked role": {func(w *world) {
			w.role("aws-service-role/x.amazonaws.com/r", grants...).report(entity("role", "r"), true, map[string]int{"s3": 0})
		}, "", "unknown"},
		"actions of a used service": {func(w *world) {
			w.role("r", grants...).report(entity("role", "r"), true, map[string]int{"s3": 1, "sqs": 1})
			w.access[0].Actions = true
			w.access[0].Services[0].Actions = []risk.ActionAccess{{Action: "PutObject"}, {Action: "GetObject", LastAt: daysAgo(3)}, {Action: "DeleteObject"}}
		}, "s3 partly Write:1 bound", "98"},
		"more than IAM's tracking period": {func(w *world) {
			w.facts = w.options(func(o *risk.Options) { o.At, o.UnusedDays = today(), 401 })
			w.role("r", grants...).report(entity("role", "r"), true, map[string]int{"s3": 0, "sqs": 0})
		}, "", "unknown"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.build(w)
			j := w.judge()["role/r"]
			if got := describeUnused(j.Unused); got != tt.want {
				t.Errorf("unused %q, want %q", got, tt.want)
			}
			score := "unknown"
			if j.Score != nil {
				score = fmt.Sprint(*j.Score)
			}
			if score != tt.score {
				t.Errorf("score %s, want %s", score, tt.score)
			}
		})
	}
}

func TestUnusedServicesAreAFinding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.role("r", since(500, 1), can("s3:GetObject sqs:SendMessage iam:PassRole", "*")).
		report(entity("role", "r"), true, map[string]int{"s3": 0, "sqs": 0, "iam": 1}).
		role("gone", since(500, 0), can("s3:GetObject", "*")).report(entity("role", "gone"), true, map[string]int{"s3": 0})
	all := w.judge()
	f := find(t, all["role/r"].Findings, "unused-services")
	if f.ActionCount != 2 || f.Evidence[0].Note != "unused: s3, sqs" {
		t.Errorf("%d actions, %q", f.ActionCount, f.Evidence[0].Note)
	}
	if got := hygieneOf(all["role/gone"]); got != "inline-policy unused-role" {
		t.Errorf("a role that is unused as a whole has %q", got)
	}
	if tags := all["role/r"].Unused[0].Tags; strings.Join(tags, " ") != "data" {
		t.Errorf("tags %q", tags)
	}
}

// score returns the score of a role with statements, of which no service was used
// but those named.
func (w *world) score(used map[string]int, statements ...string) float64 {
	parts := []part{since(500, 1)}
	for _, s := range statements {
		parts = append(parts, grant(s))
	}
	all := make(map[string]int)
	for s := range catalog.ServiceID(w.Services()) {
		all[w.Service(s).Prefix] = used[w.Service(s).Prefix]
	}
	w.principals, w.access = nil, nil
	return *w.role("r", parts...).report(entity("role", "r"), true, all).judge()["role/r"].Score
}

func TestScoreDoesNotDependOnTheSpelling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service, _ := w.LookupService("s3")
	set := w.NewSet()
	set.AddRange(service.First, service.End)
	list := strings.Join(w.Names(set), " ")
	want := w.score(nil, allow("s3:*", "*"))
	for name, statements := range map[string][]string{
		"listed":          {allow(list, "*")},
		"by wildcards":    {allow("s3:??* S3:*", "*")},
		"in two":          {allow("s3:Get* s3:L*", "*"), allow("s3:*", "*")},
		"by NotAction":    {`{"Effect":"Allow","NotAction":["s3:GetObject"],"Resource":"*"}`, `{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}`, allow("s3:GetObject", "*")},
		"denied the rest": {allow("*", "*"), `{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}`},
	} {
		if got := w.score(nil, statements...); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// Taking away a grant never lowers the score, and granting more never raises it.
func TestScoreIsMonotone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	patterns := []string{"s3:Get*", "s3:*", "sqs:*", "sqs:SendMessage", "iam:*", "iam:List*", "ec2:Describe*", "ec2:*", "*"}
	resources := []string{"*", "arn:aws:s3:::b/*", "arn:aws:sqs:*:*:q"}
	rapid.Check(t, func(t *rapid.T) {
		used := map[string]int{}
		for _, s := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"s3", "sqs", "iam", "ec2"}), rapid.ID[string]).Draw(t, "used") {
			used[s] = 1
		}
		statement := rapid.Custom(func(t *rapid.T) string {
			return allow(rapid.SampledFrom(patterns).Draw(t, "pattern"), rapid.SampledFrom(resources).Draw(t, "resource"))
		})
		fewer := rapid.SliceOfN(statement, 0, 3).Draw(t, "fewer")
		more := slices.Concat(fewer, []string{statement.Draw(t, "more")})
		less, great := w.score(used, more...), w.score(used, fewer...)
		if less > great {
			t.Fatalf("%v scores %v, and %v scores %v", more, less, fewer, great)
		}
		if less < 0 || great > 100 {
			t.Fatalf("scores %v and %v", less, great)
		}
	})
}

func TestScoreOfTheAccountIsTheMean(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.judge()["account/test"].Score; got != nil {
		t.Errorf("an account of which nothing is known scores %v", *got)
	}
	w.role("a", since(500, 1), can("s3:GetObject", "*")).report(entity("role", "a"), true, map[string]int{"s3": 1}).
		role("b", since(500, 1), can("sqs:*", "*")).report(entity("role", "b"), true, map[string]int{"sqs": 0}).
		role("unknown", since(500, 1), can("*", "*"))
	all := w.judge()
	a, b := *all["role/a"].Score, *all["role/b"].Score
	if got := *all["account/test"].Score; got != (a+b)/2 && got-(a+b)/2 > 0.051 {
		t.Errorf("the account scores %v, its roles %v and %v", got, a, b)
	}
}
