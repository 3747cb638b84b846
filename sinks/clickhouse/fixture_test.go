package clickhouse

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/leastwise/leastwise/schemas/event"
)

const testAccount = "123456789012"

// on is a time on a day of January 2026.
func on(day int, clock string) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05", "2026-01-01 "+clock)
	if err != nil {
		panic(err)
	}
	return at.AddDate(0, 0, day-1)
}

func hash(content string) string { return event.HashDocument([]byte(content)) }

// fullEvents returns one event of each kind, and the run that saw them. Every field
// says something. The lists that IAM gives in no order are out of order.
func fullEvents(t testing.TB) []*nats.Msg {
	t.Helper()
	const run = "20260102T030405Z-123456789012-1"
	common := func(id string) event.Common {
		return event.Common{Run: run, Account: testAccount, ID: id, ObservedAt: on(2, "03:04:05")}
	}
	identity := func(name, arn string) event.Identity {
		return event.Identity{Name: name, Path: "/team/", ARN: arn, CreatedAt: on(1, "00:00:01"), Tags: map[string]string{"team": "blue", "env": "prod"}}
	}
	enrichment := func(version string, grants ...event.Grant) event.Enrichment {
		return event.Enrichment{
			Version: version, Catalog: "0.21", CatalogDate: on(1, "12:00:00"), AccessLevel: "Write", Grants: grants,
			RiskTags: []string{"data", "credentials"}, UnknownActions: []string{"s3:Gone"}, MissingDocuments: []string{"arn:aws:iam::aws:policy/Absent"},
		}
	}
	grant := event.Grant{Service: "s3", Bound: [5]uint16{1, 2, 3, 4, 5}, Unbound: [5]uint16{6, 7, 8, 9, 10}, RiskTags: []string{"data"}}
	managed := event.PolicyRef{Source: event.SourceManaged, Name: "ReadOnly", ARN: "arn:aws:iam::aws:policy/ReadOnly", Document: hash("read")}
	inline := event.PolicyRef{Source: event.SourceInline, Name: "own", Document: hash("own")}
	boundary := event.PolicyRef{Source: event.SourceManaged, Name: "Fence", ARN: "arn:aws:iam::123456789012:policy/Fence", Document: hash("fence")}

	opened := event.Run{Common: common(run), Phase: event.PhaseOpened, Status: event.RunRunning, StartedAt: on(2, "03:04:06"), Source: event.SourceAWS}
	closed := opened
	closed.Phase, closed.Status, closed.EndedAt = event.PhaseClosed, event.RunPartial, on(2, "03:05:00")
	closed.Reason = "access was denied"
	closed.Expected = map[event.Kind]int64{event.KindUser: 1, event.KindRole: 1, event.KindGroup: 1, event.KindPolicy: 1, event.KindAccount: 1, event.KindAccess: 1, event.KindCredential: 1}
	closed.Problems = []event.Problem{{Part: "GetCredentialReport", State: event.StateAccessDenied, Reason: "not allowed", Count: 2}}
	closed.Calls = map[string]int64{"GetAccountAuthorizationDetails": 3, "ListAccountAliases": 1}

	account := event.Account{
		Common: common(testAccount), Name: "shop", Partition: "aws", Aliases: []string{"shop-prod"}, JoinedAt: on(1, "10:00:00"),
		Summary:      map[string]int64{"Users": 1, "Roles": 1},
		Organization: &event.Organization{ID: "o-1", Management: "210987654321", Accounts: hash("accounts")},
		Controls: event.Controls{State: event.StateThrottled, Reason: "slow down", Levels: [][]event.PolicyRef{
			{{Source: event.SourceManaged, Name: "All", ARN: "arn:all", Document: hash("all")}},
			{{Source: event.SourceManaged, Name: "Some", ARN: "arn:some"}, {Source: event.SourceManaged, Name: "More", ARN: "arn:more"}},
		}},
	}
	user := event.EnrichedUser{User: event.User{
		Common: common("AIDAUSER"), Identity: identity("ann", "arn:aws:iam::123456789012:user/team/ann"),
		Groups: []event.Membership{{Name: "ops"}, {Name: "devs", Policies: []event.PolicyRef{inline}}}, Policies: []event.PolicyRef{managed, inline}, Boundary: &boundary,
	}, Enrichment: enrichment("00000000000000a1", grant)}
	group := event.EnrichedGroup{Group: event.Group{
		Common: common("AGPAGROUP"), Identity: identity("devs", "arn:aws:iam::123456789012:group/team/devs"), Policies: []event.PolicyRef{inline},
	}, Enrichment: enrichment("00000000000000b2", grant)}
	role := event.EnrichedRole{Role: event.Role{
		Common: common("AROAROLE"), Identity: identity("deploy", "arn:aws:iam::123456789012:role/team/deploy"), Trust: hash("trust"),
		Policies: []event.PolicyRef{managed}, Boundary: &boundary, LastUsedAt: on(1, "23:00:00"), LastUsedRegion: "eu-west-1", InstanceProfiles: []string{"web", "batch"},
	}, Enrichment: enrichment("00000000000000c3", grant), Trusts: []event.Trust{{
		Statement: 1, Effect: "Allow", Kind: "AWS", Principal: "arn:aws:iam::210987654321:root", Account: "210987654321",
		Actions: []string{"sts:AssumeRole"}, Conditions: []string{"sts:ExternalId"}, ExternalID: true, Public: true, CrossAccount: true,
		Grade: "external-id", Subject: true, Audience: true,
	}}}
	policy := event.EnrichedPolicy{Policy: event.Policy{
		Common: common("ANPAPOLICY"), Identity: identity("Fence", "arn:aws:iam::123456789012:policy/Fence"), Owner: event.OwnerCustomer, UpdatedAt: on(1, "11:00:00"),
		DefaultVersion: "v2", Document: hash("fence"), AttachmentCount: 3, BoundaryCount: 2, Attachable: true,
		Versions: []event.PolicyVersion{{ID: "v2", Default: true, CreatedAt: on(1, "11:00:00"), Document: hash("fence")}, {ID: "v1", Document: hash("old")}},
	}, Enrichment: enrichment("00000000000000d4", grant)}
	access := event.Access{
		Common: common("AROAROLE"), Entity: event.KindRole, ARN: "arn:aws:iam::123456789012:role/team/deploy", State: event.StateTruncated, Reason: "too many", Granularity: event.GranularityAction,
		Services: []event.ServiceAccess{
			{Service: "s3", LastAt: on(1, "22:00:00"), LastARN: "arn:aws:iam::123456789012:role/team/deploy", LastRegion: "eu-west-1", Entities: 4,
				Actions: []event.ActionAccess{{Action: "GetObject", LastAt: on(1, "21:00:00"), LastARN: "arn:aws:iam::123456789012:user/team/ann", LastRegion: "us-east-1"}, {Action: "PutObject"}}},
			{Service: "ec2"},
		},
	}
	credential := event.Credential{
		Common: common("AIDAUSER"), User: "ann", ARN: "arn:aws:iam::123456789012:user/team/ann", CreatedAt: on(1, "00:00:01"),
		PasswordEnabled: true, PasswordLastUsedAt: on(1, "08:00:00"), PasswordChangedAt: on(1, "07:00:00"), PasswordNextRotation: on(31, "07:00:00"), MFAActive: true,
		AccessKeys: []event.AccessKey{
			{Slot: 1, Active: true, RotatedAt: on(1, "06:00:00"), LastUsedAt: on(1, "09:00:00"), LastUsedRegion: "eu-west-1", LastUsedService: "s3"},
			{Slot: 2},
		},
		Certificates: []event.Certificate{{Slot: 1, Active: true, RotatedAt: on(1, "05:00:00")}, {Slot: 2}},
	}
	document := event.Document{
		Hash: hash("fence"), Content: "fence", Catalog: "0.21", CatalogDate: on(1, "12:00:00"), Statements: 2, Grants: []event.Grant{grant},
		RiskTags: []string{"data"}, ConditionKeys: []string{"aws:SourceIp"}, UnknownActions: []string{"s3:Gone"}, Problems: []string{"a statement has no effect"},
	}
	judgement, whole := fullJudgements(common)
	return []*nats.Msg{
		message(t, event.KindJudgement, testAccount, judgement.ID, judgement),
		message(t, event.KindJudgement, testAccount, whole.ID, whole),
		message(t, event.KindRun, testAccount, run, opened),
		message(t, event.KindDocument, testAccount, document.Hash, document),
		message(t, event.KindAccount, testAccount, account.ID, account),
		message(t, event.KindUser, testAccount, user.ID, user),
		message(t, event.KindGroup, testAccount, group.ID, group),
		message(t, event.KindRole, testAccount, role.ID, role),
		message(t, event.KindPolicy, testAccount, policy.ID, policy),
		message(t, event.KindAccess, testAccount, access.ID, access),
		message(t, event.KindCredential, testAccount, credential.ID, credential),
		message(t, event.KindRun, testAccount, run, closed),
	}
}

