package awssim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// truth are the entities that the authorization details of a day must show,
// each told as one string.
func truth(day world.Day) []string {
	var all []string
	for u := range day.Users() {
		all = append(all, fmt.Sprint("user ", u.Path, u.Name, u.ARN, u.ID, u.Created.Unix(), u.Groups, u.Attached, tellInline(u.Inline), u.Boundary, u.Tags))
	}
	for g := range day.Groups() {
		all = append(all, fmt.Sprint("group ", g.Path, g.Name, g.ARN, g.ID, g.Created.Unix(), g.Attached, tellInline(g.Inline)))
	}
	for r := range day.Roles() {
		profile := ""
		if p := r.Profile; p != nil {
			profile = fmt.Sprint(p.Path, p.Name, p.ARN, p.ID, p.Created.Unix())
		}
		all = append(all, fmt.Sprint("role ", r.Path, r.Name, r.ARN, r.ID, r.Created.Unix(), string(r.Trust), r.Attached,
			tellInline(r.Inline), r.Boundary, r.Tags, profile, max(r.LastUsed.Unix(), 0), r.LastUsedRegion))
	}
	policy := func(p world.Policy) {
		versions := ""
		for _, v := range p.Versions {
			versions += fmt.Sprint(v.ID, v.Default, v.Created.Unix(), string(v.Document))
		}
		all = append(all, fmt.Sprint("policy ", p.Path, p.Name, p.ARN, p.ID, p.Description, p.Created.Unix(), p.Updated.Unix(),
			p.DefaultVersion, p.Attachments, p.BoundaryUses, versions))
	}
	for p := range day.Policies() {
		policy(p)
	}
	for p := range day.AWSPolicies() {
		if p.Attachments > 0 {
			policy(p)
		}
	}
	return all
}

func tellInline(policies []world.InlinePolicy) string {
	told := ""
	for _, p := range policies {
		told += p.Name + string(p.Document)
	}
	return told
}

// told are the entities of the details, told like those of truth.
func told(t *testing.T, d iam.GetAccountAuthorizationDetailsOutput) []string {
	t.Helper()
	var all []string
	for _, u := range d.UserDetailList {
		all = append(all, fmt.Sprint("user ", *u.Path, *u.UserName, *u.Arn, *u.UserId, u.CreateDate.Unix(), u.GroupList,
			attachments(u.AttachedManagedPolicies), inline(t, u.UserPolicyList), boundary(u.PermissionsBoundary), tags(u.Tags)))
	}
	for _, g := range d.GroupDetailList {
		all = append(all, fmt.Sprint("group ", *g.Path, *g.GroupName, *g.Arn, *g.GroupId, g.CreateDate.Unix(),
			attachments(g.AttachedManagedPolicies), inline(t, g.GroupPolicyList)))
	}
	for _, r := range d.RoleDetailList {
		profile := ""
		for _, p := range r.InstanceProfileList {
			profile = fmt.Sprint(*p.Path, *p.InstanceProfileName, *p.Arn, *p.InstanceProfileId, p.CreateDate.Unix())
			if *p.Roles[0].Arn != *r.Arn || decoded(t, p.Roles[0].AssumeRolePolicyDocument) != decoded(t, r.AssumeRolePolicyDocument) {
				t.Errorf("instance profile of %s holds %s", *r.Arn, *p.Roles[0].Arn)
			}
		}
		used := int64(0)
		if r.RoleLastUsed.LastUsedDate != nil {
			used = r.RoleLastUsed.LastUsedDate.Unix()
		}
		all = append(all, fmt.Sprint("role ", *r.Path, *r.RoleName, *r.Arn, *r.RoleId, r.CreateDate.Unix(), decoded(t, r.AssumeRolePolicyDocument),
			attachments(r.AttachedManagedPolicies), inline(t, r.RolePolicyList), boundary(r.PermissionsBoundary), tags(r.Tags), profile,
			used, aws.ToString(r.RoleLastUsed.Region)))
	}
	for _, p := range d.Policies {
		versions := ""
		for _, v := range p.PolicyVersionList {
			versions += fmt.Sprint(*v.VersionId, v.IsDefaultVersion, v.CreateDate.Unix(), decoded(t, v.Document))
		}
		all = append(all, fmt.Sprint("policy ", *p.Path, *p.PolicyName, *p.Arn, *p.PolicyId, aws.ToString(p.Description), p.CreateDate.Unix(),
			p.UpdateDate.Unix(), *p.DefaultVersionId, *p.AttachmentCount, *p.PermissionsBoundaryUsageCount, versions))
	}
	return all
}

func attachments(policies []iamtypes.AttachedPolicy) []world.AttachedPolicy {
	var all []world.AttachedPolicy
	for _, p := range policies {
		all = append(all, world.AttachedPolicy{Name: *p.PolicyName, ARN: *p.PolicyArn})
	}
	return all
}

func inline(t *testing.T, policies []iamtypes.PolicyDetail) string {
	t.Helper()
	told := ""
	for _, p := range policies {
		told += *p.PolicyName + decoded(t, p.PolicyDocument)
	}
	return told
}

func boundary(b *iamtypes.AttachedPermissionsBoundary) string {
	if b == nil {
		return ""
	}
	return *b.PermissionsBoundaryArn
}

