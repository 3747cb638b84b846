package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/awssimtest"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// downloadRig is a simulated organization and a download from it.
type downloadRig struct {
	downloading
	org    *awssim.Organization
	stderr bytes.Buffer
}

func newDownloadRig(t *testing.T) *downloadRig {
	t.Helper()
	cfg := awssim.DefaultConfig()
	cfg.Accounts = 4
	org, base := awssimtest.Start(t, cfg)
	r := &downloadRig{org: org}
	r.downloading = downloading{parallel: 2, aws: aws.DefaultConfig(), output: filepath.Join(t.TempDir(), "policies"), base: &base}
	r.aws.ExternalID, r.aws.Rate, r.aws.Attempts, r.aws.MaxBackoff = cfg.ExternalID, 100_000, 2, 1
	return r
}

func (r *downloadRig) run(ctx context.Context) error {
	r.stderr.Reset()
	return r.download(ctx, newProgress(&r.stderr, false), newNotes(&r.stderr))
}

// files are the paths below the output, with their texts.
func (r *downloadRig) files(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(r.output, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		out[strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(r.output)+"/")] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// want are the files that accounts should have, with the documents in them.
func (r *downloadRig) want(accounts ...*world.Account) map[string]string {
	out := map[string]string{}
	for _, a := range accounts {
		day := a.Day(r.org.Now())
		add := func(kind string, p world.Policy) {
			i := slices.IndexFunc(p.Versions, func(v world.PolicyVersion) bool { return v.Default })
			out[a.ID()+"/"+kind+"/"+p.Name+".json"] = string(p.Versions[i].Document)
		}
		for p := range day.Policies() {
			if r.filter.Unattached || p.Attachments > 0 || p.BoundaryUses > 0 {
				add("customer-managed", p)
			}
		}
		for slot := range day.Slots(world.KindAWSPolicy) {
			if p, found := day.AWSPolicy(slot); found && r.filter.AWSManaged && (r.filter.Unattached || p.Attachments > 0) {
				add("aws-managed", p)
			}
		}
	}
	return out
}

// check compares the files with the documents that they should have.
func (r *downloadRig) check(t *testing.T, want map[string]string) {
	t.Helper()
	got := r.files(t)
	if len(got) != len(want) || len(got) == 0 {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
	for path, document := range want {
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(got[path])); err != nil || !jsonEqual(compact.Bytes(), []byte(document)) {
			t.Errorf("%s: %v: %q", path, err, got[path])
		}
		if !strings.HasPrefix(got[path], "{\n    ") || !strings.HasSuffix(got[path], "}\n") {
			t.Errorf("%s is not for people: %q", path, got[path])
		}
	}
}

func jsonEqual(a, b []byte) bool {
	var x, y any
	if errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)) != nil {
		return false
	}
	one, _ := json.Marshal(x)
	two, _ := json.Marshal(y)
	return bytes.Equal(one, two)
}

// accounts are the organization's four, without the suspended one that it has.
func (r *downloadRig) accounts() []*world.Account {
	return slices.DeleteFunc(slices.Collect(r.org.World().Accounts(0)), (*world.Account).Suspended)
}

func TestDownloadedPoliciesAreThoseOfTheAccount(t *testing.T) {
	t.Parallel()
	for _, filter := range []aws.PolicyFilter{{}, {Unattached: true}, {AWSManaged: true}, {AWSManaged: true, Unattached: true}} {
		r := newDownloadRig(t)
		r.filter = filter
		if err := r.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.check(t, r.want(r.org.World().Management()))
		if got := r.stderr.String(); !strings.Contains(got, "policies of 1 account; 0 were there already") {
			t.Errorf("told %q", got)
		}
	}
}

func TestDownloadedRecursivelyAreThoseOfEveryAccount(t *testing.T) {
	t.Parallel()
	r := newDownloadRig(t)
	r.recursive = true
	for range 2 { // the second time all of them are there
		if err := r.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.check(t, r.want(r.accounts()...))
	}
	for call := range r.org.Calls() {
		if !slices.Contains([]string{"organizations:ListAccounts", "sts:AssumeRole", "iam:GetAccountAuthorizationDetails"}, call.Action) {
			t.Errorf("%s was called", call.Action)
		}
	}
	if got := r.stderr.String(); !strings.Contains(got, "wrote 0 policies of 4 accounts") || !strings.Contains(got, "accounts 4/4") {
		t.Errorf("told %q", got)
	}
}

