package judge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// place says where in RAW a run is.
type place struct {
	run *event.Run
	// partition is the token of the account's subjects.
	partition string
	// first and last are the sequences of the opening and the closing event.
	first, last uint64
}

// locate finds where the run of a closing event begins. Its error is errGone when
// RAW has forgotten that.
func locate(ctx context.Context, raw jetstream.Stream, subject string, sequence uint64, run *event.Run) (place, error) {
	p := place{run: run, partition: strings.Split(subject, ".")[2], last: sequence}
	m, err := raw.GetMsg(ctx, 1, jetstream.WithGetMsgSubject(subject))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return p, fmt.Errorf("find the beginning of run %s: %w", run.Run, errGone)
	}
	if err != nil {
		return p, fmt.Errorf("find the beginning of run %s: %w", run.Run, err)
	}
	var opening event.Run
	if err := json.Unmarshal(m.Data, &opening); err != nil || opening.Phase != event.PhaseOpened {
		return p, fmt.Errorf("find the beginning of run %s: %w", run.Run, errGone)
	}
	p.first = m.Sequence
	return p, nil
}

// account returns the account event of a run; the zero event if it has none.
func (p place) account(ctx context.Context, raw jetstream.Stream) (event.Account, error) {
	subject := fmt.Sprintf("iam.raw.%s.%s.%s.%s", p.partition, event.KindAccount, p.run.Account, p.run.Account)
	for from := p.first; ; {
		m, err := raw.GetMsg(ctx, from, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return event.Account{}, nil
		}
		if err != nil {
			return event.Account{}, fmt.Errorf("get account event of run %s: %w", p.run.Run, err)
		}
		var a event.Account
		if err := json.Unmarshal(m.Data, &a); err == nil && a.Run == p.run.Run {
			return a, nil
		}
		if from = m.Sequence + 1; from > p.last {
			return event.Account{}, nil
		}
	}
}

const (
	// pull is how many events are asked for at once.
	pull = 200
	// silence is how long the server may take to deliver the next event.
	silence = 30 * time.Second
)

// read gives every event of the account from the run's first to its last to each.
// Other runs of the account may be among them.
func (p place) read(ctx context.Context, js jetstream.JetStream, each func(kind event.Kind, payload []byte) error) error {
	consumer, err := js.OrderedConsumer(ctx, stream.Raw, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{fmt.Sprintf("iam.raw.%s.*.%s.*", p.partition, p.run.Account)},
		DeliverPolicy:  jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:    p.first,
	})
	if err != nil {
		return fmt.Errorf("read run %s: %w", p.run.Run, err)
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(pull))
	if err != nil {
		return fmt.Errorf("read run %s: %w", p.run.Run, err)
	}
	defer func() {
		messages.Stop()
		// Else the server keeps it for minutes, and asks it about every message of RAW.
		_ = js.DeleteConsumer(ctx, stream.Raw, consumer.CachedInfo().Name)
	}()
	for {
		done, err := p.next(ctx, messages, each)
		if done || err != nil {
			return err
		}
	}
}

func (p place) next(ctx context.Context, messages jetstream.MessagesContext, each func(kind event.Kind, payload []byte) error) (done bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	m, err := messages.Next(jetstream.NextContext(ctx))
	if err != nil {
		return false, fmt.Errorf("read run %s: %w", p.run.Run, err)
	}
	meta, err := m.Metadata()
	if err != nil {
		return false, fmt.Errorf("read run %s: %w", p.run.Run, err)
	}
	if meta.Sequence.Stream > p.last {
		return true, nil
	}
	if kind, ok := stream.KindOf(m.Subject()); ok {
		if err := each(kind, m.Data()); err != nil {
			return false, err
		}
	}
	return meta.Sequence.Stream == p.last, nil
}

// give decodes an event and gives it to the feed. What cannot be read, or is of
// another run, is not of this one: who reads RAW as a whole says what is wrong with
// it.
func give(ctx context.Context, f *Feed, run string, kind event.Kind, payload []byte) error {
	switch kind {
	case event.KindUser:
		return with(payload, run, func(v event.User) error { return f.User(ctx, v) })
	case event.KindRole:
		return with(payload, run, func(v event.Role) error { return f.Role(ctx, v) })
	case event.KindGroup:
		return with(payload, run, func(v event.Group) error { return f.Group(ctx, v) })
	case event.KindPolicy:
		return with(payload, run, func(v event.Policy) error { return f.Policy(ctx, v) })
	case event.KindAccount:
		return with(payload, run, func(v event.Account) error { f.Account(v); return nil })
	case event.KindAccess:
		return with(payload, run, func(v event.Access) error { f.Access(v); return nil })
	case event.KindCredential:
		return with(payload, run, func(v event.Credential) error { f.Credential(v); return nil })
	}
	return nil
}

// observed is an event of a run.
type observed interface {
	Validate() error
	EventID(event.Kind) string
}

func with[T observed](payload []byte, run string, do func(T) error) error {
	var v T
	if json.Unmarshal(payload, &v) != nil || v.Validate() != nil || !strings.HasPrefix(v.EventID(""), run+".") {
		return nil
	}
	return do(v)
}
