package aws_test

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/internal/awssim/world"
	"github.com/leastwise/leastwise/schemas/event"
)

// oracle folds a day of a simulated account into the events that a run over it
// has to publish, from the world itself and not from what was sent.
type oracle struct {
	day     world.Day
	run     string
	job     event.Job
	actions bool // last-accessed reports at action level
	want    natstest.Events
	hashes  map[string]string // of managed policies by ARN
	groups  map[string][]event.PolicyRef
	// controls are the service control policies of each level.
	controls [][]event.PolicyRef
}

func expect(day world.Day, run collectors.Summary, job event.Job, actions bool) natstest.Events {
	o := &oracle{day: day, run: run.Run, job: job, actions: actions, hashes: map[string]string{}, groups: map[string][]event.PolicyRef{}}
	o.want.Documents = map[string][]byte{}
	if job.AssumeRole {
		for i, level := range day.Controls() {
			o.controls = append(o.controls, nil)
			for _, c := range level {
				ref := event.PolicyRef{Source: "managed", Name: c.Name, ARN: c.ARN, Document: o.document(c.Document)}
				o.controls[i] = append(o.controls[i], ref)
			}
		}
	}
	o.account()
	for p := range day.Policies() {
		o.policy(p, event.OwnerCustomer)
		o.access(event.KindPolicy, p.ID, p.ARN)
	}
	for p := range day.AWSPolicies() {
		o.policy(p, event.OwnerAWS)
	}
	for g := range day.Groups() {
		o.groups[g.Name] = o.refs(g.Attached, g.Inline)
		o.want.Groups = append(o.want.Groups, event.Group{
			Common: o.common(g.ID), Policies: o.groups[g.Name],
			Identity: event.Identity{Name: g.Name, Path: g.Path, ARN: g.ARN, CreatedAt: g.Created},
		})
		o.access(event.KindGroup, g.ID, g.ARN)
	}
	ids := map[string]string{}
	for u := range day.Users() {
		ids[u.ARN] = u.ID
		o.user(u)
	}
	for r := range day.Roles() {
		o.role(r)
	}
	for c := range day.Credentials() {
		o.credential(c, ids)
	}
	return sorted(o.want)
}

func (o *oracle) common(id string) event.Common {
	return event.Common{Run: o.run, Account: o.job.Account, ID: id, ObservedAt: o.job.At}
}

func (o *oracle) document(raw json.RawMessage) string {
	doc := event.NormalizeDocument(raw)
	hash := event.HashDocument(doc)
	o.want.Documents[hash] = doc
	return hash
}

func (o *oracle) account() {
	a := o.day.Account()
	e := event.Account{Common: o.common(a.ID()), Name: a.Name(), Partition: o.job.Partition, JoinedAt: a.Joined()}
	e.Controls = event.Controls{Levels: o.controls, State: event.StateNotCollected, Reason: o.job.Reason}
	if o.job.AssumeRole {
		e.State = event.StateOK
		e.Organization = o.organization(a.World())
	}
	if alias := a.Alias(); alias != "" {
		e.Aliases = []string{alias}
	}
	o.want.Accounts = append(o.want.Accounts, e)
}

func (o *oracle) organization(w *world.World) *event.Organization {
	var ids []string
	for a := range w.Accounts(0) {
		ids = append(ids, `"`+a.ID()+`"`)
	}
	slices.Sort(ids)
	list := o.document(json.RawMessage("[" + strings.Join(ids, ",") + "]"))
	return &event.Organization{ID: w.OrganizationID(), Management: w.Management().ID(), Accounts: list}
}

// policy expects all versions of a listed policy. One that is only a boundary is
// not listed, and of it only the version in force is fetched.
func (o *oracle) policy(p world.Policy, owner string) {
	e := event.Policy{
		Common: o.common(p.ID), Identity: event.Identity{Name: p.Name, Path: p.Path, ARN: p.ARN, CreatedAt: p.Created},
		Owner: owner, UpdatedAt: p.Updated, DefaultVersion: p.DefaultVersion,
		AttachmentCount: p.Attachments, BoundaryCount: p.BoundaryUses, Attachable: true,
	}
	for _, v := range p.Versions {
		if owner == event.OwnerAWS && p.Attachments == 0 && !v.Default {
			continue
		}
		hash := o.document(v.Document)
		if v.Default {
			e.Document = hash
		}
		e.Versions = append(e.Versions, event.PolicyVersion{ID: v.ID, Default: v.Default, CreatedAt: v.Created, Document: hash})
	}
	o.hashes[p.ARN] = e.Document
	o.want.Policies = append(o.want.Policies, e)
}

