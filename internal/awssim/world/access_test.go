package world_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// allowedPrefixes reads what the Allow statements of documents name, in the
// plainest way: the service prefixes, with * for everything.
func allowedPrefixes(t *testing.T, documents []json.RawMessage) (prefixes map[string]bool, not []string) {
	t.Helper()
	prefixes = map[string]bool{}
	for _, document := range documents {
		var doc map[string]any
		if err := json.Unmarshal(document, &doc); err != nil {
			t.Fatal(err)
		}
		for _, s := range asList(doc["Statement"]) {
			statement := s.(map[string]any)
			if statement["Effect"] != "Allow" {
				continue
			}
			for _, a := range asList(statement["Action"]) {
				prefix, _, _ := strings.Cut(strings.ToLower(a.(string)), ":")
				prefixes[prefix] = true
			}
			for _, a := range asList(statement["NotAction"]) {
				prefixes["*"] = true
				not = append(not, a.(string))
			}
		}
	}
	return prefixes, not
}

func asList(v any) []any {
	if v == nil {
		return nil
	}
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

// documentsOf returns the documents that a role's permissions come from.
func documentsOf(t *testing.T, d world.Day, r world.Role) []json.RawMessage {
	t.Helper()
	var all []json.RawMessage
	for _, p := range r.Inline {
		all = append(all, p.Document)
	}
	for _, p := range r.Attached {
		ref, found := d.Find(p.ARN)
		if !found {
			t.Fatalf("policy %s is not there", p.ARN)
		}
		get := d.Policy
		if ref.Kind == world.KindAWSPolicy {
			get = d.AWSPolicy
		}
		policy, _ := get(ref.Slot)
		for _, v := range policy.Versions {
			if v.Default {
				all = append(all, v.Document)
			}
		}
	}
	return all
}

func TestAccessListsTheServicesThatThePoliciesGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	full, used := 0, 0
	for i := range 5 {
		d := onDay(t, w, i, 25)
		for r := range d.Roles() {
			prefixes, not := allowedPrefixes(t, documentsOf(t, d, r))
			access, found := d.Access(r.ARN)
			if !found {
				t.Fatalf("no access of %s", r.Name)
			}
			if !slices.IsSortedFunc(access, func(a, b world.ServiceAccess) int { return strings.Compare(a.Namespace, b.Namespace) }) {
				t.Errorf("services of %s are not sorted", r.Name)
			}
			listed := map[string]bool{}
			for _, s := range access {
				listed[s.Namespace] = true
				if !prefixes["*"] && !prefixes[s.Namespace] {
					t.Errorf("role %s: %s is listed and not granted", r.Name, s.Namespace)
				}
				checkUse(t, d, r, s)
				used += s.Entities
			}
			for prefix := range prefixes {
				if !listed[prefix] && slices.Contains([]string{"s3", "ec2", "iam", "logs", "sqs", "lambda"}, prefix) {
					t.Errorf("role %s: %s is granted and not listed", r.Name, prefix)
				}
			}
			if listed["frobnicator"] {
				t.Errorf("role %s: a service that does not exist is listed", r.Name)
			}
			if prefixes["*"] && len(not) == 0 {
				full++
				if len(access) < 50 {
					t.Errorf("role %s may do everything, and %d services are listed", r.Name, len(access))
				}
			}
		}
	}
	if full == 0 || used == 0 {
		t.Errorf("%d administrators, %d used services: want some of both", full, used)
	}
}

func checkUse(t *testing.T, d world.Day, r world.Role, s world.ServiceAccess) {
	t.Helper()
	if s.Entities == 0 {
		if !s.Last.IsZero() || s.Entity != "" || s.Region != "" {
			t.Errorf("role %s never used %s, and did: %+v", r.Name, s.Namespace, s)
		}
	} else if s.Entity != r.ARN || s.Entities != 1 || s.Region == "" || s.Last.After(r.LastUsed) || s.Last.Before(r.Created) {
		t.Errorf("role %s, last used %s: %+v", r.Name, r.LastUsed, s)
	}
	for _, a := range s.Actions {
		if !a.Last.IsZero() && (a.Last.After(s.Last) || a.Entity != r.ARN || a.Region == "") {
			t.Errorf("role %s: action %+v of %+v", r.Name, a, s)
		}
	}
}

