package export

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/details"
	"github.com/leastwise/leastwise/schemas/event"
)

// Saved is a saved account in memory: the events that an import of its file
// publishes, and the documents that they name.
type Saved struct {
	Account  event.Account
	Users    []event.User
	Groups   []event.Group
	Roles    []event.Role
	Policies []event.Policy
	// Documents are the normalized documents by their hashes.
	Documents map[string][]byte
	// Problems are the parts that are not whole, as a run would say them.
	Problems []event.Problem
}

// Read reads the file at path, "-" for stdin, into memory, as an import reads it
// into a run, and with the same errors. It takes some three times as much memory
// as the file's text.
func Read(ctx context.Context, cfg Config, path string, stdin io.Reader) (*Saved, error) {
	in, err := openInput(ctx, path, stdin)
	if err != nil {
		return nil, err
	}
	defer in.close()
	c := contents{found: newFindings(cfg.Account)}
	if err := in.walk(ctx, c.lists()); err != nil {
		return nil, err
	}
	if err := c.found.check(in.name); err != nil {
		return nil, err
	}
	at := cfg.ObservedAt
	if at.IsZero() {
		at = time.Now()
	}
	job := event.NewJob(c.found.account, at)
	m := &memory{
		common: event.Common{Run: job.RunID(1, ""), Account: job.Account, ObservedAt: job.At},
		saved:  &Saved{Documents: map[string][]byte{}},
		seen:   map[string]struct{}{},
	}
	unknown := unknownControls()
	m.Problem(collectors.PartControls, unknown.State, unknown.Reason)
	return m.saved, c.write(ctx, m)
}

// contents are a file's lists, decoded.
type contents struct {
	found    *findings
	users    []user
	groups   []group
	roles    []role
	policies []policy
}

func (c *contents) lists() lists {
	return lists{
		userList:    decoded(keep(c.found, event.KindUser, &c.users, func(u user) string { return u.UserID })),
		groupList:   decoded(keep(c.found, event.KindGroup, &c.groups, func(g group) string { return g.GroupID })),
		roleList:    decoded(keep(c.found, event.KindRole, &c.roles, func(r role) string { return r.RoleID })),
		policyList:  decoded(keep(c.found, event.KindPolicy, &c.policies, func(p policy) string { return p.PolicyID })),
		isTruncated: c.found.truncation,
	}
}

// keep notes an element in f, and appends it to a list.
func keep[T interface{ arn() string }](f *findings, kind event.Kind, list *[]T, id func(T) string) func(T) error {
	return func(v T) error {
		*list = append(*list, v)
		return f.entity(kind, id(v), v.arn())
	}
}

// write records the entities in the order in which an import emits them.
func (c *contents) write(ctx context.Context, m *memory) error {
	w := details.NewWriter(m, nil, nil)
	for _, p := range c.policies {
		if err := w.Policy(ctx, p.details(c.found)); err != nil {
			return err
		}
	}
	for _, g := range c.groups {
		if err := w.Group(ctx, g.details(c.found)); err != nil {
			return err
		}
	}
	for _, u := range c.users {
		if err := w.User(ctx, u.details(c.found)); err != nil {
			return err
		}
	}
	for _, r := range c.roles {
		if err := w.Role(ctx, r.details(c.found)); err != nil {
			return err
		}
	}
	return finish(ctx, c.found, m)
}

// memory records an account's events in memory.
type memory struct {
	common event.Common
	saved  *Saved
	seen   map[string]struct{} // ids of events
}

// Common implements details.Recorder.
func (m *memory) Common(id string) event.Common {
	c := m.common
	c.ID = id
	return c
}

// Document implements details.Recorder.
func (m *memory) Document(_ context.Context, raw []byte) (string, error) {
	if len(raw) == 0 {
		return "", nil
	}
	doc := event.NormalizeDocument(raw)
	hash := event.HashDocument(doc)
	m.saved.Documents[hash] = doc
	return hash, nil
}

// Emit implements details.Recorder. As in a run, an event that is not valid is a
// problem, and of two with one id the first holds.
func (m *memory) Emit(_ context.Context, e collectors.Event) (bool, error) {
	switch e := e.(type) {
	case event.Account:
		return record(m, event.KindAccount, e, func() { m.saved.Account = e }), nil
	case event.User:
		return record(m, event.KindUser, e, func() { m.saved.Users = append(m.saved.Users, e) }), nil
	case event.Group:
		return record(m, event.KindGroup, e, func() { m.saved.Groups = append(m.saved.Groups, e) }), nil
	case event.Role:
		return record(m, event.KindRole, e, func() { m.saved.Roles = append(m.saved.Roles, e) }), nil
	case event.Policy:
		return record(m, event.KindPolicy, e, func() { m.saved.Policies = append(m.saved.Policies, e) }), nil
	}
	return false, fmt.Errorf("record %T: not an event that a saved account has", e)
}

func record(m *memory, kind event.Kind, e collectors.Event, add func()) bool {
	if err := e.Validate(); err != nil {
		m.Problem(string(kind), event.StateFailed, err.Error())
		return false
	}
	id := e.EventID(kind)
	if _, again := m.seen[id]; again {
		return false
	}
	m.seen[id] = struct{}{}
	add()
	return true
}

// Controls implements details.Recorder.
func (m *memory) Controls() event.Controls { return unknownControls() }

// Problem implements details.Recorder. Of those alike in part and state the
// first one's reason stands for all.
func (m *memory) Problem(part string, state event.State, reason string) {
	for i := range m.saved.Problems {
		if p := &m.saved.Problems[i]; p.Part == part && p.State == state {
			p.Count++
			return
		}
	}
	m.saved.Problems = append(m.saved.Problems, event.Problem{Part: part, State: state, Reason: strings.Join(strings.Fields(reason), " "), Count: 1})
}