// fullJudgements returns a judgement of a role, and the account's own.
func fullJudgements(common func(id string) event.Common) (role, account event.Judgement) {
	const deploy = "arn:aws:iam::123456789012:role/team/deploy"
	role = event.Judgement{
		Common: common("AROAROLE"), Entity: event.KindRole, Name: "deploy", ARN: deploy,
		Judge: "fedcba9876543210", JudgedAt: on(2, "03:06:00"), Catalog: "0.21", CatalogDate: on(1, "12:00:00"),
		Score: &event.Score{Value: 12.5}, Excluded: 1, ServiceLinked: true,
		Findings: []event.Finding{{
			ID: "00000000000000e1", Version: "00000000000000e2", Rule: "iam-create-policy-version", Category: "privilege-escalation", Severity: "critical",
			Title: "Create a policy version", Actions: []string{"iam:CreatePolicyVersion"}, ActionCount: 1, Scope: "everything", Conditional: true, PartlyDenied: true,
			Evidence: []event.Evidence{{
				Document: hash("own"), Policy: "own", Source: event.SourceInline, Group: "devs", Statement: 3, SID: "Sid1", Effect: "Allow",
				Actions: []string{"iam:CreatePolicyVersion"}, Scope: "everything", Resources: []string{"*"}, NotResources: []string{"arn:aws:s3:::x"},
				Conditions: []event.Condition{{Operator: "StringEquals", Key: "aws:PrincipalTag/team", Values: []string{"blue"}}}, Grade: "tags", Note: "a note",
			}, {Note: "no statement"}},
			Target:   &event.Target{Needs: "policy", Resolved: true, Candidates: []string{"arn:aws:iam::123456789012:policy/Fence"}, Count: 2},
			Includes: []string{"iam-set-default-policy-version"}, KnownTo: []string{"cloudsplaining:CreateNewPolicyVersion"},
			Reason: "It can rewrite its own policy.", Remedy: "Take the action away.", Discriminator: "d",
		}, {
			ID: "00000000000000f1", Version: "00000000000000f2", Rule: "role-unused", Category: "hygiene", Severity: "low", Reason: "Nobody uses it.", Remedy: "Delete it.",
		}},
		Unused: []event.UnusedService{{
			Service: "ec2", Bound: [5]uint16{1, 2, 3, 4, 5}, Unbound: [5]uint16{6, 7, 8, 9, 10}, RiskTags: []string{"data"}, LastAt: on(1, "01:00:00"), Partly: true,
		}, {Service: "s3"}},
		Paths: []event.EscalationPath{{From: deploy, To: "arn:aws:iam::123456789012:role/admin", Steps: []event.EscalationStep{{
			From: deploy, To: "arn:aws:iam::123456789012:role/admin", Method: "sts-assume-role", Actions: []string{"sts:AssumeRole"},
			Evidence: []event.Evidence{{Note: "it is so"}}, Conditional: true, Note: "if it is so",
		}}, Conditional: true}},
	}
	account = event.Judgement{
		Common: common(testAccount), Entity: event.KindAccount, Name: "shop",
		Judge: "fedcba9876543210", JudgedAt: on(2, "03:06:00"), Catalog: "0.21", CatalogDate: on(1, "12:00:00"), Score: &event.Score{Value: 50},
		Paths: []event.EscalationPath{{From: "arn:aws:iam::210987654321:root", To: deploy}},
		Totals: &event.Totals{
			Judgements: 5, Findings: map[string]int64{"critical": 1, "high": 2, "medium": 3, "low": 4, "info": 5}, Excluded: 6, Escalating: 7,
		},
	}
	return role, account
}
