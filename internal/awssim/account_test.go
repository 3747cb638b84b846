package awssim_test

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// report generates and reads the caller's credential report.
func report(t testing.TB, api *iam.Client) *iam.GetCredentialReportOutput {
	t.Helper()
	for range 20 {
		out, err := api.GenerateCredentialReport(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if out.State == iamtypes.ReportStateTypeComplete {
			break
		}
	}
	out, err := api.GetCredentialReport(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCredentialReportIsTheTruth(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.Users = 40 })
	account := member(t, org, 2)
	org.SetNow(org.Now().Add(20*24*time.Hour + 5*time.Hour))
	out := report(t, iam.NewFromConfig(assumed(t, org, client, account)))
	if out.ReportFormat != iamtypes.ReportFormatTypeTextCsv || !out.GeneratedTime.Equal(org.Now()) {
		t.Errorf("report is %s of %s", out.ReportFormat, out.GeneratedTime)
	}
	lines, err := csv.NewReader(strings.NewReader(string(out.Content))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range lines[0] {
		column[name] = i
	}
	if len(column) != 22 {
		t.Errorf("%d columns, want 22", len(column))
	}
	lines = lines[1:]
	for credential := range account.Day(org.Now()).Credentials() {
		if len(lines) == 0 {
			t.Fatalf("no line for %s", credential.User)
		}
		checkLine(t, func(name string) string { return lines[0][column[name]] }, credential)
		lines = lines[1:]
	}
	if len(lines) > 0 {
		t.Errorf("lines of nobody: %v", lines)
	}
}

// checkLine compares a line of the report with the truth.
func checkLine(t *testing.T, get func(string) string, c world.Credential) {
	t.Helper()
	at := func(t time.Time, absent string) string {
		if t.IsZero() {
			return absent
		}
		return t.Format("2006-01-02T15:04:05+00:00")
	}
	truth := func(b bool) string { return map[bool]string{true: "true", false: "false"}[b] }
	or := func(s string) string { return map[bool]string{true: "N/A", false: s}[s == ""] }
	want := map[string]string{
		"user": c.User, "arn": c.ARN, "user_creation_time": at(c.Created, ""), "mfa_active": truth(c.MFA),
		"cert_1_active": "false", "cert_1_last_rotated": "N/A",
	}
	switch p := c.Password; {
	case c.Root:
		want["password_enabled"], want["password_last_changed"] = "not_supported", "not_supported"
		want["password_last_used"], want["password_next_rotation"] = at(p.LastUsed, "no_information"), "not_supported"
	case p.Enabled:
		want["password_enabled"], want["password_last_changed"] = "true", at(p.Changed, "")
		want["password_last_used"], want["password_next_rotation"] = at(p.LastUsed, "no_information"), at(p.NextRotation, "N/A")
	default:
		want["password_enabled"], want["password_last_changed"] = "false", "N/A"
		want["password_last_used"], want["password_next_rotation"] = "N/A", "N/A"
	}
	for i, name := range []string{"access_key_1", "access_key_2"} {
		k := c.Keys[i]
		want[name+"_active"], want[name+"_last_rotated"] = truth(k.Active), at(k.Rotated, "N/A")
		want[name+"_last_used_date"] = at(k.LastUsed, "N/A")
		want[name+"_last_used_region"], want[name+"_last_used_service"] = or(k.Region), or(k.Service)
	}
	for name, value := range want {
		if get(name) != value {
			t.Errorf("%s of %s is %q, want %q", name, c.User, get(name), value)
		}
	}
}

func TestCredentialReportsAreMadeAndGrowOld(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.ReportPolls = 2 })
	api := iam.NewFromConfig(client)
	generate := func(want iamtypes.ReportStateType) {
		t.Helper()
		out, err := api.GenerateCredentialReport(t.Context(), nil)
		if err != nil || out.State != want {
			t.Errorf("generating: %v %v, want %s", out, err, want)
		}
	}
	get := func(code string, status int) {
		t.Helper()
		_, err := api.GetCredentialReport(t.Context(), nil)
		if code == "" && err == nil {
			return
		}
		wantError(t, err, code, status)
	}
	get("ReportNotPresent", http.StatusGone)
	generate(iamtypes.ReportStateTypeStarted)
	get("ReportInProgress", http.StatusNotFound)
	generate(iamtypes.ReportStateTypeInprogress)
	generate(iamtypes.ReportStateTypeComplete)
	get("", 0)
	org.SetNow(org.Now().Add(4*time.Hour - time.Second))
	get("", 0)
	org.SetNow(org.Now().Add(time.Second))
	get("ReportExpired", http.StatusGone)
	generate(iamtypes.ReportStateTypeStarted)
	org.SetNow(org.Now().AddDate(0, 0, -1)) // before the report was made
	get("ReportNotPresent", http.StatusGone)
}

