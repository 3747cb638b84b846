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

// differences are the cases in which policy_sentry is wrong, with the Sids of
// the statements that it should not have written.
var differences = map[int]struct{ reason, sid string }{
	9:  {"a job ARN, job/myjobid, is no object: policy_sentry takes any S3 ARN with a slash for one", "S3ListObject"},
	28: {"a job ARN, job/myjobid, is no object: policy_sentry takes any S3 ARN with a slash for one", "S3ReadObject"},
	35: {"access-grants/default is no object: policy_sentry takes any S3 ARN with a slash for one", "S3PermissionsmanagementObject"},
}

func TestWriteAgreesWithPolicySentry(t *testing.T) {
	t.Parallel()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	writer := policy.NewWriter(c)
	for _, test := range readOracle(t) {
		if test.Minimize != nil {
			continue
		}
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
			want := *test.Policy
			if d, ok := differences[test.ID]; ok {
				all := len(want.Statement)
				want.Statement = slices.DeleteFunc(want.Statement, func(s policy.PolicyStatement) bool { return s.SID == d.sid })
				if len(want.Statement) != all-1 {
					t.Errorf("policy_sentry has no statement %s to differ from: %s", d.sid, d.reason)
				}
			}
			if diff := cmp.Diff(statementSet(want), statementSet(got.Policy)); diff != "" {
				t.Errorf("statements (-policy_sentry +leastwise):\n%s\nnotes: %v", diff, got.Notes)
			}
		})
	}
}
