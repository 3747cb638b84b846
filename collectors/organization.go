package collectors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// Organization is where accounts belong.
type Organization struct {
	// ID is the organization's id ("o-a1b2c3d4e5"), Management the id of its
	// management account.
	ID, Management string
	// Accounts are the ids of all its accounts, those that are not collected too.
	Accounts []string
}

// Control is a service control policy.
type Control struct {
	Name, ARN string
	// Document is its JSON.
	Document []byte
}

// Controls are the service control policies that limit an account.
type Controls struct {
	// Levels has one list per level: the root's first, the account's own last. It
	// is empty where none apply.
	Levels [][]Control
	// State is event.StateOK, or says with Reason why the levels are not known.
	State  event.State
	Reason string
}

// describer turns what a lister says of organizations into what jobs say of them,
// with every document stored before it is named. It is good for one round, in
// which it hashes what accounts share once.
type describer struct {
	js     jetstream.JetStream
	stored *documents
	lists  map[*Organization]string // hashes of the lists of accounts
	hashes map[string]string        // of service control policies, by ARN
}

func newDescriber(js jetstream.JetStream, stored *documents) *describer {
	return &describer{js: js, stored: stored, lists: map[*Organization]string{}, hashes: map[string]string{}}
}

// describe fills in the job's organization and controls. It returns an error
// when a document cannot be stored.
func (d *describer) describe(ctx context.Context, a Account, job *event.Job) error {
	if org := a.Organization; org != nil {
		list, err := d.list(ctx, org)
		if err != nil {
			return err
		}
		job.Organization = &event.Organization{ID: org.ID, Management: org.Management, Accounts: list}
	}
	job.State, job.Reason = a.Controls.State, sentence(a.Controls.Reason)
	for _, level := range a.Controls.Levels {
		refs := make([]event.PolicyRef, 0, len(level))
		for _, c := range level {
			hash, err := d.control(ctx, c)
			if err != nil {
				return err
			}
			refs = append(refs, event.PolicyRef{Source: event.SourceManaged, Name: c.Name, ARN: c.ARN, Document: hash})
		}
		job.Levels = append(job.Levels, refs)
	}
	return nil
}

// list stores the list of an organization's accounts and returns its hash.
func (d *describer) list(ctx context.Context, org *Organization) (string, error) {
	if hash, ok := d.lists[org]; ok {
		return hash, nil
	}
	raw, err := json.Marshal(slices.Sorted(slices.Values(org.Accounts)))
	if err != nil {
		return "", fmt.Errorf("encode the organization's accounts: %w", err)
	}
	hash, err := d.store(ctx, raw)
	if err == nil {
		d.lists[org] = hash
	}
	return hash, err
}

// control stores the document of a service control policy and returns its hash.
func (d *describer) control(ctx context.Context, c Control) (string, error) {
	if hash, ok := d.hashes[c.ARN]; ok {
		return hash, nil
	}
	hash, err := d.store(ctx, c.Document)
	if err == nil {
		d.hashes[c.ARN] = hash
	}
	return hash, err
}

// store puts a document into the bucket unless it is known to be there, and
// returns its hash.
func (d *describer) store(ctx context.Context, raw []byte) (string, error) {
	doc := event.NormalizeDocument(raw)
	hash := event.HashDocument(doc)
	if d.stored.has(hash) {
		return hash, nil
	}
	msg := nats.NewMsg(stream.DocumentSubject(hash))
	msg.Header.Set(nats.MsgIdHdr, hash)
	msg.Data = doc
	if _, err := publish(ctx, d.js, msg); err != nil {
		return "", fmt.Errorf("store document %s: %w", hash, err)
	}
	d.stored.stored(hash)
	return hash, nil
}

// publish stores one message, with some patience.
func publish(ctx context.Context, js jetstream.JetStream, msg *nats.Msg) (*jetstream.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	ack, err := js.PublishMsg(ctx, msg, jetstream.WithRetryAttempts(5), jetstream.WithRetryWait(time.Second))
	if errors.Is(err, jetstream.ErrNoStreamResponse) {
		return nil, bus.ErrNotMigrated
	}
	return ack, err
}
