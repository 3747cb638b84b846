package awssim_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/awssimtest"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// started starts the default organization, changed by edit. Its clients do not retry.
func started(t testing.TB, edit func(*awssim.Config)) (*awssim.Organization, aws.Config) {
	t.Helper()
	cfg := awssim.DefaultConfig()
	if edit != nil {
		edit(&cfg)
	}
	org, client := awssimtest.Start(t, cfg)
	client.RetryMaxAttempts = 1
	return org, client
}

// member returns the i-th account; 0 is the management account.
func member(t testing.TB, org *awssim.Organization, i int) *world.Account {
	t.Helper()
	for a := range org.World().Accounts(i) {
		return a
	}
	t.Fatalf("there is no account %d", i)
	return nil
}

// roleARN is the ARN of the collector's role in an account.
func roleARN(org *awssim.Organization, a *world.Account) string {
	role, _ := a.Day(org.Now()).Role(0)
	return role.ARN
}

// assumed returns client credentials for the collector's role in an account.
func assumed(t testing.TB, org *awssim.Organization, client aws.Config, a *world.Account) aws.Config {
	t.Helper()
	out, err := sts.NewFromConfig(client).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(roleARN(org, a)), RoleSessionName: aws.String("test"), ExternalId: aws.String("leastwise-demo"),
	})
	if err != nil {
		t.Fatalf("assume role in %s: %v", a.ID(), err)
	}
	client.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	return client
}

// errorCode returns the code and the HTTP status of a service's error.
func errorCode(err error) (code string, status int) {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code = api.ErrorCode()
	}
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		status = response.HTTPStatusCode()
	}
	return code, status
}

func wantError(t testing.TB, err error, code string, status int) {
	t.Helper()
	if gotCode, gotStatus := errorCode(err); gotCode != code || gotStatus != status {
		t.Errorf("error is %q with status %d, want %q with %d: %v", gotCode, gotStatus, code, status, err)
	}
}

// details reads all pages of an account's authorization details.
func details(t testing.TB, client aws.Config, in iam.GetAccountAuthorizationDetailsInput) (all iam.GetAccountAuthorizationDetailsOutput, sizes []int) {
	t.Helper()
	api := iam.NewFromConfig(client)
	for {
		page, err := api.GetAccountAuthorizationDetails(t.Context(), &in)
		if err != nil {
			t.Fatalf("read authorization details: %v", err)
		}
		all.UserDetailList = append(all.UserDetailList, page.UserDetailList...)
		all.GroupDetailList = append(all.GroupDetailList, page.GroupDetailList...)
		all.RoleDetailList = append(all.RoleDetailList, page.RoleDetailList...)
		all.Policies = append(all.Policies, page.Policies...)
		sizes = append(sizes, len(page.UserDetailList)+len(page.GroupDetailList)+len(page.RoleDetailList)+len(page.Policies))
		if page.IsTruncated != (page.Marker != nil) {
			t.Fatalf("truncated is %v and the marker %v", page.IsTruncated, page.Marker)
		}
		if !page.IsTruncated {
			return all, sizes
		}
		in.Marker = page.Marker
	}
}

// decoded returns a document as IAM's clients have to decode it.
func decoded(t testing.TB, document *string) string {
	t.Helper()
	plain, err := url.PathUnescape(aws.ToString(document))
	if err != nil {
		t.Fatalf("decode document: %v", err)
	}
	return plain
}

// finished polls an access-advisor job until it is not in progress any more.
func finished(t testing.TB, api *iam.Client, in iam.GetServiceLastAccessedDetailsInput) *iam.GetServiceLastAccessedDetailsOutput {
	t.Helper()
	for range 20 {
		out, err := api.GetServiceLastAccessedDetails(t.Context(), &in)
		if err != nil {
			t.Fatalf("get last accessed: %v", err)
		}
		if out.JobStatus != iamtypes.JobStatusTypeInProgress {
			return out
		}
	}
	t.Fatal("job does not come to an end")
	return nil
}

// sameTime compares a time that may be absent with one that may be zero.
func sameTime(got *time.Time, want time.Time) bool {
	return aws.ToTime(got).Equal(want)
}
