package integration

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/internal/awssim/world"
	"github.com/leastwise/leastwise/schemas/event"
)

// row is a row of a table as JSON values, so that rows of both sides compare as
// text.
type row []any

// rows are a table's rows as sorted JSON lines.
type rows []string

func (r *rows) add(t testing.TB, values ...any) {
	t.Helper()
	line, err := json.Marshal(row(values))
	if err != nil {
		t.Fatal(err)
	}
	*r = append(*r, string(line))
}

func (r rows) sorted() rows { return slices.Sorted(slices.Values(r)) }

// fold is what the warehouse should hold after some days were collected once:
// computed from the organization's true state, without any code of the stages.
type fold struct {
	t testing.TB
	// entities has the content of every version, with what tells versions apart
	// as key.
	entities     map[string][]any
	observations rows
	accesses     map[accessKey]*accessSpan
	credentials  rows
	documents    map[string]string
	expected     map[event.Kind]int64
	// carried are the document hashes that each version's grants come from.
	carried map[string]carrier
}

// carrier is what the grants of a version follow from.
type carrier struct {
	account, kind, id string
	arn               string // of a user or a role
	documents         []string
	boundary          string
	controls          [][]ref
}

type accessKey struct {
	account, kind, id, service string
	last                       int64
}

type accessSpan struct {
	first, last    int64
	region, entity string
}

func newFold(t testing.TB) *fold {
	return &fold{
		t: t, entities: map[string][]any{}, accesses: map[accessKey]*accessSpan{}, documents: map[string]string{},
		expected: map[event.Kind]int64{}, carried: map[string]carrier{},
	}
}

// unix is a time as ClickHouse has it: seconds, 0 for none.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// day adds what one account is on one day.
func (f *fold) day(d world.Day, at time.Time) {
	f.t.Helper()
	v := view{fold: f, day: d, account: d.Account().ID(), at: at, documents: map[string]string{}, groups: map[string][]ref{}}
	v.controls = v.levels()
	v.account0()
	for p := range d.Policies() {
		v.policy(p, event.OwnerCustomer)
	}
	for p := range d.AWSPolicies() {
		v.policy(p, event.OwnerAWS)
	}
	for g := range d.Groups() {
		v.group(g)
	}
	for u := range d.Users() {
		v.user(u)
	}
	for r := range d.Roles() {
		v.role(r)
	}
	for c := range d.Credentials() {
		v.credential(c)
	}
}

// view folds one account on one day.
type view struct {
	*fold
	day     world.Day
	account string
	at      time.Time
	// documents are the hashes of the managed policies' default versions, by ARN.
	documents map[string]string
	groups    map[string][]ref
	userIDs   map[string]string
	// controls are the service control policies of every level.
	controls [][]ref
}

// ref is a carried policy: source, name, ARN, document.
type ref [4]string

func (v *view) document(raw json.RawMessage) string {
	normalized := event.NormalizeDocument(raw)
	hash := event.HashDocument(normalized)
	v.fold.documents[hash] = string(normalized)
	return hash
}

// levels are the service control policies that limit the account.
func (v *view) levels() [][]ref {
	var out [][]ref
	for _, level := range v.day.Controls() {
		var refs []ref
		for _, c := range level {
			refs = append(refs, ref{"managed", c.Name, c.ARN, v.document(c.Document)})
		}
		slices.SortFunc(refs, func(a, b ref) int { return cmp.Compare(a[2], b[2]) })
		out = append(out, refs)
	}
	return out
}

func (v *view) refs(attached []world.AttachedPolicy, inline []world.InlinePolicy) []ref {
	out := []ref{}
	for _, a := range attached {
		out = append(out, ref{"managed", a.Name, a.ARN, v.documents[a.ARN]})
	}
	for _, i := range inline {
		out = append(out, ref{"inline", i.Name, "", v.document(i.Document)})
	}
	slices.SortFunc(out, func(a, b ref) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[2], b[2]), cmp.Compare(a[1], b[1]))
	})
	return out
}

func tags(list []world.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range list {
		out[t.Key] = t.Value
	}
	return out
}