func TestAnAccountThatFailsKeepsNoOtherFromBeingDownloaded(t *testing.T) {
	t.Parallel()
	r := newDownloadRig(t)
	r.recursive = true
	all := r.accounts()
	for account, action := range map[string]string{all[1].ID(): "sts:AssumeRole", all[2].ID(): "iam:GetAccountAuthorizationDetails"} {
		if err := r.org.Inject(awssim.Fault{Account: account, Action: action, Kind: awssim.FaultAccessDenied}); err != nil {
			t.Fatal(err)
		}
	}
	err := r.run(t.Context())
	for _, want := range []string{
		"assume role arn:aws:iam::" + all[1].ID(), "check that the role exists",
		"read account " + all[2].ID() + ": iam:GetAccountAuthorizationDetails: AccessDenied", "allow the credentials, or the role, iam:GetAccountAuthorizationDetails",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	if exitCode(err) != exitFailure || len(sentences(err)) != 2 {
		t.Errorf("exit code %d, %d lines for 2 accounts", exitCode(err), len(sentences(err)))
	}
	r.check(t, r.want(all[0], all[3]))
}

func TestDownloadNeverLosesOtherContent(t *testing.T) {
	t.Parallel()
	r := newDownloadRig(t)
	if err := r.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	var path string
	for file := range r.files(t) {
		path = filepath.Join(r.output, file)
	}
	if err := os.WriteFile(path, []byte("edited"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := r.run(t.Context())
	if err == nil || !strings.Contains(err.Error(), path+" exists with another content; --force overwrites it") {
		t.Errorf("error %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "edited" {
		t.Errorf("%q, %v", text, err)
	}
	r.force = true
	if err := r.run(t.Context()); err != nil {
		t.Error(err)
	}
	r.check(t, r.want(r.org.World().Management()))
}

func TestDownloadEndsWhereNothingCanBeDone(t *testing.T) {
	t.Parallel()
	r := newDownloadRig(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := r.run(ctx); !errors.Is(err, context.Canceled) && (err == nil || !strings.Contains(err.Error(), "canceled")) {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(r.output, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.run(t.Context()); err == nil || !strings.Contains(err.Error(), "make output directory") {
		t.Errorf("error %v", err)
	}
}

func TestDownloadPoliciesTakesTheEnvironmentsCredentials(t *testing.T) {
	r := newDownloadRig(t)
	key, secret := r.org.Credentials()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": r.org.URL(), "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
		"LEASTWISE_EXTERNAL_ID": r.aws.ExternalID,
	} {
		t.Setenv(name, value)
	}
	got := leastwise(t.Context(), "", "download-policies", "--recursive", "--iam-rate", "1000", "--output", r.output)
	if got.code != exitOK || got.stdout != "" {
		t.Fatalf("exit code %d: %s%s", got.code, got.stderr, got.stdout)
	}
	r.check(t, r.want(r.accounts()...))
	got = leastwise(t.Context(), "", "download-policies", "--recursive", "--external-id", "wrong-one", "--output", r.output)
	if got.code != exitFailure || strings.Count(got.stderr, "--external-id is the one it asks for") != 4 {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestDownloadPoliciesTakesAProfile(t *testing.T) {
	r := newDownloadRig(t)
	key, secret := r.org.Credentials()
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", writeTemp(t, "credentials", "[audit]\naws_access_key_id = "+key+"\naws_secret_access_key = "+secret+"\n"))
	t.Setenv("AWS_CONFIG_FILE", writeTemp(t, "config", "[profile audit]\nregion = us-east-1\nendpoint_url = "+r.org.URL()+"\n"))
	got := leastwise(t.Context(), "", "download-policies", "--profile", "audit", "--output", r.output)
	if got.code != exitOK {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	r.check(t, r.want(r.org.World().Management()))
	got = leastwise(t.Context(), "", "download-policies", "--profile", "adit", "--output", r.output)
	if got.code != exitFailure || !strings.Contains(got.stderr, "adit") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	checkOneSentence(t, got)
}

func TestDownloadedPoliciesCanBeAnalyzed(t *testing.T) {
	t.Parallel()
	r := newDownloadRig(t)
	r.recursive = true
	if err := r.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := leastwise(t.Context(), "", "analyze", "downloaded-policies", r.output, "--fmt", "json")
	if got.code != exitOK {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	for _, a := range r.accounts() {
		if !strings.Contains(got.stdout, `"`+a.ID()+`"`) {
			t.Errorf("account %s is not in the report", a.ID())
		}
	}
}

// A policy that is only somebody's permissions boundary is in use.
func TestDownloadedPoliciesHoldBoundaries(t *testing.T) {
	t.Parallel()
	r := newDownloadRig(t)
	day := r.org.World().Management().Day(r.org.Now())
	var boundary string
	for p := range day.Policies() {
		if p.Attachments == 0 && p.BoundaryUses > 0 {
			boundary = r.org.World().Management().ID() + "/customer-managed/" + p.Name + ".json"
		}
	}
	if boundary == "" {
		t.Fatal("the account has no policy that is a boundary only")
	}
	if err := r.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, found := r.files(t)[boundary]; !found {
		t.Errorf("there is no %s", boundary)
	}
}

func TestDownloadPoliciesFlagsAreChecked(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "", "download-policies", "--parallel", "0", "--output", "", "--role-name", "arn:aws:iam::1:role/x",
		"--organization-role-arn", "arn:aws:iam::111122223333:role/lister")
	if got.code != exitUsage {
		t.Errorf("exit code %d", got.code)
	}
	for _, want := range []string{"--parallel is 0", "--output is empty", "--role-name is", "--organization-role-arn: needs --recursive"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q is missing in %s", want, got.stderr)
		}
	}
	checkOneSentence(t, got)
}
