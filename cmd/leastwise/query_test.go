package main

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestQueryAnswersInJSON(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args string
		want string // the answer in one line
	}{
		"actions of a level":         {"action-table --service sqs --access-level tagging", `["sqs:TagQueue","sqs:UntagQueue"]`},
		"actions of two levels":      {"action-table -s sqs -a tagging,permissions-management", `["sqs:AddPermission","sqs:RemovePermission","sqs:SetQueueAttributes","sqs:TagQueue","sqs:UntagQueue"]`},
		"actions under a key":        {"action-table --service all --condition iam:PassedToService", `["iam:PassRole"]`},
		"actions of a type":          {"action-table -s sns --resource-type topic --access-level tagging", `["sns:TagResource","sns:UntagResource"]`},
		"actions without type":       {"action-table -s s3 -a permissions-management --wildcard-only", `["s3:PutAccessPointPublicAccessBlock","s3:PutAccountPublicAccessBlock"]`},
		"the same, as a type":        {"action-table -s s3 -a permissions-management -r *", `["s3:PutAccessPointPublicAccessBlock","s3:PutAccountPublicAccessBlock"]`},
		"none":                       {"action-table -s sns -r topic -w", `[]`},
		"an action":                  {"action-table -s sqs -n receivemessage", `{"sqs":[{"action":"sqs:ReceiveMessage","access_level":"Read","resource_type":"queue","required":true,"resource_arn_format":"arn:${Partition}:sqs:${Region}:${Account}:${QueueName}","condition_keys":["aws:ResourceTag/${TagKey}"],"dependent_actions":[]}]}`},
		"a key of a type":            {"action-table -s sqs -a tagging --condition aws:ResourceTag/team", `["sqs:TagQueue","sqs:UntagQueue"]`},
		"a tag's key":                {"action-table -s secretsmanager -a tagging --condition secretsmanager:ResourceTag/team", `["secretsmanager:TagResource","secretsmanager:UntagResource"]`},
		"ARNs":                       {"arn-table --service sqs", `["arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"]`},
		"types of a service":         {"arn-table --service sqs --list-arn-types", `{"queue":"arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"}`},
		"a type":                     {"arn-table --service sqs --name Queue", `{"service_prefix":"sqs","resource_type_name":"queue","raw_arn":"arn:${Partition}:sqs:${Region}:${Account}:${QueueName}","condition_keys":["aws:ResourceTag/${TagKey}"]}`},
		"a type of all services":     {"arn-table --name queue --list-arn-types --service sqs", `{"queue":"arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"}`},
		"keys":                       {"condition-table --service sqs", `["aws:RequestTag/${TagKey}","aws:ResourceTag/${TagKey}","aws:TagKeys"]`},
		"a key":                      {"condition-table -s sqs -n aws:ResourceTag/team", `{"service_prefix":"sqs","name":"aws:ResourceTag/${TagKey}","condition_value_type":"String"}`},
		"a service":                  {"service-table --service SQS", `[{"service_prefix":"sqs","service_name":"Amazon SQS","actions":20}]`},
		"a service, as both":         {"service-table --name sqs --service SQS", `[{"service_prefix":"sqs","service_name":"Amazon SQS","actions":20}]`},
		"a service, as its name":     {"service-table --name sqs", `[{"service_prefix":"sqs","service_name":"Amazon SQS","actions":20}]`},
		"formats in any case":        {"arn-table -s sqs --fmt JSON", `["arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"]`},
		"a level in its own form":    {"action-table -s sqs -w -a Read", `["sqs:ListQueues"]`},
		"types of several patterns":  {"arn-table -s lex -l --name bot", `{"bot":["arn:${Partition}:lex:${Region}:${Account}:bot/${BotId}","arn:${Partition}:lex:${Region}:${Account}:bot:${BotName}"]}`},
		"several patterns of a type": {"arn-table -s lex -n bot", `[{"service_prefix":"lex","resource_type_name":"bot","raw_arn":"arn:${Partition}:lex:${Region}:${Account}:bot/${BotId}","condition_keys":["aws:ResourceTag/${TagKey}"]},{"service_prefix":"lex","resource_type_name":"bot","raw_arn":"arn:${Partition}:lex:${Region}:${Account}:bot:${BotName}","condition_keys":["aws:ResourceTag/${TagKey}"]}]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), "", append([]string{"query"}, strings.Fields(tt.args)...)...)
			if got.code != exitOK || got.stderr != "" {
				t.Fatalf("exit code %d: %s", got.code, got.stderr)
			}
			if line := compactJSON(t, got.stdout); line != tt.want {
				t.Errorf("got %s", line)
			}
		})
	}
}

func compactJSON(t *testing.T, text string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.Replace(strings.TrimSpace(line), `": `, `":`, 1)
	}
	return strings.Join(lines, "")
}

// Every format has the same rows.
func TestQueryFormatsAgree(t *testing.T) {
	t.Parallel()
	for name, query := range map[string][]string{
		"action-table":    {"query", "action-table", "-s", "lambda", "-n", "*"},
		"arn-table":       {"query", "arn-table", "-s", "ec2"},
		"condition-table": {"query", "condition-table", "-s", "ec2"},
		"service-table":   {"query", "service-table"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := func(format string) string {
				got := leastwise(t.Context(), "", append(slices.Clone(query), "--fmt", format)...)
				if got.code != exitOK || got.stderr != "" || !strings.HasSuffix(got.stdout, "\n") {
					t.Fatalf("%s: exit code %d: %s", format, got.code, got.stderr)
				}
				return got.stdout
			}
			var fromJSON, fromYAML any
			if err := json.Unmarshal([]byte(answer("json")), &fromJSON); err != nil {
				t.Fatal(err)
			}
			if err := yaml.Unmarshal([]byte(answer("yaml")), &fromYAML); err != nil {
				t.Fatal(err)
			}
			a, _ := json.Marshal(fromJSON)
			b, err := json.Marshal(fromYAML)
			if err != nil || string(a) != string(b) {
				t.Errorf("YAML differs from JSON: %.300s", b)
			}
			rows, err := csv.NewReader(strings.NewReader(answer("csv"))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(answer("table"), "\n"), "\n")
			if len(lines) != len(rows) || len(rows) < 2 {
				t.Fatalf("%d rows in the table, %d in CSV", len(lines), len(rows))
			}
			for i, row := range rows[1:] {
				for _, cell := range row {
					if !strings.Contains(lines[i+1], cell) {
						t.Errorf("%q is missing in %q", cell, lines[i+1])
					}
				}
			}
		})
	}
}

func TestQueryOfAllServicesKeepsThemApart(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "", "query", "arn-table", "--list-arn-types", "--name", "queue")
	var types map[string]map[string]string
	if err := json.Unmarshal([]byte(got.stdout), &types); err != nil || types["sqs"]["queue"] == "" || len(types) < 2 {
		t.Errorf("%v: %s", err, got.stdout)
	}
	got = leastwise(t.Context(), "", "query", "condition-table", "--name", "aws:TagKeys")
	var keys []struct {
		Service string `json:"service_prefix"`
	}
	if err := json.Unmarshal([]byte(got.stdout), &keys); err != nil || len(keys) < 100 {
		t.Errorf("%v: %d keys", err, len(keys))
	}
}

func TestQueryExplainsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args string
		code int
		want string
	}{
		"service":        {"action-table --service s33", exitFailure, "did you mean s3"},
		"action":         {"action-table -s s3 -n GetObjcet", exitFailure, "did you mean s3:GetObject"},
		"type":           {"arn-table -s s3 -n bukcet", exitFailure, "did you mean bucket?"},
		"type of action": {"action-table -s s3 -r bukcet", exitFailure, "did you mean bucket?"},
		"key":            {"condition-table -s s3 -n s3:prefx", exitFailure, "did you mean s3:prefix?"},
		"key of action":  {"action-table -c iam:PassedToServic", exitFailure, "did you mean iam:PassedToService"},
		"called so":      {"action-table -s eventbridge", exitFailure, "did you mean events"},
		"global key":     {"condition-table -n aws:SourceIp", exitFailure, "aws:SourceIp is a condition key that requests to all services can have"},
		"of a session":   {"action-table -c lambda:SourceFunctionArn", exitFailure, "lambda:SourceFunctionArn is a condition key that requests to all services can have"},
		"under it":       {"action-table -s s3 -c aws:principaltag/team", exitFailure, "requests to all services can have"},
		"like a global":  {"condition-table -s s3 -n aws:SourceIpp", exitFailure, "did you mean aws:SourceIp?"},
		"other service":  {"action-table -s ec2 -n s3:getobject", exitFailure, "it is of service s3; ask for that, or for all"},
		"pattern":        {"arn-table -s s3 -n b*", exitFailure, "a name is wanted here, and no pattern; did you mean bucket?"},
		"far action":     {"action-table -s s3 -n quetzalcoatl", exitFailure, "'leastwise query action-table --service s3' lists those that there are"},
		"far type":       {"arn-table -n zzzzzzz", exitFailure, "'leastwise query arn-table --list-arn-types' lists those that there are"},
		"far key":        {"condition-table -s s3 -n zzzzzzz", exitFailure, "'leastwise query condition-table --service s3' lists those that there are"},
		"far service":    {"service-table -n zzzzzzz", exitFailure, "'leastwise query service-table' lists those that there are"},
		"prefix":         {"service-table -n ec3", exitFailure, "did you mean ec2"},
		"level":          {"action-table -a reed", exitUsage, "want list, read, tagging, write or permissions-management"},
		"format":         {"arn-table --fmt xml", exitUsage, "want json, yaml, csv or table"},
		"flag":           {"arn-table --nane x", exitUsage, "unknown flag: --nane"},
		"table":          {"actions-table", exitUsage, "did you mean action-table?"},
		"stray":          {"arn-table s3", exitUsage, "s3"},
		"both":           {"service-table -s s3 -n ec2", exitUsage, "--service s3 and --name ec2 are two services; name one"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), "", append([]string{"query"}, strings.Fields(tt.args)...)...)
			if got.code != tt.code || !strings.Contains(got.stderr, tt.want) {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
			checkOneSentence(t, got)
		})
	}
}
