package awssim_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/leastwise/leastwise/internal/awssim"
)

func TestTheCallerIsWhoSigned(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	hub, err := sts.NewFromConfig(client).GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	management := org.World().Management()
	if want := "arn:aws:iam::" + management.ID() + ":user/service/leastwise"; *hub.Arn != want || *hub.Account != management.ID() || !strings.HasPrefix(*hub.UserId, "AIDA") {
		t.Errorf("caller is %s %s %s, want %s", *hub.Arn, *hub.Account, *hub.UserId, want)
	}
	account := member(t, org, 2)
	session, err := sts.NewFromConfig(assumed(t, org, client, account)).GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:sts::" + account.ID() + ":assumed-role/leastwise-collector/test"; *session.Arn != want || !strings.HasPrefix(*session.UserId, "AROA") || !strings.HasSuffix(*session.UserId, ":test") {
		t.Errorf("caller is %s %s, want %s", *session.Arn, *session.UserId, want)
	}
}

func TestBadCredentialsAreRefusedInEachProtocol(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	key, secret := org.Credentials()
	session, err := assumed(t, org, client, member(t, org, 1)).Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, key, secret, token string
		query                    string
		json                     string
	}{
		{"unknown key", "AKIAXXXXXXXXXXXXXXXX", secret, "", "InvalidClientTokenId", "UnrecognizedClientException"},
		{"wrong secret", key, "wrong", "", "SignatureDoesNotMatch", "InvalidSignatureException"},
		{"token of nobody", key, secret, "token", "InvalidClientTokenId", "UnrecognizedClientException"},
		{"session without token", session.AccessKeyID, session.SecretAccessKey, "", "InvalidClientTokenId", "UnrecognizedClientException"},
	} {
		bad := client
		bad.Credentials = credentials.NewStaticCredentialsProvider(c.key, c.secret, c.token)
		_, err := sts.NewFromConfig(bad).GetCallerIdentity(t.Context(), nil)
		wantError(t, err, c.query, http.StatusForbidden)
		_, err = iam.NewFromConfig(bad).GetAccountSummary(t.Context(), nil)
		wantError(t, err, c.query, http.StatusForbidden)
		_, err = organizations.NewFromConfig(bad).DescribeOrganization(t.Context(), nil)
		wantError(t, err, c.json, http.StatusBadRequest)
	}
	if calls := org.Calls(); len(calls) != 1 {
		t.Errorf("calls of unknown callers were counted: %v", calls)
	}
}

func TestUnsignedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	org, _ := started(t, nil)
	for _, c := range []struct {
		body, target string
		want         string
		status       int
	}{
		{"Action=GetCallerIdentity&Version=2011-06-15", "", "<Code>MissingAuthenticationToken</Code>", http.StatusForbidden},
		{"{}", "AWSOrganizationsV20161128.ListAccounts", `"__type":"MissingAuthenticationTokenException"`, http.StatusBadRequest},
		{"%zz", "", "parse form", http.StatusBadRequest},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, org.URL(), strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.target != "" {
			request.Header.Set("X-Amz-Target", c.target)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != c.status || !strings.Contains(string(body), c.want) {
			t.Errorf("%s: %d %s", c.body, response.StatusCode, body)
		}
	}
}

