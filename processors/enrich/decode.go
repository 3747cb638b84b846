package enrich

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// work is one raw event on its way to become an enriched one.
type work struct {
	kind   event.Kind
	common event.Common
	// id is the CloudEvents id, the same for raw and enriched.
	id string
	// hashes are the documents that it needs.
	hashes []string
	// enrich makes the payload's value, once the documents are there.
	enrich func(Documents) (any, error)
}

// decode reads a raw event. Its errors are poison: they are in the event.
func (p *Processor) decode(subject string, payload []byte) (*work, error) {
	kind, ok := stream.KindOf(subject)
	if !ok {
		return nil, bus.Poison(fmt.Errorf("read subject %q: it names no known kind of event", subject))
	}
	w, err := p.decodeKind(kind, payload)
	if err != nil {
		return nil, bus.Poison(err)
	}
	if !strings.HasSuffix(subject, "."+w.common.Account+"."+w.common.ID) {
		return nil, bus.Poison(fmt.Errorf("check %s event: its account %q and id %q are not those of its subject", kind, w.common.Account, w.common.ID))
	}
	return w, nil
}

func (p *Processor) decodeKind(kind event.Kind, payload []byte) (*work, error) {
	e := p.enricher
	switch kind {
	case event.KindUser:
		return read(payload, kind, func(u event.User) *work {
			hashes := refHashes(nil, u.Policies, u.Boundary)
			for _, g := range u.Groups {
				hashes = refHashes(hashes, g.Policies, nil)
			}
			for _, level := range u.Controls {
				hashes = refHashes(hashes, level, nil)
			}
			return &work{common: u.Common, hashes: hashes, enrich: func(d Documents) (any, error) { return e.User(u, d) }}
		})
	case event.KindRole:
		return read(payload, kind, func(r event.Role) *work {
			hashes := refHashes(nil, r.Policies, r.Boundary)
			for _, level := range r.Controls {
				hashes = refHashes(hashes, level, nil)
			}
			if r.Trust != "" {
				hashes = append(hashes, r.Trust)
			}
			return &work{common: r.Common, hashes: hashes, enrich: func(d Documents) (any, error) { return e.Role(r, d) }}
		})
	case event.KindGroup:
		return read(payload, kind, func(g event.Group) *work {
			return &work{common: g.Common, hashes: refHashes(nil, g.Policies, nil), enrich: func(d Documents) (any, error) { return e.Group(g, d) }}
		})
	case event.KindPolicy:
		return read(payload, kind, func(o event.Policy) *work {
			return &work{common: o.Common, hashes: policyHashes(o), enrich: func(d Documents) (any, error) { return e.Policy(o, d) }}
		})
	case event.KindAccount:
		return read(payload, kind, func(v event.Account) *work { return passed(v.Common, v) })
	case event.KindAccess:
		return read(payload, kind, func(v event.Access) *work { return passed(v.Common, v) })
	case event.KindCredential:
		return read(payload, kind, func(v event.Credential) *work { return passed(v.Common, v) })
	case event.KindRun:
		return read(payload, kind, func(v event.Run) *work {
			w := passed(v.Common, v)
			w.id = v.EventID(kind)
			return w
		})
	}
	return nil, fmt.Errorf("read %s event: collectors do not publish this kind", kind)
}

// read decodes and validates a payload of type T and makes work of it.
func read[T interface{ Validate() error }](payload []byte, kind event.Kind, make func(T) *work) (*work, error) {
	var v T
	if err := json.Unmarshal(payload, &v); err != nil {
		return nil, fmt.Errorf("read %s event: %w", kind, err)
	}
	if err := v.Validate(); err != nil {
		return nil, err
	}
	w := make(v)
	w.kind = kind
	if w.id == "" {
		w.id = w.common.EventID(kind)
	}
	return w, nil
}

// passed is work on an event that needs no documents: it goes on as it is.
func passed(c event.Common, v any) *work {
	return &work{common: c, enrich: func(Documents) (any, error) { return v, nil }}
}

func refHashes(hashes []string, refs []event.PolicyRef, boundary *event.PolicyRef) []string {
	for _, r := range refs {
		if r.Document != "" {
			hashes = append(hashes, r.Document)
		}
	}
	if boundary != nil && boundary.Document != "" {
		hashes = append(hashes, boundary.Document)
	}
	return hashes
}

// policyHashes has all versions, so that each gets into the warehouse.
func policyHashes(p event.Policy) []string {
	var hashes []string
	if p.Document != "" {
		hashes = append(hashes, p.Document)
	}
	for _, v := range p.Versions {
		hashes = append(hashes, v.Document)
	}
	return hashes
}

// message makes the enriched message of a piece of work.
func (w *work) message(docs Documents, now time.Time) (*nats.Msg, error) {
	value, err := w.enrich(docs)
	if err != nil {
		return nil, err
	}
	return enriched(w.kind, w.common.Account, w.common.ID, w.id, value, now)
}

// message makes the enriched message of a document. The account only says which
// partition it goes to.
func (j *Judgement) message(account string, now time.Time) (*nats.Msg, error) {
	id := fmt.Sprintf("%s.%s.%s", event.KindDocument, j.Hash, j.event.Catalog)
	return enriched(event.KindDocument, account, j.Hash, id, j.event, now)
}

func enriched(kind event.Kind, account, entity, id string, value any, now time.Time) (*nats.Msg, error) {
	payload, err := json.Marshal(value)
	if err != nil {
		return nil, bus.Poison(fmt.Errorf("encode %s event: %w", kind, err))
	}
	subject := stream.EnrichedSubject(kind, account, entity)
	return stream.NewMessage(subject, stream.EnrichedType(kind), "leastwise/process", id, now, payload), nil
}
