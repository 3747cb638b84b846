package judge

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/schemas/event"
)

// Documents finds policy documents.
type Documents interface {
	// Document returns the analysis of the document with a hash, and, where it
	// names principals, the document itself. It returns nil and nil for a document
	// that is not there. What it returns is shared and must not change.
	Document(ctx context.Context, hash string) (*policy.Analysis, *policy.Document, error)
}

// Feed gives the events of one account's run to the risk engine. The order of
// events does not matter, and of two with the same kind and id the first counts. It
// belongs to one goroutine.
type Feed struct {
	account *risk.Account
	docs    Documents
	seen    map[event.Kind]map[string]struct{}

	// What principals have in common is held once: texts, what groups carry, and
	// the service control policies.
	texts    map[string]string
	levels   [][]event.PolicyRef
	controls [][]policy.Attachment
}

// NewFeed returns a feed of an account.
func NewFeed(account *risk.Account, docs Documents) *Feed {
	return &Feed{account: account, docs: docs, seen: make(map[event.Kind]map[string]struct{}), texts: make(map[string]string)}
}

// Count is the number of different events of a kind that the feed was given.
func (f *Feed) Count(k event.Kind) int64 { return int64(len(f.seen[k])) }

// again notes an event, and reports whether it was there before.
func (f *Feed) again(k event.Kind, id string) bool {
	if f.seen[k] == nil {
		f.seen[k] = make(map[string]struct{})
	}
	if _, ok := f.seen[k][id]; ok {
		return true
	}
	f.seen[k][f.text(id)] = struct{}{}
	return false
}

// Account notes the account's own event, which says nothing that was not known when
// the risk.Account was made (Info).
func (f *Feed) Account(a event.Account) { f.again(event.KindAccount, a.ID) }

// User adds a user with what it and its groups carry. An error says that a document
// cannot be had.
func (f *Feed) User(ctx context.Context, u event.User) error {
	if f.again(event.KindUser, u.ID) {
		return nil
	}
	p := risk.Principal{Entity: f.entity(event.KindUser, u.Common, u.Identity), CreatedAt: u.CreatedAt}
	groups := slices.SortedFunc(slices.Values(u.Groups), func(a, b event.Membership) int { return cmp.Compare(a.Name, b.Name) })
	for _, g := range groups {
		p.Groups = append(p.Groups, f.text(g.Name))
	}
	var err error
	if p.Policies, err = f.policies(ctx, u.ARN, u.Policies, u.Boundary, u.Controls); err != nil {
		return fmt.Errorf("user %s: %w", u.ID, err)
	}
	for _, g := range groups {
		if p.Policies.Attachments, err = f.attach(ctx, p.Policies.Attachments, g.Policies, g.Name); err != nil {
			return fmt.Errorf("user %s: %w", u.ID, err)
		}
	}
	f.account.AddPrincipal(p)
	return nil
}

// Role adds a role with what it carries and its trust policy. An error says that a
// document cannot be had.
func (f *Feed) Role(ctx context.Context, r event.Role) error {
	if f.again(event.KindRole, r.ID) {
		return nil
	}
	p := risk.Principal{
		Entity: f.entity(event.KindRole, r.Common, r.Identity), CreatedAt: r.CreatedAt, LastUsedAt: r.LastUsedAt,
		TrustHash: f.text(r.Trust), InstanceProfiles: r.InstanceProfiles,
	}
	var err error
	if p.Policies, err = f.policies(ctx, r.ARN, r.Policies, r.Boundary, r.Controls); err != nil {
		return fmt.Errorf("role %s: %w", r.ID, err)
	}
	if r.Trust != "" {
		if _, p.Trust, err = f.document(ctx, r.Trust); err != nil {
			return fmt.Errorf("role %s: %w", r.ID, err)
		}
	}
	f.account.AddPrincipal(p)
	return nil
}

// Group adds a group. An error says that a document cannot be had.
func (f *Feed) Group(ctx context.Context, g event.Group) error {
	if f.again(event.KindGroup, g.ID) {
		return nil
	}
	attachments, err := f.attach(ctx, nil, g.Policies, "")
	if err != nil {
		return fmt.Errorf("group %s: %w", g.ID, err)
	}
	f.account.AddGroup(risk.Group{Entity: f.entity(event.KindGroup, g.Common, g.Identity), CreatedAt: g.CreatedAt, Attachments: attachments})
	return nil
}