func tags(tags []iamtypes.Tag) []world.Tag {
	var all []world.Tag
	for _, tag := range tags {
		all = append(all, world.Tag{Key: *tag.Key, Value: *tag.Value})
	}
	return all
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d entities, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("entity %d:\n%s\nwant:\n%s", i, got[i], want[i])
		}
	}
}

func TestAuthorizationDetailsAreTheTruthAtAnyPageSize(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.ShortPages = 30 })
	account := member(t, org, 1)
	session := assumed(t, org, client, account)
	empty, short := 0, 0
	for n, size := range []int32{0, 1, 2, 3, 7, 13, 100, 1000} {
		org.SetNow(org.Now().AddDate(0, 0, 5*n))
		in := iam.GetAccountAuthorizationDetailsInput{}
		if size > 0 {
			in.MaxItems = aws.Int32(size)
		}
		got, sizes := details(t, session, in)
		compare(t, told(t, got), truth(account.Day(org.Now())))
		for _, s := range sizes[:len(sizes)-1] {
			if s == 0 {
				empty++
			} else if size > 0 && s < int(size) {
				short++
			}
			if size > 0 && s > int(size) {
				t.Errorf("page of %d holds %d entities", size, s)
			}
		}
	}
	if empty == 0 || short == 0 {
		t.Errorf("%d empty and %d short pages, want some of both", empty, short)
	}
}

func TestFiltersChooseTheKinds(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	all := truth(org.World().Management().Day(org.Now()))
	for _, filter := range [][]iamtypes.EntityType{
		{iamtypes.EntityTypeUser},
		{iamtypes.EntityTypeGroup},
		{iamtypes.EntityTypeRole},
		{iamtypes.EntityTypeLocalManagedPolicy},
		{iamtypes.EntityTypeAWSManagedPolicy},
		{iamtypes.EntityTypeAWSManagedPolicy, iamtypes.EntityTypeUser, iamtypes.EntityTypeRole},
	} {
		got, _ := details(t, client, iam.GetAccountAuthorizationDetailsInput{Filter: filter, MaxItems: aws.Int32(10)})
		want := slices.DeleteFunc(slices.Clone(all), func(told string) bool {
			kind, _, _ := strings.Cut(told, " ")
			entity := map[string]iamtypes.EntityType{
				"user": iamtypes.EntityTypeUser, "group": iamtypes.EntityTypeGroup, "role": iamtypes.EntityTypeRole,
				"policy": iamtypes.EntityTypeLocalManagedPolicy,
			}[kind]
			if kind == "policy" && strings.Contains(told, ":aws:policy/") {
				entity = iamtypes.EntityTypeAWSManagedPolicy
			}
			return !slices.Contains(filter, entity)
		})
		if len(want) == 0 {
			t.Errorf("%v: nothing to compare", filter)
		}
		compare(t, told(t, got), want)
	}
	_, err := iam.NewFromConfig(client).GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{Filter: []iamtypes.EntityType{"Robot"}})
	wantError(t, err, "ValidationError", http.StatusBadRequest)
}

func TestPagesStayOnTheDayOnWhichTheyBegan(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	want := truth(org.World().Management().Day(org.Now()))
	api := iam.NewFromConfig(client)
	var got iam.GetAccountAuthorizationDetailsOutput
	in := &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(5)}
	for {
		page, err := api.GetAccountAuthorizationDetails(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		org.SetNow(org.Now().AddDate(0, 0, 40))
		got.UserDetailList = append(got.UserDetailList, page.UserDetailList...)
		got.GroupDetailList = append(got.GroupDetailList, page.GroupDetailList...)
		got.RoleDetailList = append(got.RoleDetailList, page.RoleDetailList...)
		got.Policies = append(got.Policies, page.Policies...)
		if !page.IsTruncated {
			break
		}
		in.Marker = page.Marker
	}
	compare(t, told(t, got), want)
}

func TestMarkersAndSizesAreChecked(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.ShortPages = 0 })
	api := iam.NewFromConfig(client)
	first, err := api.GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := iam.NewFromConfig(assumed(t, org, client, member(t, org, 1)))
	_, err = elsewhere.GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{Marker: first.Marker})
	wantError(t, err, "ValidationError", http.StatusBadRequest)
	for _, marker := range []string{"x", "%%%", *first.Marker + "A", strings.ToLower(*first.Marker)} {
		_, err = api.GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{Marker: &marker})
		wantError(t, err, "ValidationError", http.StatusBadRequest)
	}
	for _, size := range []int32{0, -1, 1001} {
		_, err = api.GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(size)})
		wantError(t, err, "ValidationError", http.StatusBadRequest)
	}
}

func TestDocumentsArePercentEncoded(t *testing.T) {
	t.Parallel()
	_, client := started(t, func(c *awssim.Config) { c.Policies = 150 })
	got, _ := details(t, client, iam.GetAccountAuthorizationDetailsInput{})
	plus, percent := 0, 0
	for _, p := range got.Policies {
		for _, v := range p.PolicyVersionList {
			if strings.ContainsAny(*v.Document, " \n\"{}+/:<>") {
				t.Fatalf("document is not encoded: %s", *v.Document)
			}
			plain := decoded(t, v.Document)
			plus += strings.Count(plain, "a+b&c=d")
			percent += strings.Count(plain, "100%25")
		}
	}
	if plus == 0 || percent == 0 {
		t.Errorf("%d documents with a plus sign and %d with a percent sign, want some of both", plus, percent)
	}
}