// entity adds a version. Apart from its row, hidden says what else its content is.
func (v *view) entity(kind event.Kind, id string, content []any, hidden any, carried []ref, boundary string, controls [][]ref) {
	v.t.Helper()
	key, err := json.Marshal([]any{v.account, kind, id, content, hidden, controls})
	if err != nil {
		v.t.Fatal(err)
	}
	v.entities[string(key)] = append([]any{v.account, kind, id}, content...)
	c := carrier{account: v.account, kind: string(kind), id: id, boundary: boundary, controls: controls}
	if kind == event.KindUser || kind == event.KindRole {
		c.arn, _ = content[2].(string)
	}
	for _, r := range carried {
		if r[3] != "" {
			c.documents = append(c.documents, r[3])
		}
	}
	v.carried[string(key)] = c
}

func (v *view) observe(kind event.Kind, id string, lastUsed time.Time, attachments int, state string) {
	v.t.Helper()
	v.expected[kind]++
	v.observations.add(v.t, v.account, kind, id, v.at.Format(time.DateOnly), unix(v.at), unix(lastUsed), attachments, state)
}

func (v *view) account0() { v.observe(event.KindAccount, v.account, time.Time{}, 0, "") }

// content is a row's columns behind account, kind and id.
type content struct {
	name, path, arn string
	created         time.Time
	tags            []world.Tag
	policies        []ref
	groups          []string
	boundary        string
	trust           string
	profiles        []string
	owner           string
	document        string
	defaultVersion  string
	versions        [][]any
}

func (v *view) columns(c content) []any {
	groups, profiles, versions := c.groups, c.profiles, c.versions
	if groups == nil {
		groups = []string{}
	}
	if profiles == nil {
		profiles = []string{}
	}
	if versions == nil {
		versions = [][]any{}
	}
	policies := c.policies
	if policies == nil {
		policies = []ref{}
	}
	return []any{
		c.name, c.path, c.arn, unix(c.created), tags(c.tags), policies, groups, c.boundary, v.documents[c.boundary],
		c.trust, profiles, c.owner, c.document, c.defaultVersion, versions,
	}
}

func (v *view) policy(p world.Policy, owner string) {
	v.t.Helper()
	// IAM's authorization details say no tags of policies.
	c := content{name: p.Name, path: p.Path, arn: p.ARN, created: p.Created, owner: owner, defaultVersion: p.DefaultVersion}
	versions := slices.Clone(p.Versions)
	if owner == event.OwnerAWS && p.Attachments == 0 {
		// A boundary of AWS's that nothing has attached is not in the details: its
		// default version is asked for, and nothing else.
		versions = slices.DeleteFunc(versions, func(v world.PolicyVersion) bool { return !v.Default })
	}
	slices.SortFunc(versions, func(a, b world.PolicyVersion) int { return cmp.Compare(a.ID, b.ID) })
	for _, version := range versions {
		hash := v.document(version.Document)
		if version.Default {
			c.document = hash
		}
		c.versions = append(c.versions, []any{version.ID, version.Default, unix(version.Created), hash})
	}
	v.documents[p.ARN] = c.document
	v.entity(event.KindPolicy, p.ID, v.columns(c), unix(p.Updated), []ref{{"managed", p.Name, p.ARN, c.document}}, "", nil)
	v.observe(event.KindPolicy, p.ID, time.Time{}, p.Attachments, "")
	if owner == event.OwnerCustomer {
		v.access(event.KindPolicy, p.ID, p.ARN)
	}
}

func (v *view) group(g world.Group) {
	v.t.Helper()
	policies := v.refs(g.Attached, g.Inline)
	v.groups[g.Name] = policies
	v.entity(event.KindGroup, g.ID, v.columns(content{name: g.Name, path: g.Path, arn: g.ARN, created: g.Created, policies: policies}), nil, policies, "", nil)
	v.observe(event.KindGroup, g.ID, time.Time{}, 0, "")
	v.access(event.KindGroup, g.ID, g.ARN)
}

