package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// flagRow is a row of the table of flags in docs/policy_sentry.md.
type flagRow struct{ taken, refused []string }

// documentedFlags returns the table by command.
func documentedFlags(t *testing.T) map[string]flagRow {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "policy_sentry.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Flags\n")
	section, _, _ = strings.Cut(section, "\n## ")
	quoted, refused := regexp.MustCompile("`([^`]+)`"), regexp.MustCompile("`(--[a-z_-]+)`: `")
	rows := make(map[string]flagRow)
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		const columns = 6 // with what is before the first and behind the last
		if len(cells) != columns || !strings.Contains(cells[1], "`") {
			continue
		}
		var row flagRow
		for _, flag := range quoted.FindAllStringSubmatch(cells[2]+cells[3], -1) {
			row.taken = append(row.taken, flag[1])
		}
		for _, flag := range refused.FindAllStringSubmatch(cells[4], -1) {
			row.refused = append(row.refused, flag[1])
		}
		rows[strings.Trim(cells[1], " `")] = row
	}
	return rows
}

// TestFlagsOfPolicySentryAreTakenOrSayWhatToUse has the flags of policy_sentry's
// commands, of both times, and compares them with what the documentation says of them
// and with what the commands do.
func TestFlagsOfPolicySentryAreTakenOrSayWhatToUse(t *testing.T) {
	t.Parallel()
	all := map[string]string{
		"create-template":             "--output-file -o --template-type -t --name --quiet --log-level --verbosity --verbose -v",
		"write-policy":                "--input-file -i --crud --minimize -m --minimize_length --fmt --quiet --log-level --verbosity --verbose -v",
		"write-policy-dir":            "--input-dir --output-dir --crud --minimize --quiet --log-level",
		"query action-table":          "--service -s --name -n --access-level -a --condition -c --wildcard-only --resource-type -r --fmt --verbosity --verbose -v",
		"query arn-table":             "--service -s --name -n --list-arn-types -l --fmt --verbosity --verbose -v",
		"query condition-table":       "--service -s --name -n --fmt --verbosity --verbose -v",
		"download-policies":           "--recursive --profile --aws-managed --include-unattached --quiet",
		"analyze policy-file":         "--policy --report-config --report-path --account-id --include-markdown-report",
		"analyze downloaded-policies": "--report-config --report-name --include-markdown-report",
	}
	documented := documentedFlags(t)
	if len(documented) != len(all) {
		t.Errorf("%d commands are documented, want %d", len(documented), len(all))
	}
	for command, flags := range all {
		row, want := documented[command], strings.Fields(flags)
		got := slices.Concat(row.taken, row.refused)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: documented are %v, want %v", command, got, want)
		}
		cmd, _, err := newRoot().Find(strings.Fields(command))
		if err != nil {
			t.Fatal(err)
		}
		for _, flag := range row.taken {
			if !takes(cmd, flag) {
				t.Errorf("%s does not take %s", command, flag)
			}
		}
		for _, flag := range row.refused {
			got := leastwise(t.Context(), "", append(strings.Fields(command), flag+"=1")...)
			if got.code != exitUsage || !strings.Contains(got.stderr, flag) || !strings.Contains(got.stderr, "; use --") {
				t.Errorf("%s %s: exit code %d: %s", command, flag, got.code, got.stderr)
			}
		}
	}
}

// takes reports whether a command has a flag, "--name" or "-n".
func takes(cmd *cobra.Command, flag string) bool {
	name, long := strings.CutPrefix(flag, "--")
	if !long {
		return cmd.Flags().ShorthandLookup(flag[1:]) != nil
	}
	f := cmd.Flags().Lookup(name)
	if f == nil {
		f = cmd.InheritedFlags().Lookup(name)
	}
	if f == nil {
		return false
	}
	_, former := f.Value.(*formerFlag)
	return !former
}

