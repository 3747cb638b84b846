package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completions are what a shell would offer at the end of a command line.
func completions(t *testing.T, line ...string) (offers []string, directive string) {
	t.Helper()
	got := leastwise(t.Context(), "", append([]string{"__complete"}, line...)...)
	if got.code != exitOK {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
	return lines[:len(lines)-1], lines[len(lines)-1]
}

// The directives of a completion that are expected here, as cobra numbers them.
const (
	offersFiles    = ":0"
	offersNoFiles  = ":4"
	offersPrefixes = ":6" // no space behind, and no files
)

func TestCompletionOffersWhatTheCatalogHas(t *testing.T) {
	t.Parallel()
	garden := writeCatalog(t, smallFacts())
	tests := map[string]struct {
		line      []string
		directive string
		want, not string
	}{
		"services":                 {[]string{"query", "action-table", "--service", ""}, offersNoFiles, "sqs", "garden"},
		"all services":             {[]string{"query", "arn-table", "-s", ""}, offersNoFiles, "all", ""},
		"services of a file":       {[]string{"query", "arn-table", "--catalog", garden, "-s", ""}, offersNoFiles, "garden", "sqs"},
		"services of a diff":       {[]string{"catalog", "diff", "-s", "s"}, offersNoFiles, "sqs", "ec2"},
		"services to begin with":   {[]string{"query", "action-table", "--name", ""}, offersPrefixes, "sqs:", "sqs"},
		"actions of what is typed": {[]string{"query", "action-table", "--name", "sqs:Rec"}, offersNoFiles, "sqs:ReceiveMessage", "ReceiveMessage"},
		"actions of a service":     {[]string{"query", "action-table", "-s", "SQS", "-n", "Rec"}, offersNoFiles, "ReceiveMessage", "sqs:ReceiveMessage"},
		"levels":                   {[]string{"query", "action-table", "--access-level", ""}, offersNoFiles, "permissions-management", ""},
		"several levels":           {[]string{"query", "action-table", "-a", "read,li"}, offersNoFiles, "read,list", "list"},
		"no level twice":           {[]string{"query", "action-table", "-a", "read,List,"}, offersNoFiles, "read,List,write", "read,List,list"},
		"no level in other words":  {[]string{"query", "action-table", "-a", "PermissionsManagement,"}, offersNoFiles, "PermissionsManagement,read", "PermissionsManagement,permissions-management"},
		"keys":                     {[]string{"query", "action-table", "-s", "sqs", "--condition", ""}, offersNoFiles, "aws:TagKeys", "s3:prefix"},
		"types":                    {[]string{"query", "action-table", "-s", "s3", "--resource-type", ""}, offersNoFiles, "bucket", "queue"},
		"names of types":           {[]string{"query", "arn-table", "-s", "s3", "--name", "b"}, offersNoFiles, "bucket", "queue"},
		"names of keys":            {[]string{"query", "condition-table", "-s", "s3", "-n", "s3:p"}, offersNoFiles, "s3:prefix", "iam:PassedToService"},
		"names of services":        {[]string{"query", "service-table", "-n", "sq"}, offersNoFiles, "sqs", "ec2"},
		"formats":                  {[]string{"query", "action-table", "--fmt", ""}, offersNoFiles, "yaml", "terraform"},
		"formats of policies":      {[]string{"write-policy", "--fmt", ""}, offersNoFiles, "terraform", "csv"},
		"types of templates":       {[]string{"create-template", "--template-type", ""}, offersNoFiles, "crud", ""},
		"log levels":               {[]string{"process", "--log-level", ""}, offersNoFiles, "debug", ""},
		"granularities":            {[]string{"up", "--granularity", ""}, offersNoFiles, "action", ""},
		"catalogs to compare":      {[]string{"catalog", "diff", ""}, offersFiles, "embedded", ""},
		"commands":                 {[]string{"cata"}, offersNoFiles, "catalog", "query"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			offers, directive := completions(t, tt.line...)
			for i, offer := range offers {
				offers[i], _, _ = strings.Cut(offer, "\t") // a description follows
			}
			if !slices.Contains(offers, tt.want) || slices.Contains(offers, tt.not) || directive != tt.directive {
				t.Errorf("%s, offers %.300s", directive, strings.Join(offers, " "))
			}
		})
	}
}

func TestCompletionSaysWhyThereIsNothingToOffer(t *testing.T) {
	t.Parallel()
	offers, directive := completions(t, "query", "arn-table", "--catalog", "/no/such.bin", "-s", "")
	if len(offers) != 1 || !strings.Contains(offers[0], "_activeHelp_ open catalog: open /no/such.bin") || directive != offersNoFiles {
		t.Errorf("%s, offers %q", directive, offers)
	}
}

func TestCompletionReadsTheEnvironment(t *testing.T) {
	t.Setenv("LEASTWISE_CATALOG", writeCatalog(t, smallFacts()))
	if offers, _ := completions(t, "query", "service-table", "-n", ""); !slices.Contains(offers, "garden") {
		t.Errorf("offers %q", offers)
	}
}

// Every flag that takes one of a few words completes them.
func TestEveryFlagOfWordsIsCompleted(t *testing.T) {
	t.Parallel()
	words := []string{"fmt", "service", "access-level", "template-type", "granularity", "summary", "log-level", "log-format", "fail-on"}
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.InheritedFlags() // makes cobra merge them
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !slices.Contains(words, f.Name) {
				return
			}
			if _, known := cmd.GetFlagCompletionFunc(f.Name); !known {
				t.Errorf("%s --%s is not completed", cmd.CommandPath(), f.Name)
			}
		})
		for _, c := range cmd.Commands() {
			visit(c)
		}
	}
	visit(newRoot())
}

func TestCompletionScriptsAreCleanAndReadByTheirShells(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), "", "completion", shell)
			if got.code != exitOK || got.stderr != "" || !strings.Contains(got.stdout, "leastwise") {
				t.Fatalf("exit code %d: %s", got.code, got.stderr)
			}
			if first, _, _ := strings.Cut(got.stdout, "\n"); !strings.HasPrefix(first, "#") {
				t.Errorf("it begins with %q", first)
			}
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("%s is not installed", shell)
			}
			check := exec.CommandContext(t.Context(), path, "-n")
			check.Stdin = strings.NewReader(got.stdout)
			if out, err := check.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
