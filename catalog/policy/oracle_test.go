package policy_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

const oracleFile = "../../../shared/oracle/write_policy_cases.jsonl"

type oracleCase struct {
	ID       int             `json:"id"`
	Template json.RawMessage `json:"template"`
	Minimize *int            `json:"minimize"`
	Policy   *policy.Policy  `json:"policy"`
	Error    string          `json:"error"`
}

func readOracle(t *testing.T) []oracleCase {
	t.Helper()
	file, err := os.Open(oracleFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("policy_sentry's answers are not here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var cases []oracleCase
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var c oracleCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// statementSet is a policy as the oracle compares it.
func statementSet(p policy.Policy) []string {
	set := []string{}
	for _, s := range p.Statement {
		actions, resources := slices.Clone(s.Action), slices.Clone(s.Resource)
		slices.Sort(actions)
		slices.Sort(resources)
		set = append(set, fmt.Sprintf("%s %s on %s", s.Effect, strings.Join(slices.Compact(actions), " "), strings.Join(slices.Compact(resources), " ")))
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// difference is one in which policy_sentry is wrong: why, and how its answer
// becomes the right one.
type difference struct {
	reason string
	fix    func(*policy.Policy) bool
}

// without removes the statement with a Sid.
func without(sid string) func(*policy.Policy) bool {
	return func(p *policy.Policy) bool {
		all := len(p.Statement)
		p.Statement = slices.DeleteFunc(p.Statement, func(s policy.WrittenStatement) bool { return s.SID == sid })
		return len(p.Statement) == all-1
	}
}

// splitResources splits the resources of the statement with a Sid at commas.
func splitResources(sid string) func(*policy.Policy) bool {
	return func(p *policy.Policy) bool {
		at := slices.IndexFunc(p.Statement, func(s policy.WrittenStatement) bool { return s.SID == sid })
		if at < 0 {
			return false
		}
		p.Statement[at].Resource = strings.Split(strings.Join(p.Statement[at].Resource, ", "), ", ")
		return true
	}
}

// differences are the cases in which policy_sentry is wrong.
func differences() map[int]difference {
	const (
		anySlash = "policy_sentry takes every S3 ARN with a slash for an object; a job and an access grants instance are none"
		alias    = "policy_sentry takes an alias of a function, function:name:alias, for a function"
		twoARNs  = "a resource type with two ARN patterns becomes one resource with a comma, which IAM refuses"
	)
	return map[int]difference{
		9:  {anySlash, without("S3ListObject")},
		17: {alias, without("LambdaPermissionsmanagementFunction")},
		28: {anySlash, without("S3ReadObject")},
		33: {twoARNs, splitResources("LexListBot")},
		35: {anySlash, without("S3PermissionsmanagementObject")},
	}
}

func TestWriteAgreesWithPolicySentry(t *testing.T) {
	t.Parallel()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	writer := policy.NewWriter(c)
	for _, test := range readOracle(t) {
		t.Run(fmt.Sprint(test.ID), func(t *testing.T) {
			t.Parallel()
			template, err := policy.ParseTemplate(test.Template)
			if err != nil {
				t.Fatal(err)
			}
			got, err := writer.Write(template)
			if err != nil {
				t.Fatal(err)
			}
			if test.Minimize != nil {
				got.Policy = writer.Minimize(got.Policy, *test.Minimize)
			}
			want := *test.Policy
			if d, ok := differences()[test.ID]; ok && !d.fix(&want) {
				t.Errorf("there is nothing to differ from: %s", d.reason)
			}
			if diff := cmp.Diff(statementSet(want), statementSet(got.Policy)); diff != "" {
				t.Errorf("statements (-policy_sentry +leastwise):\n%s\nnotes: %v", diff, got.Notes)
			}
		})
	}
}
