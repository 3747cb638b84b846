package policy_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog/policy"
)

// grantsOf returns everything that policies say: effect, action, resource and
// conditions.
func grantsOf(policies ...policy.Policy) []string {
	all := map[string]bool{}
	for _, p := range policies {
		for _, s := range p.Statement {
			for _, action := range s.Action {
				for _, resource := range s.Resource {
					all[fmt.Sprint(s.Effect, action, resource, s.Condition)] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// shape lists policies as the numbers of actions and resources of their statements.
func shape(policies []policy.Policy) string {
	var out []string
	for _, p := range policies {
		var statements []string
		for _, s := range p.Statement {
			statements = append(statements, fmt.Sprintf("%s %d×%d", s.SID, len(s.Action), len(s.Resource)))
		}
		out = append(out, strings.Join(statements, ", "))
	}
	return strings.Join(out, " | ")
}

// texts returns n texts of the same length.
func texts(format string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(format, i)
	}
	return out
}

func TestSplitMakesPoliciesThatFit(t *testing.T) {
	t.Parallel()
	statement := func(sid string, actions, resources int) policy.WrittenStatement {
		return policy.WrittenStatement{
			SID: sid, Effect: "Allow", Action: texts("s3:Action%04d", actions), Resource: texts("arn:aws:s3:::b%03d/*", resources),
		}
	}
	tests := map[string]struct {
		statements []policy.WrittenStatement
		limit      int
		want       string
	}{
		"that fits":                    {[]policy.WrittenStatement{statement("A", 2, 2)}, 200, "A 2×2"},
		"two that do not fit together": {[]policy.WrittenStatement{statement("A", 2, 2), statement("B", 2, 2)}, 230, "A 2×2 | B 2×2"},
		"small ones go where there is room": {
			[]policy.WrittenStatement{statement("A", 1, 1), statement("B", 8, 1), statement("C", 1, 2), statement("D", 7, 1)}, 400,
			"A 1×1, D 7×1 | B 8×1, C 1×2",
		},
		"too many actions":                 {[]policy.WrittenStatement{statement("A", 40, 1)}, 400, "A 17×1 | A 17×1 | A 6×1"},
		"too many resources":               {[]policy.WrittenStatement{statement("A", 1, 40)}, 400, "A 1×13 | A 1×13 | A 1×13 | A 1×1"},
		"too many of both":                 {[]policy.WrittenStatement{statement("A", 40, 40)}, 400, ""},
		"the rest of one fits beside":      {[]policy.WrittenStatement{statement("A", 40, 1), statement("B", 1, 1)}, 400, "A 17×1 | A 17×1 | A 6×1, B 1×1"},
		"what one action and one resource": {[]policy.WrittenStatement{statement("A", 3, 2)}, 129, "A 1×1 | A 1×1 | A 1×1 | A 1×1 | A 1×1 | A 1×1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := policy.Policy{Version: "2012-10-17", Statement: test.statements}
			before := string(p.JSON(""))
			got, err := policy.Split(p, test.limit)
			if err != nil {
				t.Fatal(err)
			}
			if s := shape(got); test.want != "" && s != test.want {
				t.Errorf("got  %s\nwant %s", s, test.want)
			}
			for _, one := range got {
				if size := utf8.RuneCount(one.JSON("")); size > test.limit || size != one.Size() {
					t.Errorf("%d characters, Size says %d", size, one.Size())
				}
			}
			if diff := cmp.Diff(grantsOf(p), grantsOf(got...)); diff != "" {
				t.Errorf("grants (-one +several):\n%s", diff)
			}
			if string(p.JSON("")) != before {
				t.Error("the policy that was split has changed")
			}
		})
	}
}

func TestSplitRefusesWhatNoPolicyHolds(t *testing.T) {
	t.Parallel()
	long := "arn:aws:s3:::" + strings.Repeat("x", 200)
	p := policy.Policy{Version: "2012-10-17", Statement: []policy.WrittenStatement{
		{SID: "A", Effect: "Allow", Action: []string{"s3:GetObject", "s3:Get"}, Resource: []string{"arn:aws:s3:::a", long}},
	}}
	_, err := policy.Split(p, 250)
	tooLarge, ok := errors.AsType[*policy.SizeError](err)
	if !ok || tooLarge.SID != "A" || tooLarge.Action != "s3:GetObject" || tooLarge.Resource != long || tooLarge.Limit != 250 {
		t.Fatalf("the error is %v", err)
	}
	p.Statement[0].Action, p.Statement[0].Resource = []string{"s3:GetObject"}, []string{long}
	if tooLarge.Size != p.Size() {
		t.Errorf("it says %d characters, want %d", tooLarge.Size, p.Size())
	}
	if got, err := policy.Split(p, tooLarge.Size); err != nil || len(got) != 1 {
		t.Errorf("%d policies, %v", len(got), err)
	}
	for _, empty := range []policy.WrittenStatement{{SID: "A", Action: []string{long}}, {SID: "A", Resource: []string{long}}, {SID: long}} {
		if _, err := policy.Split(policy.Policy{Statement: []policy.WrittenStatement{empty}}, 100); err == nil {
			t.Errorf("%+v fits", empty)
		}
	}
	empty := policy.Policy{Version: "2012-10-17", Statement: []policy.WrittenStatement{}}
	if got, err := policy.Split(empty, 10); err != nil || len(got) != 1 {
		t.Errorf("an empty policy is %d policies, %v", len(got), err)
	}
	if _, err := policy.Split(p, 10); err == nil {
		t.Error("no policy has ten characters")
	}
}

// Whatever is split grants what it granted, within the limit, with Sids that stand
// once in a policy.
func TestSplitKeepsEveryGrant(t *testing.T) {
	t.Parallel()
	texts := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z<é]{1,40}`), 1, 30, rapid.ID[string])
	conditions := []policy.Conditions{nil, {"Bool": {"aws:SecureTransport": {"true"}}}}
	statement := rapid.Custom(func(t *rapid.T) policy.WrittenStatement {
		return policy.WrittenStatement{
			SID:    rapid.SampledFrom([]string{"A", "Bb", "Ccc", "A2"}).Draw(t, "sid"),
			Effect: rapid.SampledFrom([]string{"Allow", "Deny"}).Draw(t, "effect"),
			Action: texts.Draw(t, "actions"), Resource: texts.Draw(t, "resources"),
			Condition: rapid.SampledFrom(conditions).Draw(t, "conditions"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		p := policy.Policy{Version: "2012-10-17", Statement: rapid.SliceOfN(statement, 0, 6).Draw(t, "statements")}
		limit := rapid.IntRange(150, 1500).Draw(t, "limit")
		got, err := policy.Split(p, limit)
		if tooLarge, ok := errors.AsType[*policy.SizeError](err); ok {
			if tooLarge.Size <= limit {
				t.Fatalf("%v fits", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range got {
			if one.Size() > limit || len(got) > 1 && len(one.Statement) == 0 {
				t.Fatalf("%d characters of %d, %d statements", one.Size(), limit, len(one.Statement))
			}
			sids := map[string]bool{}
			for _, s := range one.Statement {
				if len(got) > 1 && sids[s.SID] {
					t.Fatalf("%s stands twice", s.SID)
				}
				sids[s.SID] = true
			}
		}
		if diff := cmp.Diff(grantsOf(p), grantsOf(got...)); diff != "" {
			t.Fatalf("grants (-one +several):\n%s", diff)
		}
	})
}