func (o *oracle) refs(attached []world.AttachedPolicy, inline []world.InlinePolicy) []event.PolicyRef {
	var managed, embedded []event.PolicyRef
	for _, a := range attached {
		managed = append(managed, event.PolicyRef{Source: "managed", Name: a.Name, ARN: a.ARN, Document: o.hashes[a.ARN]})
	}
	for _, p := range inline {
		embedded = append(embedded, event.PolicyRef{Source: "inline", Name: p.Name, Document: o.document(p.Document)})
	}
	byName := func(a, b event.PolicyRef) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ARN, b.ARN)) }
	slices.SortFunc(managed, byName)
	slices.SortFunc(embedded, byName)
	return append(managed, embedded...)
}

func (o *oracle) boundary(arn string) *event.PolicyRef {
	if arn == "" {
		return nil
	}
	return &event.PolicyRef{Source: "managed", Name: arn[strings.LastIndex(arn, "/")+1:], ARN: arn, Document: o.hashes[arn]}
}

func tags(list []world.Tag) map[string]string {
	var m map[string]string
	for _, t := range list {
		if m == nil {
			m = map[string]string{}
		}
		m[t.Key] = t.Value
	}
	return m
}

func (o *oracle) user(u world.User) {
	e := event.User{
		Common: o.common(u.ID), Identity: event.Identity{Name: u.Name, Path: u.Path, ARN: u.ARN, CreatedAt: u.Created, Tags: tags(u.Tags)},
		Policies: o.refs(u.Attached, u.Inline), Boundary: o.boundary(u.Boundary), Controls: o.controls,
	}
	for _, name := range slices.Sorted(slices.Values(u.Groups)) {
		e.Groups = append(e.Groups, event.Membership{Name: name, Policies: o.groups[name]})
	}
	o.want.Users = append(o.want.Users, e)
	o.access(event.KindUser, u.ID, u.ARN)
}

func (o *oracle) role(r world.Role) {
	e := event.Role{
		Common: o.common(r.ID), Identity: event.Identity{Name: r.Name, Path: r.Path, ARN: r.ARN, CreatedAt: r.Created, Tags: tags(r.Tags)},
		Trust: o.document(r.Trust), Policies: o.refs(r.Attached, r.Inline), Boundary: o.boundary(r.Boundary),
		LastUsedAt: r.LastUsed, LastUsedRegion: r.LastUsedRegion,
	}
	if !strings.HasPrefix(r.Name, "AWSServiceRoleFor") {
		e.Controls = o.controls
	}
	if r.Profile != nil {
		e.InstanceProfiles = []string{r.Profile.ARN}
	}
	o.want.Roles = append(o.want.Roles, e)
	o.access(event.KindRole, r.ID, r.ARN)
}

func (o *oracle) access(kind event.Kind, id, arn string) {
	e := event.Access{Common: o.common(id), Entity: kind, ARN: arn, State: event.StateOK, Granularity: event.GranularityService}
	if o.actions {
		e.Granularity = event.GranularityAction
	}
	services, _ := o.day.Access(arn)
	for _, s := range services {
		a := event.ServiceAccess{Service: s.Namespace, LastAt: s.Last, LastARN: s.Entity, LastRegion: s.Region, Entities: s.Entities}
		if o.actions {
			for _, t := range s.Actions {
				a.Actions = append(a.Actions, event.ActionAccess{Action: t.Name, LastAt: t.Last, LastARN: t.Entity, LastRegion: t.Region})
			}
		}
		e.Services = append(e.Services, a)
	}
	o.want.Access = append(o.want.Access, e)
}

func (o *oracle) credential(c world.Credential, ids map[string]string) {
	id := ids[c.ARN]
	if c.Root {
		id = event.RootID
	}
	e := event.Credential{
		Common: o.common(id), User: c.User, ARN: c.ARN, CreatedAt: c.Created,
		PasswordEnabled: c.Password.Enabled, PasswordLastUsedAt: c.Password.LastUsed, MFAActive: c.MFA,
	}
	if c.Password.Enabled {
		e.PasswordChangedAt, e.PasswordNextRotation = c.Password.Changed, c.Password.NextRotation
	}
	for i, k := range c.Keys {
		if k.Exists {
			e.AccessKeys = append(e.AccessKeys, event.AccessKey{
				Slot: i + 1, Active: k.Active, RotatedAt: k.Rotated, LastUsedAt: k.LastUsed, LastUsedRegion: k.Region, LastUsedService: k.Service,
			})
		}
	}
	o.want.Credentials = append(o.want.Credentials, e)
}

// sorted brings events into the order of their ids.
func sorted(e natstest.Events) natstest.Events {
	slices.SortFunc(e.Users, func(a, b event.User) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(e.Groups, func(a, b event.Group) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(e.Roles, func(a, b event.Role) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(e.Policies, func(a, b event.Policy) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(e.Access, func(a, b event.Access) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(e.Credentials, func(a, b event.Credential) int { return cmp.Compare(a.ID, b.ID) })
	return e
}