func TestActionsAreTheTrackedOnesThatAreGranted(t *testing.T) {
	t.Parallel()
	d := onDay(t, newWorld(t, nil), 1, 0)
	actions := func(arn, namespace string) []string {
		access, found := d.Access(arn)
		if !found {
			t.Fatalf("no access of %s", arn)
		}
		var names []string
		for _, s := range access {
			if s.Namespace == namespace {
				for _, a := range s.Actions {
					names = append(names, a.Name)
				}
			}
		}
		return names
	}
	for _, c := range []struct {
		policy, namespace string
		want              []string
	}{
		{"AmazonS3ReadOnlyAccess", "s3", []string{"GetBucketPolicy", "ListAllMyBuckets"}},
		{"AdministratorAccess", "kms", []string{"CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKey"}},
		{"PowerUserAccess", "iam", []string{"ListRoles"}},
		{"service-role/AWSLambdaBasicExecutionRole", "logs", []string{"CreateLogGroup", "CreateLogStream"}},
		{"service-role/AWSLambdaBasicExecutionRole", "s3", nil},
	} {
		if got := actions("arn:aws:iam::aws:policy/"+c.policy, c.namespace); !slices.Equal(got, c.want) {
			t.Errorf("%s tracks %v in %s, want %v", c.policy, got, c.namespace, c.want)
		}
	}
}

func TestGroupsAndPoliciesReportTheUseOfTheirPrincipals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Users = 20 })
	byGroup, byPolicy := 0, 0
	for i := range 5 {
		d := onDay(t, w, i, 10)
		members, holders := map[string][]string{}, map[string][]string{}
		for u := range d.Users() {
			for _, g := range u.Groups {
				members[g] = append(members[g], u.ARN)
			}
			for _, p := range u.Attached {
				holders[p.ARN] = append(holders[p.ARN], u.ARN)
			}
		}
		for r := range d.Roles() {
			for _, p := range r.Attached {
				holders[p.ARN] = append(holders[p.ARN], r.ARN)
			}
		}
		for g := range d.Groups() {
			byGroup += checkPrincipals(t, d, g.ARN, members[g.Name])
		}
		for p := range d.Policies() {
			byPolicy += checkPrincipals(t, d, p.ARN, holders[p.ARN])
		}
	}
	if byGroup == 0 || byPolicy == 0 {
		t.Errorf("%d services used through groups and %d through policies, want some", byGroup, byPolicy)
	}
}

// checkPrincipals returns how many services the entity's principals used.
func checkPrincipals(t *testing.T, d world.Day, arn string, principals []string) (used int) {
	t.Helper()
	access, found := d.Access(arn)
	if !found {
		t.Errorf("no access of %s", arn)
	}
	for _, s := range access {
		if s.Entities == 0 {
			continue
		}
		used++
		if !slices.Contains(principals, s.Entity) || s.Entities > len(principals) {
			t.Errorf("%s: %+v, and its principals are %v", arn, s, principals)
		}
		own, _ := d.Access(s.Entity)
		at := slices.IndexFunc(own, func(o world.ServiceAccess) bool { return o.Namespace == s.Namespace })
		if at >= 0 && !own[at].Last.Equal(s.Last) {
			t.Errorf("%s says that %s used %s at %s, the principal says %s", arn, s.Entity, s.Namespace, s.Last, own[at].Last)
		}
	}
	return used
}

func TestUseOnlyMovesForwardUntilItIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	last := map[string]world.ServiceAccess{}
	moved := 0
	for n := range 60 {
		d := onDay(t, w, 2, n)
		for r := range d.Roles() {
			access, _ := d.Access(r.ARN)
			for _, s := range access {
				key := r.ID + s.Namespace
				before := last[key]
				if s.Last.Before(before.Last) && !s.Last.IsZero() {
					t.Fatalf("day %d: %s of %s went from %s back to %s", n, s.Namespace, r.Name, before.Last, s.Last)
				}
				if n > 0 && s.Last.After(before.Last) {
					moved++
				}
				last[key] = s
			}
		}
	}
	if moved == 0 {
		t.Error("nothing was used in 60 days")
	}
}
