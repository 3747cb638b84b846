package details

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/schemas/event"
)

// Recorder takes what a Writer makes of an account; collectors.Run is one.
type Recorder interface {
	// Common is the part that all events share, for an entity's id.
	Common(id string) event.Common
	// Document stores a policy document's JSON text before any event that is
	// emitted after, and returns the hash that names it; empty for none.
	Document(ctx context.Context, raw []byte) (string, error)
	// Emit takes an event and reports whether it is new.
	Emit(ctx context.Context, e collectors.Event) (bool, error)
	// Controls are the service control policies that limit the account.
	Controls() event.Controls
	// Problem says that a part of the account did not end well, and why.
	Problem(part string, state event.State, reason string)
}

// Resolver fetches a policy that an entity carries and that was not listed. It
// returns false when the policy is not to be had; an error ends the pass.
type Resolver func(ctx context.Context, arn string) (Policy, bool, error)

// Written tells of an event that was emitted for the first time.
type Written func(kind event.Kind, e Identity)

// Writer emits entities with the hashes of all that they carry. It has to be
// given policies before groups, and groups before users and roles.
//
// It keeps what principals refer to, a hash for each managed policy and the
// policies of each group: some hundred bytes each, and nothing for a principal.
type Writer struct {
	run      Recorder
	resolve  Resolver
	written  Written
	policies map[string]string            // ARN → hash of the document in force
	groups   map[string][]event.PolicyRef // by name
}

// NewWriter returns a writer into a run. Resolve and written may be nil.
func NewWriter(run Recorder, resolve Resolver, written Written) *Writer {
	return &Writer{run: run, resolve: resolve, written: written, policies: map[string]string{}, groups: map[string][]event.PolicyRef{}}
}

// Policy emits a managed policy.
func (w *Writer) Policy(ctx context.Context, p Policy) error {
	e := event.Policy{
		Common: w.run.Common(p.ID), Identity: p.event(), Owner: Owner(p.ARN), UpdatedAt: p.UpdatedAt, DefaultVersion: p.inForce(),
		AttachmentCount: p.AttachmentCount, BoundaryCount: p.BoundaryCount, Attachable: p.Attachable,
	}
	for _, v := range p.Versions {
		hash, err := w.run.Document(ctx, v.Document)
		if err != nil {
			return err
		}
		if hash == "" {
			continue
		}
		version := event.PolicyVersion{ID: v.ID, Default: v.ID == e.DefaultVersion, CreatedAt: v.CreatedAt, Document: hash}
		if version.Default {
			e.Document = hash
		}
		e.Versions = append(e.Versions, version)
	}
	w.policies[p.ARN] = e.Document
	return w.emit(ctx, event.KindPolicy, p.Identity, e)
}

// Group emits a group.
func (w *Writer) Group(ctx context.Context, g Group) error {
	refs, err := w.refs(ctx, g.Attached, g.Inline)
	if err != nil {
		return err
	}
	w.groups[g.Name] = refs
	return w.emit(ctx, event.KindGroup, g.Identity, event.Group{Common: w.run.Common(g.ID), Identity: g.event(), Policies: refs})
}

// User emits a user.
func (w *Writer) User(ctx context.Context, u User) error {
	refs, err := w.refs(ctx, u.Attached, u.Inline)
	if err != nil {
		return err
	}
	boundary, err := w.boundary(ctx, u.Boundary)
	if err != nil {
		return err
	}
	return w.emit(ctx, event.KindUser, u.Identity, event.User{
		Common: w.run.Common(u.ID), Identity: u.event(), Groups: w.memberships(u.Groups), Policies: refs, Boundary: boundary, Controls: w.run.Controls().Levels,
	})
}

// Role emits a role.
func (w *Writer) Role(ctx context.Context, r Role) error {
	refs, err := w.refs(ctx, r.Attached, r.Inline)
	if err != nil {
		return err
	}
	boundary, err := w.boundary(ctx, r.Boundary)
	if err != nil {
		return err
	}
	trust, err := w.run.Document(ctx, r.Trust)
	if err != nil {
		return err
	}
	controls := w.run.Controls().Levels
	if strings.HasPrefix(r.Path, pathServiceLinked) {
		controls = nil
	}
	return w.emit(ctx, event.KindRole, r.Identity, event.Role{
		Common: w.run.Common(r.ID), Identity: r.event(), Trust: trust, Policies: refs, Boundary: boundary, Controls: controls,
		LastUsedAt: r.LastUsedAt, LastUsedRegion: r.LastUsedRegion, InstanceProfiles: slices.Sorted(slices.Values(r.InstanceProfiles)),
	})
}

// pathServiceLinked is where the roles are that AWS services make for themselves.
// Service control policies do not limit them (Organizations User Guide, "Tasks
// and entities not restricted by SCPs").
const pathServiceLinked = "/aws-service-role/"

func (w *Writer) emit(ctx context.Context, k event.Kind, id Identity, e collectors.Event) error {
	fresh, err := w.run.Emit(ctx, e)
	if fresh && w.written != nil {
		w.written(k, id)
	}
	return err
}

func (i Identity) event() event.Identity {
	return event.Identity{Name: i.Name, Path: cmp.Or(i.Path, "/"), ARN: i.ARN, CreatedAt: i.CreatedAt, Tags: i.Tags}
}