// TestMessagesAreToldFromALevelOn asks for what leaves something out.
func TestMessagesAreToldFromALevelOn(t *testing.T) {
	t.Parallel()
	const left = "mode: crud\nwildcard-only: {single-actions: [s3:GetObject, ec2:DescribeInstances]}"
	const unknown = `{"Statement":{"Effect":"Allow","Action":["s3:Nothing","s3:Get*"],"Resource":"*"}}`
	told := map[string]bool{
		"": true, "--quiet": true, "-v warning": true, "--verbose=INFO": true, "--log-level debug": true, "--log-level error --verbose warning": true, "--log-level error --quiet": true,
		"-v error": false, "--verbosity error": false, "--verbose critical": false, "--log-level error": false, "--log-level CRITICAL": false, "--quiet -v error": false,
	}
	for flags, want := range told {
		got := leastwise(t.Context(), left, append([]string{"write-policy", "--explain"}, strings.Fields(flags)...)...)
		if got.code != exitOK || strings.Contains(got.stderr, "note: ") != want || !strings.Contains(got.stderr, "it can be bound to no resource") {
			t.Errorf("write-policy %s: exit code %d: %s", flags, got.code, got.stderr)
		}
		if strings.Contains(flags, "-v") || strings.Contains(flags, "--verbos") || strings.Contains(flags, "--quiet") {
			continue
		}
		got = leastwise(t.Context(), unknown, append([]string{"minimize-policy"}, strings.Fields(flags)...)...)
		if got.code != exitOK || strings.Contains(got.stderr, "note: ") != want {
			t.Errorf("minimize-policy %s: exit code %d: %s", flags, got.code, got.stderr)
		}
	}
	dir := t.TempDir()
	policies := filepath.Join(dir, "policies")
	if err := os.Mkdir(policies, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(policies, "p.json"), []byte(unknown), 0o600); err != nil {
		t.Fatal(err)
	}
	for flags, want := range map[string]bool{"": true, "-v info": true, "--quiet": false, "-v warning": false, "--log-level warn": false} {
		got := leastwise(t.Context(), "", append([]string{"analyze", "downloaded-policies", policies, "--output", filepath.Join(dir, "reports")}, strings.Fields(flags)...)...)
		if got.code != exitOK || strings.Contains(got.stderr, "wrote ") != want {
			t.Errorf("analyze downloaded-policies %s: exit code %d: %s", flags, got.code, got.stderr)
		}
	}
	for _, flags := range []string{"-v loud", "--log-level loud"} {
		got := leastwise(t.Context(), left, append([]string{"write-policy"}, strings.Fields(flags)...)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, "info") {
			t.Errorf("%s: exit code %d: %s", flags, got.code, got.stderr)
		}
		checkOneSentence(t, got)
	}
}

// What is given goes before the environment, which knows policy_sentry's names not.
func TestTheEnvironmentSetsTheLevelOfMessages(t *testing.T) {
	const left = "mode: crud\nwildcard-only: {single-actions: [s3:GetObject, ec2:DescribeInstances]}"
	for _, name := range []string{"LEASTWISE_VERBOSE", "LEASTWISE_VERBOSITY"} {
		t.Setenv(name, "error")
	}
	t.Setenv("LEASTWISE_QUIET", "true")
	for level, want := range map[string]bool{"info": true, "error": false} {
		t.Setenv("LEASTWISE_LOG_LEVEL", level)
		if got := leastwise(t.Context(), left, "write-policy"); got.code != exitOK || strings.Contains(got.stderr, "note: ") != want {
			t.Errorf("%s: exit code %d: %s", level, got.code, got.stderr)
		}
		if got := leastwise(t.Context(), left, "write-policy", "--verbosity", "info"); got.code != exitOK || !strings.Contains(got.stderr, "note: ") {
			t.Errorf("%s: exit code %d: %s", level, got.code, got.stderr)
		}
	}
	t.Setenv("LEASTWISE_LOG_LEVEL", "nope")
	for _, command := range []string{"version", "completion bash", "help write-policy", "__complete query --fmt"} {
		if got := leastwise(t.Context(), "", strings.Fields(command)...); got.code != exitOK {
			t.Errorf("%s: exit code %d: %s", command, got.code, got.stderr)
		}
	}
	if got := leastwise(t.Context(), left, "write-policy"); got.code != exitUsage || !strings.Contains(got.stderr, "info") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}