func TestSummaryCountsTheAccount(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	account := member(t, org, 3)
	out, err := iam.NewFromConfig(assumed(t, org, client, account)).GetAccountSummary(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	day := account.Day(org.Now())
	want := map[string]int32{"UsersQuota": 5000, "VersionsPerPolicyQuota": 5, "ServerCertificates": 0}
	for range day.Users() {
		want["Users"]++
	}
	for range day.Groups() {
		want["Groups"]++
	}
	for r := range day.Roles() {
		want["Roles"]++
		if r.Profile != nil {
			want["InstanceProfiles"]++
		}
	}
	for p := range day.Policies() {
		want["Policies"]++
		want["PolicyVersionsInUse"] += int32(len(p.Versions))
	}
	for c := range day.Credentials() {
		if c.MFA {
			want["MFADevices"]++
		}
	}
	for key, value := range want {
		if got, there := out.SummaryMap[key]; !there || got != value {
			t.Errorf("%s is %d, want %d", key, got, value)
		}
	}
}

func TestAliasesAreListed(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.Accounts = 25 })
	with, without := 0, 0
	for i := range 25 {
		account := member(t, org, i)
		out, err := iam.NewFromConfig(assumed(t, org, client, account)).ListAccountAliases(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if account.Alias() == "" {
			without++
			if len(out.AccountAliases) > 0 {
				t.Errorf("account %d has the aliases %v, want none", i, out.AccountAliases)
			}
			continue
		}
		with++
		if !slices.Equal(out.AccountAliases, []string{account.Alias()}) {
			t.Errorf("account %d has the aliases %v", i, out.AccountAliases)
		}
	}
	if with == 0 || without == 0 {
		t.Errorf("%d accounts with an alias and %d without, want some of both", with, without)
	}
}

func TestBoundariesThatTheDetailsLeaveOutCanBeFetched(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	fetched := 0
	for i := range 5 {
		session := assumed(t, org, client, member(t, org, i))
		api := iam.NewFromConfig(session)
		got, _ := details(t, session, iam.GetAccountAuthorizationDetailsInput{})
		listed := map[string]bool{}
		for _, p := range got.Policies {
			listed[*p.Arn] = true
		}
		for _, r := range got.RoleDetailList {
			arn := boundary(r.PermissionsBoundary)
			if arn == "" || listed[arn] {
				continue
			}
			policy, err := api.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: &arn})
			if err != nil {
				t.Fatal(err)
			}
			version, err := api.GetPolicyVersion(t.Context(), &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: policy.Policy.DefaultVersionId})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(decoded(t, version.PolicyVersion.Document), `"Statement"`) || !version.PolicyVersion.IsDefaultVersion {
				t.Errorf("boundary %s is %+v", arn, version.PolicyVersion)
			}
			fetched++
		}
	}
	if fetched == 0 {
		t.Error("the details listed every boundary")
	}
}

func TestPoliciesAreServedOneByOne(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	api := iam.NewFromConfig(client)
	tagged := 0
	for p := range org.World().Management().Day(org.Now()).Policies() {
		out, err := api.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: &p.ARN})
		if err != nil {
			t.Fatal(err)
		}
		got := out.Policy
		if *got.PolicyId != p.ID || *got.DefaultVersionId != p.DefaultVersion || !sameTime(got.UpdateDate, p.Updated) || !slices.Equal(tags(got.Tags), p.Tags) {
			t.Errorf("%s is %+v", p.ARN, got)
		}
		tagged += len(got.Tags)
		for _, v := range p.Versions {
			out, err := api.GetPolicyVersion(t.Context(), &iam.GetPolicyVersionInput{PolicyArn: &p.ARN, VersionId: &v.ID})
			if err != nil {
				t.Fatal(err)
			}
			if decoded(t, out.PolicyVersion.Document) != string(v.Document) {
				t.Errorf("%s %s is %s", p.ARN, v.ID, decoded(t, out.PolicyVersion.Document))
			}
		}
		_, err = api.GetPolicyVersion(t.Context(), &iam.GetPolicyVersionInput{PolicyArn: &p.ARN, VersionId: aws.String("v999")})
		wantError(t, err, "NoSuchEntity", http.StatusNotFound)
	}
	if tagged == 0 {
		t.Error("no policy has a tag")
	}
	_, err := api.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::aws:policy/NoSuchPolicy")})
	wantError(t, err, "NoSuchEntity", http.StatusNotFound)
}
