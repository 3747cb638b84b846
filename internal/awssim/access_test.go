package awssim_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// reportable are the ARNs that access-advisor jobs are made for.
func reportable(day world.Day) []string {
	var all []string
	for u := range day.Users() {
		all = append(all, u.ARN)
	}
	for g := range day.Groups() {
		all = append(all, g.ARN)
	}
	for r := range day.Roles() {
		all = append(all, r.ARN)
	}
	for p := range day.Policies() {
		all = append(all, p.ARN)
	}
	for p := range day.AWSPolicies() {
		all = append(all, p.ARN)
	}
	return all
}

func begin(t testing.TB, api *iam.Client, arn string, level iamtypes.AccessAdvisorUsageGranularityType) *string {
	t.Helper()
	job, err := api.GenerateServiceLastAccessedDetails(t.Context(), &iam.GenerateServiceLastAccessedDetailsInput{Arn: &arn, Granularity: level})
	if err != nil {
		t.Fatalf("generate last accessed of %s: %v", arn, err)
	}
	return job.JobId
}

func tellAccess(services []iamtypes.ServiceLastAccessed, actions bool) string {
	told := ""
	for _, s := range services {
		told += fmt.Sprintln(*s.ServiceNamespace, *s.ServiceName, aws.ToTime(s.LastAuthenticated).Unix(), aws.ToString(s.LastAuthenticatedEntity),
			aws.ToString(s.LastAuthenticatedRegion), *s.TotalAuthenticatedEntities)
		if !actions && s.TrackedActionsLastAccessed != nil {
			told += "actions at service level"
		}
		for _, a := range s.TrackedActionsLastAccessed {
			told += fmt.Sprintln(" ", *a.ActionName, aws.ToTime(a.LastAccessedTime).Unix(), aws.ToString(a.LastAccessedEntity), aws.ToString(a.LastAccessedRegion))
		}
	}
	return told
}

func tellTruth(services []world.ServiceAccess, actions bool) string {
	told := ""
	for _, s := range services {
		told += fmt.Sprintln(s.Namespace, s.Name, s.Last.Unix(), s.Entity, s.Region, s.Entities)
		for _, a := range s.Actions {
			if actions {
				told += fmt.Sprintln(" ", a.Name, a.Last.Unix(), a.Entity, a.Region)
			}
		}
	}
	return told
}

func TestLastAccessedIsTheTruthForEveryKindOfEntity(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	account := member(t, org, 1)
	api := iam.NewFromConfig(assumed(t, org, client, account))
	for n, level := range []iamtypes.AccessAdvisorUsageGranularityType{iamtypes.AccessAdvisorUsageGranularityTypeServiceLevel, iamtypes.AccessAdvisorUsageGranularityTypeActionLevel, ""} {
		org.SetNow(org.Now().AddDate(0, 0, 9*n))
		day := account.Day(org.Now())
		actions := level == iamtypes.AccessAdvisorUsageGranularityTypeActionLevel
		for _, arn := range reportable(day) {
			out := allServices(t, api, begin(t, api, arn, level), 1000)
			want, _ := day.Access(arn)
			if got := tellAccess(out.ServicesLastAccessed, actions); got != tellTruth(want, actions) {
				t.Fatalf("%s:\n%s\nwant:\n%s", arn, got, tellTruth(want, actions))
			}
			wantType := level
			if level == "" {
				wantType = iamtypes.AccessAdvisorUsageGranularityTypeServiceLevel
			}
			if out.JobStatus != iamtypes.JobStatusTypeCompleted || out.JobType != wantType || !out.JobCompletionDate.After(*out.JobCreationDate) {
				t.Errorf("job of %s: %s %s from %s to %s", arn, out.JobStatus, out.JobType, out.JobCreationDate, out.JobCompletionDate)
			}
		}
	}
}

// allServices follows the markers of a finished job.
func allServices(t testing.TB, api *iam.Client, job *string, size int32) *iam.GetServiceLastAccessedDetailsOutput {
	t.Helper()
	in := iam.GetServiceLastAccessedDetailsInput{JobId: job, MaxItems: &size}
	all := finished(t, api, in)
	for page := all; page.IsTruncated; {
		in.Marker = page.Marker
		page = finished(t, api, in)
		if len(page.ServicesLastAccessed) > int(size) {
			t.Errorf("page of %d holds %d services", size, len(page.ServicesLastAccessed))
		}
		all.ServicesLastAccessed = append(all.ServicesLastAccessed, page.ServicesLastAccessed...)
	}
	return all
}