func (v *view) user(u world.User) {
	v.t.Helper()
	if v.userIDs == nil {
		v.userIDs = map[string]string{}
	}
	v.userIDs[u.ARN] = u.ID
	policies := v.refs(u.Attached, u.Inline)
	groups := slices.Sorted(slices.Values(u.Groups))
	carried := slices.Clone(policies)
	var inherited [][]ref
	for _, g := range groups {
		carried = append(carried, v.groups[g]...)
		inherited = append(inherited, v.groups[g])
	}
	v.entity(event.KindUser, u.ID, v.columns(content{
		name: u.Name, path: u.Path, arn: u.ARN, created: u.Created, tags: u.Tags, policies: policies, groups: groups, boundary: u.Boundary,
	}), inherited, carried, v.documents[u.Boundary], v.controls)
	v.observe(event.KindUser, u.ID, time.Time{}, 0, "")
	v.access(event.KindUser, u.ID, u.ARN)
}

func (v *view) role(r world.Role) {
	v.t.Helper()
	policies := v.refs(r.Attached, r.Inline)
	c := content{
		name: r.Name, path: r.Path, arn: r.ARN, created: r.Created, tags: r.Tags, policies: policies,
		boundary: r.Boundary, trust: v.document(r.Trust),
	}
	if r.Profile != nil {
		c.profiles = []string{r.Profile.Name}
	}
	controls := v.controls
	if strings.HasPrefix(r.Name, "AWSServiceRoleFor") {
		controls = nil // nothing limits the roles of AWS's services
	}
	v.entity(event.KindRole, r.ID, v.columns(c), nil, policies, v.documents[r.Boundary], controls)
	v.observe(event.KindRole, r.ID, r.LastUsed, 0, "")
	v.access(event.KindRole, r.ID, r.ARN)
}

// access adds the last-accessed report of an entity, at service level.
func (v *view) access(kind event.Kind, id, arn string) {
	v.t.Helper()
	v.observe(event.KindAccess, id, time.Time{}, 0, string(event.StateOK))
	services, ok := v.day.Access(arn)
	if !ok {
		v.t.Fatalf("the organization knows no %s", arn)
	}
	for _, s := range services {
		key := accessKey{v.account, string(kind), id, s.Namespace, unix(s.Last)}
		span := v.accesses[key]
		if span == nil {
			span = &accessSpan{first: unix(v.at), region: s.Region, entity: s.Entity}
			v.accesses[key] = span
		}
		span.first = min(span.first, unix(v.at))
		span.last = max(span.last, unix(v.at))
	}
}

func (v *view) credential(c world.Credential) {
	v.t.Helper()
	id := event.RootID
	if !c.Root {
		id = v.userIDs[c.ARN]
	}
	keys := [][]any{}
	last := unix(c.Password.LastUsed)
	for i, k := range c.Keys {
		if k.Exists {
			keys = append(keys, []any{i + 1, k.Active, unix(k.Rotated), unix(k.LastUsed), k.Region, k.Service})
			last = max(last, unix(k.LastUsed))
		}
	}
	v.expected[event.KindCredential]++
	v.observations.add(v.t, v.account, event.KindCredential, id, v.at.Format(time.DateOnly), unix(v.at), last, 0, "")
	v.credentials.add(v.t, v.account, id, v.at.Format(time.DateOnly), c.User, c.ARN, unix(c.Created), c.Password.Enabled && !c.Root,
		unix(c.Password.LastUsed), unix(c.Password.Changed), unix(c.Password.NextRotation), c.MFA, keys)
}

// entityRows are the rows of `entities`, one per version.
func (f *fold) entityRows() rows {
	var out rows
	for _, r := range f.entities {
		out.add(f.t, r...)
	}
	return out.sorted()
}

// accessRows are the rows of `last_accessed`.
func (f *fold) accessRows() rows {
	var out rows
	for k, s := range f.accesses {
		out.add(f.t, k.account, k.kind, k.id, k.service, k.last, s.region, s.entity, s.first, s.last)
	}
	return out.sorted()
}

// documentRows are the rows of `documents`.
func (f *fold) documentRows() rows {
	var out rows
	for hash, content := range f.documents {
		out.add(f.t, hash, content)
	}
	return out.sorted()
}
