package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/internal/engine/enginetest"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// result is what a command line did.
type result struct {
	code           int
	stdout, stderr string
}

func leastwise(ctx context.Context, stdin string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(ctx, args, strings.NewReader(stdin), &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

func TestWrongCommandLinesExitWithTwoAndSayWhatToDo(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"unknown command":     {[]string{"dmeo"}, "did you mean demo?"},
		"unknown flag":        {[]string{"demo", "--acounts", "3"}, "unknown flag: --acounts"},
		"not a number":        {[]string{"demo", "--accounts", "many"}, "--accounts"},
		"no accounts":         {[]string{"demo", "--accounts", "0"}, "--accounts is 0"},
		"several faults":      {[]string{"demo", "--accounts", "0", "--days", "0", "--summary", "xml"}, "--summary is \"xml\""},
		"stray argument":      {[]string{"demo", "now"}, "now"},
		"import of nothing":   {[]string{"import"}, "import takes one file of an account, or several, and there are 0; for example: leastwise import account.json"},
		"bad account":         {[]string{"import", "--account", "12", "f.json"}, "--account is \"12\""},
		"bad day":             {[]string{"import", "--observed-at", "1969-12-31", "f.json"}, "must not be before 1970"},
		"bad log level":       {[]string{"process", "--log-level", "loud"}, "--log-level \"loud\""},
		"bad batch":           {[]string{"process", "--process-batch", "0"}, "--process-batch is 0"},
		"bad interval":        {[]string{"schedule", "--interval", "1s"}, "--interval is 1s"},
		"bad concurrency":     {[]string{"collect", "--concurrency", "0"}, "--concurrency is 0"},
		"bad excluded id":     {[]string{"up", "--organization", "--exclude-accounts", "7"}, "--exclude-accounts names \"7\""},
		"bad DSN":             {[]string{"sink", "--clickhouse-dsn", "http://127.0.0.1:8123"}, "it does not begin with clickhouse://"},
		"bad DSN to migrate":  {[]string{"migrate", "--clickhouse-dsn", "clickhouse://[::1"}, "read --clickhouse-dsn"},
		"bad NATS URL":        {[]string{"collect", "--nats-url", "nats://u:s3cret@[::1"}, "it looks like nats://host:4222"},
		"no NATS credentials": {[]string{"schedule", "--nats-creds", "/nowhere"}, "read --nats-creds"},
		"two bad servers":     {[]string{"migrate", "--nats-url", "nats://[::1", "--clickhouse-dsn", "http://a"}, "it looks like nats://host:4222"},
		"bad parallel":        {[]string{"policy", "--policy-parallel", "0"}, "--policy-parallel is 0"},
		"write-policy of two": {[]string{"write-policy", "a", "b"}, `write-policy takes no argument, and "a" is one`},
		"write-policy of one": {[]string{"write-policy", "a.yml"}, "did you mean --input-file a.yml?"},
		"no room to explain":  {[]string{"write-policy", "--explain=json", "--fmt", "terraform"}, "--fmt terraform, whose values are texts; use --explain=text, or --fmt json or yaml"},
		"two accounts":        {[]string{"analyze", "account", "a", "b"}, "one argument, the file of an account, and there are 2; for example: leastwise analyze account account.json"},
		"two policies":        {[]string{"analyze", "policy-file", "a", "b"}, "policy-file takes one policy, and there are 2"},
		"no policy":           {[]string{"analyze", "policy-file"}, "name a policy, or - for standard input; for example: leastwise analyze policy-file --policy policy.json"},
		"no type":             {[]string{"create-template"}, "crud or actions; for example: leastwise create-template --template-type crud"},
		"no directories":      {[]string{"write-policy-dir"}, "are needed; for example: leastwise write-policy-dir --input-dir templates"},
		"no directory":        {[]string{"analyze", "downloaded-policies"}, "the directory of policies"},
		"unknown shell":       {[]string{"completion", "tcsh"}, `"tcsh" is not a command`},
		"stray shell":         {[]string{"completion", "bash", "x"}, "bash takes no argument"},
		"help of nothing":     {[]string{"help", "wirte-policy"}, "did you mean write-policy?"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), "", tt.args...)
			if got.code != exitUsage {
				t.Errorf("exit code %d, want %d: %s", got.code, exitUsage, got.stderr)
			}
			if !strings.Contains(got.stderr, tt.want) {
				t.Errorf("%q is missing in %q", tt.want, got.stderr)
			}
			checkOneSentence(t, got)
		})
	}
}

// A name of nothing is not every name.
func TestEmptyNamesAreRefused(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"query action-table --service":       "it is empty; all means all services",
		"query service-table -s":             "it is empty; all means all services",
		"catalog diff catalog.bin --service": "it is empty; all means all services",
		"query action-table --name":          "it is empty",
		"query action-table --condition":     "it is empty",
		"query action-table --resource-type": "it is empty",
		"query condition-table --name":       "it is empty",
		"create-template -t crud --name":     "it is empty",
		"download-policies --profile":        "it is empty",
		"analyze policy-file - --account":    "it is empty",
	} {
		got := leastwise(t.Context(), "", append(strings.Fields(line), "")...)
		if got.code != exitUsage || !strings.Contains(got.stderr, want) {
			t.Errorf("%s: exit code %d: %s", line, got.code, got.stderr)
		}
		checkOneSentence(t, got)
	}
}