// Policy adds a managed policy with all of its versions. An error says that a
// document cannot be had.
func (f *Feed) Policy(ctx context.Context, p event.Policy) error {
	if f.again(event.KindPolicy, p.ID) {
		return nil
	}
	m := risk.ManagedPolicy{
		Entity: f.entity(event.KindPolicy, p.Common, p.Identity), AWS: p.Owner == event.OwnerAWS,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, Attachments: p.AttachmentCount, Boundaries: p.BoundaryCount, Document: f.text(p.Document),
	}
	var err error
	if p.Document != "" {
		if m.Analysis, _, err = f.document(ctx, p.Document); err != nil {
			return fmt.Errorf("policy %s: %w", p.ID, err)
		}
	}
	for _, v := range slices.SortedFunc(slices.Values(p.Versions), func(a, b event.PolicyVersion) int { return cmp.Compare(a.ID, b.ID) }) {
		if v.Default {
			continue
		}
		other := risk.PolicyVersion{ID: f.text(v.ID), Document: f.text(v.Document)}
		if other.Analysis, _, err = f.document(ctx, v.Document); err != nil {
			return fmt.Errorf("policy %s: %w", p.ID, err)
		}
		m.Versions = append(m.Versions, other)
	}
	f.account.AddPolicy(m)
	return nil
}

// policies are all that decide what a principal may do, but for its groups'.
func (f *Feed) policies(ctx context.Context, arn string, refs []event.PolicyRef, boundary *event.PolicyRef, levels [][]event.PolicyRef) (policy.Policies, error) {
	p := policy.Policies{Principal: f.text(arn)}
	var err error
	if p.Attachments, err = f.attach(ctx, nil, refs, ""); err != nil {
		return p, err
	}
	if boundary != nil {
		limit, err := f.attachment(ctx, boundary, "")
		if err != nil {
			return p, err
		}
		p.Boundary = &limit
	}
	p.Controls, err = f.limits(ctx, levels)
	return p, err
}

// attach appends a principal's or a group's policies to dst. IAM promises no order of
// its lists, and what a finding says must not depend on it.
func (f *Feed) attach(ctx context.Context, dst []policy.Attachment, refs []event.PolicyRef, group string) ([]policy.Attachment, error) {
	dst = slices.Grow(dst, len(refs))
	for _, ref := range slices.SortedFunc(slices.Values(refs), compareRefs) {
		a, err := f.attachment(ctx, &ref, group)
		if err != nil {
			return nil, err
		}
		dst = append(dst, a)
	}
	return dst, nil
}

func compareRefs(a, b event.PolicyRef) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.Name, b.Name))
}

// attachment has no analysis where the source did not include the document.
func (f *Feed) attachment(ctx context.Context, ref *event.PolicyRef, group string) (policy.Attachment, error) {
	a := policy.Attachment{
		Document: f.text(ref.Document), Source: f.text(ref.Source), Name: f.text(ref.Name), ARN: f.text(ref.ARN), Group: f.text(group),
	}
	if ref.Document == "" {
		return a, nil
	}
	var err error
	a.Analysis, _, err = f.document(ctx, ref.Document)
	return a, err
}

// limits are service control policies. They are the same for most principals.
func (f *Feed) limits(ctx context.Context, levels [][]event.PolicyRef) ([][]policy.Attachment, error) {
	if len(levels) == 0 {
		return nil, nil
	}
	if slices.EqualFunc(levels, f.levels, slices.Equal[[]event.PolicyRef]) {
		return f.controls, nil
	}
	controls := make([][]policy.Attachment, 0, len(levels))
	for _, refs := range levels {
		level, err := f.attach(ctx, nil, refs, "")
		if err != nil {
			return nil, err
		}
		controls = append(controls, level)
	}
	f.levels, f.controls = levels, controls
	return controls, nil
}

func (f *Feed) document(ctx context.Context, hash string) (*policy.Analysis, *policy.Document, error) {
	a, doc, err := f.docs.Document(ctx, hash)
	if err == nil && a == nil {
		err = fmt.Errorf("find document %s: %w", hash, ErrNoDocument)
	}
	return a, doc, err
}

func (f *Feed) entity(k event.Kind, c event.Common, i event.Identity) risk.Entity {
	return risk.Entity{Account: f.text(c.Account), Kind: string(k), ID: f.text(c.ID), Name: f.text(i.Name), Path: f.text(i.Path), ARN: f.text(i.ARN)}
}

// text returns a text that equals s and is held once.
func (f *Feed) text(s string) string {
	if held, ok := f.texts[s]; ok {
		return held
	}
	f.texts[s] = s
	return s
}