func TestSessionsExpireByTheRealClock(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	now.Store(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	org, client := started(t, func(c *awssim.Config) {
		c.Clock = func() time.Time { return time.Unix(now.Load(), 0) }
		c.SessionDuration = 15 * time.Minute
	})
	account := member(t, org, 1)
	session := assumed(t, org, client, account)
	org.SetNow(org.Now().AddDate(0, 0, 30))
	now.Add(15*60 - 1)
	if _, err := iam.NewFromConfig(session).GetAccountSummary(t.Context(), nil); err != nil {
		t.Errorf("session does not last as long as it should: %v", err)
	}
	now.Add(1)
	_, err := iam.NewFromConfig(session).GetAccountSummary(t.Context(), nil)
	wantError(t, err, "ExpiredToken", http.StatusForbidden)
	_, err = organizations.NewFromConfig(session).ListAccounts(t.Context(), nil)
	wantError(t, err, "ExpiredTokenException", http.StatusBadRequest)
	now.Add(2 * 60 * 60)
	assumed(t, org, client, account) // forgets the old session
	_, err = iam.NewFromConfig(session).GetAccountSummary(t.Context(), nil)
	wantError(t, err, "InvalidClientTokenId", http.StatusForbidden)
}

func TestAssumeRoleObeysTrustPolicies(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.Roles = 60 })
	account, suspended := member(t, org, 1), member(t, org, 5)
	day := account.Day(org.Now())
	named := func(name string) string {
		for r := range day.Roles() {
			if strings.HasPrefix(r.Name, name) {
				return r.ARN
			}
		}
		t.Fatalf("no role is called %s", name)
		return ""
	}
	collector := roleARN(org, account)
	for _, c := range []struct {
		name, role, external, session string
		duration                      int32
		code                          string
		status                        int
	}{
		{"right external id", collector, "leastwise-demo", "collect-1", 0, "", 0},
		{"right duration", collector, "leastwise-demo", "collect-1", 3600, "", 0},
		{"no external id", collector, "", "collect-1", 0, "AccessDenied", 403},
		{"wrong external id", collector, "leastwise-demo2", "collect-1", 0, "AccessDenied", 403},
		{"role that the caller may not assume", named("OrganizationAccountAccessRole"), "", "s1", 0, "AccessDenied", 403},
		{"role for MFA", named("break-glass-admin"), "", "s1", 0, "AccessDenied", 403},
		{"role of a service", named("AWSServiceRoleForConfig"), "", "s1", 0, "AccessDenied", 403},
		{"role that is not there", strings.Replace(collector, "collector", "nobody", 1), "leastwise-demo", "s1", 0, "AccessDenied", 403},
		{"account that is not there", "arn:aws:iam::000000000000:role/leastwise-collector", "leastwise-demo", "s1", 0, "AccessDenied", 403},
		{"suspended account", roleARN(org, suspended), "leastwise-demo", "s1", 0, "AccessDenied", 403},
		{"not an ARN", "leastwise-collector-role", "leastwise-demo", "s1", 0, "AccessDenied", 403},
		{"odd session name", collector, "leastwise-demo", "no spaces", 0, "ValidationError", 400},
		{"too short", collector, "leastwise-demo", "s1", 60, "ValidationError", 400},
		{"too long", collector, "leastwise-demo", "s1", 7200, "ValidationError", 400},
	} {
		in := &sts.AssumeRoleInput{RoleArn: aws.String(c.role), RoleSessionName: aws.String(c.session)}
		if c.external != "" {
			in.ExternalId = aws.String(c.external)
		}
		if c.duration != 0 {
			in.DurationSeconds = aws.Int32(c.duration)
		}
		out, err := sts.NewFromConfig(client).AssumeRole(t.Context(), in)
		if c.code != "" {
			if code, status := errorCode(err); code != c.code || status != c.status {
				t.Errorf("%s: %q %d, want %q %d: %v", c.name, code, status, c.code, c.status, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if left := time.Until(*out.Credentials.Expiration); left < 59*time.Minute || left > time.Hour {
			t.Errorf("%s: session expires in %s", c.name, left)
		}
	}
}

func TestWithoutExternalIDNoneIsNeeded(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.ExternalID = "" })
	_, err := sts.NewFromConfig(client).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(roleARN(org, member(t, org, 3))), RoleSessionName: aws.String("s1"),
	})
	if err != nil {
		t.Error(err)
	}
}

func TestASessionCannotReachOtherAccounts(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	session := assumed(t, org, client, member(t, org, 1))
	_, err := sts.NewFromConfig(session).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(roleARN(org, member(t, org, 2))), RoleSessionName: aws.String("s1"), ExternalId: aws.String("leastwise-demo"),
	})
	wantError(t, err, "AccessDenied", http.StatusForbidden)
}
