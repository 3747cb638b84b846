package enrich

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/schemas/event"
)

// allowing is a document that allows actions, with commas between them, on a resource.
func allowing(actions, resource string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["` + strings.ReplaceAll(actions, ",", `","`) + `"],"Resource":"` + resource + `"}}`
}

func TestRiskTagsOfAPrincipal(t *testing.T) {
	t.Parallel()
	e := newTestEnricher(t)
	const mayPass = "arn:aws:iam::111122223333:role/app-*"
	tests := map[string]struct {
		documents []string
		want      map[string]string // by service, "" for the entity
	}{
		"nothing":              {nil, map[string]string{"": ""}},
		"harmless":             {[]string{allowing("s3:ListBucket", "*")}, map[string]string{"": "", "s3": ""}},
		"data":                 {[]string{allowing("s3:GetObject", "*")}, map[string]string{"": "data", "s3": "data"}},
		"data of one bucket":   {[]string{s3Read}, map[string]string{"": "", "s3": ""}},
		"half an escalation":   {[]string{allowing("iam:PassRole", mayPass)}, map[string]string{"": "", "iam": ""}},
		"both halves":          {[]string{allowing("iam:PassRole", mayPass), allowing("scheduler:CreateSchedule", "*")}, map[string]string{"": "privilege-escalation infrastructure-modification", "iam": "privilege-escalation", "scheduler": "privilege-escalation infrastructure-modification"}},
		"open networks":        {[]string{allowing("ec2:AuthorizeSecurityGroupIngress", "*")}, map[string]string{"": "network-exposure infrastructure-modification", "ec2": "network-exposure infrastructure-modification"}},
		"policies of queues":   {[]string{allowing("sqs:AddPermission", "*")}, map[string]string{"": "resource-exposure infrastructure-modification", "sqs": "resource-exposure infrastructure-modification"}},
		"tokens of a registry": {[]string{allowing("ecr:GetAuthorizationToken", "*")}, map[string]string{"": "credentials", "ecr": "credentials"}},
		"a whole service":      {[]string{allowing("sqs:*", "arn:aws:sqs:eu-west-1:111122223333:q")}, map[string]string{"": "service-wildcard", "sqs": "service-wildcard"}},
		"an administrator":     {[]string{everything}, map[string]string{"trustedadvisor": "admin infrastructure-modification service-wildcard"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			docs := documents{}
			var refs []event.PolicyRef
			for _, content := range tt.documents {
				refs = append(refs, docs.add(e, "p", content))
			}
			got, err := e.Role(event.Role{Policies: refs}, docs)
			if err != nil {
				t.Fatal(err)
			}
			tags := map[string]string{"": strings.Join(got.RiskTags, " ")}
			for _, g := range got.Grants {
				tags[g.Service] = strings.Join(g.RiskTags, " ")
			}
			for service, want := range tt.want {
				if tags[service] != want {
					t.Errorf("%q has %q, want %q", service, tags[service], want)
				}
			}
			if len(tt.documents) != 1 {
				return
			}
			if diff := cmp.Diff(got.RiskTags, docs[refs[0].Document].event.RiskTags); diff != "" {
				t.Errorf("the document alone has other tags than a role with it (-role +document):\n%s", diff)
			}
		})
	}
}

func TestServiceControlPoliciesLimit(t *testing.T) {
	t.Parallel()
	e := newTestEnricher(t)
	docs := documents{}
	all, star := docs.add(e, "all", everything), docs.add(e, "star", s3Star)
	noList, gone := docs.add(e, "no-list", s3NoList), event.PolicyRef{Source: event.SourceManaged, Name: "Gone", ARN: "arn:gone"}
	tests := map[string]struct {
		controls [][]event.PolicyRef
		services int // with a grant
		admin    bool
		missing  []string
	}{
		"none":                      {nil, len(e.prefixes), true, nil},
		"everything on two levels":  {[][]event.PolicyRef{{all}, {all}}, len(e.prefixes), true, nil},
		"one service on a level":    {[][]event.PolicyRef{{all}, {star}}, 1, false, nil},
		"a level that is not there": {[][]event.PolicyRef{{all}, {gone}}, len(e.prefixes), true, []string{"arn:gone"}},
		"a deny for everyone":       {[][]event.PolicyRef{{all, noList}}, len(e.prefixes), true, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, enrich := range []func() (event.Enrichment, error){
				func() (event.Enrichment, error) {
					got, err := e.Role(event.Role{Policies: []event.PolicyRef{all}, Controls: tt.controls}, docs)
					return got.Enrichment, err
				},
				func() (event.Enrichment, error) {
					got, err := e.User(event.User{Policies: []event.PolicyRef{all}, Controls: tt.controls}, docs)
					return got.Enrichment, err
				},
			} {
				got, err := enrich()
				if err != nil {
					t.Fatal(err)
				}
				if len(got.Grants) != tt.services || slices.Contains(got.RiskTags, "admin") != tt.admin || !slices.Equal(got.MissingDocuments, tt.missing) {
					t.Errorf("%d services, tags %v, missing %v", len(got.Grants), got.RiskTags, got.MissingDocuments)
				}
			}
		})
	}
}

// The order of a level's policies means nothing, that of the levels does.
func TestVersionCoversControls(t *testing.T) {
	t.Parallel()
	a, b := event.PolicyRef{Source: event.SourceManaged, Name: "a"}, event.PolicyRef{Source: event.SourceManaged, Name: "b"}
	versions := make(map[string]string)
	for name, controls := range map[string][][]event.PolicyRef{
		"none": nil, "both": {{a, b}}, "both in another order": {{b, a}}, "a below b": {{b}, {a}}, "b below a": {{a}, {b}},
	} {
		role, err := roleVersion(event.Role{Controls: controls})
		if err != nil {
			t.Fatal(err)
		}
		user, err := userVersion(event.User{Controls: controls})
		if err != nil {
			t.Fatal(err)
		}
		versions[name] = role + user
	}
	if versions["both"] != versions["both in another order"] {
		t.Error("the order in a level counts")
	}
	delete(versions, "both in another order")
	seen := make(map[string]string)
	for name, version := range versions {
		if other := seen[version]; other != "" {
			t.Errorf("%s and %s are one version", name, other)
		}
		seen[version] = name
	}
}