func TestServicesArePaged(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.ShortPages = 40 })
	api := iam.NewFromConfig(client)
	const arn = "arn:aws:iam::aws:policy/AdministratorAccess"
	want, _ := org.World().Management().Day(org.Now()).Access(arn)
	for _, size := range []int32{1, 7, 61, 62, 63, 100} {
		out := allServices(t, api, begin(t, api, arn, ""), size)
		if got := tellAccess(out.ServicesLastAccessed, false); got != tellTruth(want, false) {
			t.Errorf("page size %d: %d services, want %d", size, len(out.ServicesLastAccessed), len(want))
		}
	}
}

func TestMarkersBelongToTheirJob(t *testing.T) {
	t.Parallel()
	_, client := started(t, func(c *awssim.Config) { c.JobPolls, c.ShortPages = 0, 0 })
	api := iam.NewFromConfig(client)
	large := begin(t, api, "arn:aws:iam::aws:policy/AdministratorAccess", "")
	small := begin(t, api, "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "")
	page := finished(t, api, iam.GetServiceLastAccessedDetailsInput{JobId: large, MaxItems: aws.Int32(50)})
	_, err := api.GetServiceLastAccessedDetails(t.Context(), &iam.GetServiceLastAccessedDetailsInput{JobId: small, Marker: page.Marker})
	wantError(t, err, "ValidationError", http.StatusBadRequest)
}

func TestJobsAreInProgressForAWhile(t *testing.T) {
	t.Parallel()
	_, client := started(t, func(c *awssim.Config) { c.JobPolls = 3 })
	api := iam.NewFromConfig(client)
	job := begin(t, api, "arn:aws:iam::aws:policy/AdministratorAccess", "")
	var statuses []iamtypes.JobStatusType
	for range 5 {
		out, err := api.GetServiceLastAccessedDetails(t.Context(), &iam.GetServiceLastAccessedDetailsInput{JobId: job})
		if err != nil {
			t.Fatal(err)
		}
		if out.JobStatus == iamtypes.JobStatusTypeInProgress && (out.JobCompletionDate != nil || len(out.ServicesLastAccessed) > 0) {
			t.Errorf("unfinished job has results: %+v", out)
		}
		statuses = append(statuses, out.JobStatus)
	}
	want := []iamtypes.JobStatusType{"IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED", "COMPLETED"}
	if !slices.Equal(statuses, want) {
		t.Errorf("statuses %v, want %v", statuses, want)
	}
}

func TestAJobBelongsToTheSessionThatMadeIt(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	account := member(t, org, 1)
	one, other := iam.NewFromConfig(assumed(t, org, client, account)), iam.NewFromConfig(assumed(t, org, client, account))
	job := begin(t, one, roleARN(org, account), "")
	_, err := other.GetServiceLastAccessedDetails(t.Context(), &iam.GetServiceLastAccessedDetailsInput{JobId: job})
	wantError(t, err, "NoSuchEntity", http.StatusNotFound)
	finished(t, one, iam.GetServiceLastAccessedDetailsInput{JobId: job})
}

func TestAJobReportsTheDayOnWhichItBegan(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	api := iam.NewFromConfig(client)
	const arn = "arn:aws:iam::aws:policy/AdministratorAccess"
	job := begin(t, api, arn, "")
	want, _ := org.World().Management().Day(org.Now()).Access(arn)
	org.SetNow(org.Now().AddDate(0, 0, 3))
	if got := tellAccess(allServices(t, api, job, 1000).ServicesLastAccessed, false); got != tellTruth(want, false) {
		t.Error("the report moved on with the clock")
	}
}

func TestJobsOfUnknownThingsAreRefused(t *testing.T) {
	t.Parallel()
	_, client := started(t, nil)
	api := iam.NewFromConfig(client)
	for _, arn := range []string{"arn:aws:iam::123456789012:role/nobody", "arn:aws:iam::aws:policy/Nothing", "arn:aws:s3:::a-bucket-of-mine"} {
		_, err := api.GenerateServiceLastAccessedDetails(t.Context(), &iam.GenerateServiceLastAccessedDetailsInput{Arn: &arn})
		wantError(t, err, "NoSuchEntity", http.StatusNotFound)
	}
	for _, id := range []string{"6a1e3bf0-5a3c-4b5f-9c1d-0123456789ab", "not-a-job-id-but-as-long-as-one-is-ok"} {
		_, err := api.GetServiceLastAccessedDetails(t.Context(), &iam.GetServiceLastAccessedDetailsInput{JobId: &id})
		wantError(t, err, "NoSuchEntity", http.StatusNotFound)
	}
	_, err := api.GenerateServiceLastAccessedDetails(t.Context(), &iam.GenerateServiceLastAccessedDetailsInput{
		Arn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"), Granularity: "RESOURCE_LEVEL",
	})
	wantError(t, err, "ValidationError", http.StatusBadRequest)
}