// Deployments set such variables for themselves.
func TestVersionAndHelpAreNotReadFromTheEnvironment(t *testing.T) {
	t.Setenv("LEASTWISE_VERSION", "1.2.3")
	t.Setenv("LEASTWISE_HELP", "docs")
	if got := leastwise(t.Context(), "", "query", "service-table", "-s", "s3"); got.code != exitOK || got.stderr != "" {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestTheVersionIsAFlagToo(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "", "--version")
	long := leastwise(t.Context(), "", "version")
	first, _, _ := strings.Cut(long.stdout, "\n")
	if got.code != exitOK || got.stderr != "" || got.stdout != first+"\n" {
		t.Errorf("got %+v, want %q", got, first)
	}
}

// checkOneSentence checks that an error is one line, with at most a hint at the
// help behind it, and nothing of a stack trace.
func checkOneSentence(t *testing.T, got result) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(got.stderr), "\n")
	if len(lines) > 2 || strings.Contains(got.stderr, "goroutine") {
		t.Errorf("the error is more than a sentence: %s", got.stderr)
	}
	if got.stdout != "" {
		t.Errorf("an error wrote to standard output: %q", got.stdout)
	}
}

func TestUnreachableServersExitWithOneAndSayWhatToDo(t *testing.T) {
	t.Parallel()
	nowhere := []string{"--nats-url", "nats://user:s3cret@127.0.0.1:1"}
	file := filepath.Join(t.TempDir(), "account.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"process"}, {"collect"}, {"schedule"}, {"policy"}, {"sink"}, {"migrate"}, {"import", file}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), "", append(args, nowhere...)...)
			if got.code != exitFailure || !strings.Contains(got.stderr, "reach NATS at nats://127.0.0.1:1") {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
			if strings.Contains(got.stderr, "s3cret") {
				t.Errorf("the error tells the password: %s", got.stderr)
			}
			checkOneSentence(t, got)
		})
	}
}

// All names are looked at before the first file is imported, or NATS is reached.
func TestImportTellsOfMissingFilesFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := leastwise(t.Context(), "", "import", filepath.Join(dir, "nowhere.json"), dir, "--nats-url", "nats://127.0.0.1:1")
	if got.code != exitFailure || !strings.Contains(got.stderr, "nowhere.json: no such file") ||
		!strings.Contains(got.stderr, dir+": is a directory") || strings.Contains(got.stderr, "NATS") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestUpNamesAFaultOnce(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "", "up", "--granularity", "galaxy", "--interval", "1s")
	if got.code != exitUsage || strings.Count(got.stderr, "galaxy") != 1 || strings.Count(got.stderr, "--interval") != 1 {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestUpStartsNothingWhileAWSCannotBeReached(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
	dir := filepath.Join(t.TempDir(), "data")
	got := leastwise(t.Context(), "", "up", "--data-dir", dir)
	if got.code != exitFailure || !strings.Contains(got.stderr, "reach 127.0.0.1:1") || !strings.Contains(got.stderr, "AWS_ENDPOINT_URL") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	checkOneSentence(t, got)
	if _, err := os.Stat(dir); err == nil {
		t.Error("something was started")
	}
}

func TestNamesCannotSteerATerminal(t *testing.T) {
	t.Parallel()
	if got := printable("a\x1b[31m\u202e\u0085b é"); got != "a?[31m??b é" {
		t.Errorf("%q", got)
	}
}

func TestFlagsCanComeFromTheEnvironment(t *testing.T) {
	t.Setenv("LEASTWISE_NATS_URL", "nats://127.0.0.1:2")
	got := leastwise(t.Context(), "", "process")
	if !strings.Contains(got.stderr, "127.0.0.1:2") {
		t.Errorf("the variable was not used: %s", got.stderr)
	}
	got = leastwise(t.Context(), "", "process", "--nats-url", "nats://127.0.0.1:3")
	if !strings.Contains(got.stderr, "127.0.0.1:3") {
		t.Errorf("the flag did not win: %s", got.stderr)
	}
	t.Setenv("LEASTWISE_PROCESS_BATCH", "s3cret")
	got = leastwise(t.Context(), "", "process")
	if got.code != exitUsage || !strings.Contains(got.stderr, "LEASTWISE_PROCESS_BATCH") || strings.Contains(got.stderr, "s3cret") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "")
	if got.code != exitOK || got.stderr != "" {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	for _, c := range newRoot().Commands() {
		if !c.Hidden && !strings.Contains(got.stdout, c.Name()) {
			t.Errorf("%s is missing", c.Name())
		}
		if c.GroupID == "" && c.Name() != "version" && c.Name() != "help" && c.Name() != "completion" {
			t.Errorf("%s is in no group", c.Name())
		}
	}
}

func TestVersionNamesTheCatalog(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "", "version")
	if got.code != exitOK || !strings.Contains(got.stdout, "456 services, 22091 actions") {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

// Every command says in its help what it does, with an example where it takes
// more than flags of a worker, and every flag says what it takes.
func TestHelpExplainsEveryCommandAndFlag(t *testing.T) {
	t.Parallel()
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			visit(c)
		}
		if strings.HasPrefix(cmd.CommandPath(), "leastwise completion") || cmd.Hidden {
			return
		}
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: %q", cmd.CommandPath(), cmd.Short)
		}
		if cmd.GroupID != groupWorker && cmd.HasAvailableLocalFlags() && cmd.Example == "" && cmd.HasParent() {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			placeholder, usage := pflag.UnquoteUsage(f)
			if usage == "" || strings.HasSuffix(usage, ".") || placeholder == "string" || placeholder == "int" || placeholder == "float" {
				t.Errorf("%s --%s %s: %q", cmd.CommandPath(), f.Name, placeholder, usage)
			}
		})
	}
	visit(newRoot())
}
