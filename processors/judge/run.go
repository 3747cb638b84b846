package judge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
)

// judge judges a run, of which the closing event is at a sequence of RAW, and returns
// once all judgements are stored.
func (j *Judge) judge(ctx context.Context, run *event.Run, subject string, sequence uint64) error {
	began := time.Now()
	p, err := locate(ctx, j.raw, subject, sequence, run)
	if err != nil {
		return err
	}
	account, err := j.account(ctx, p)
	if err != nil {
		return err
	}
	if err := j.feed(ctx, p, account); err != nil {
		return err
	}
	totals, err := j.publish(ctx, run, account)
	if err != nil {
		return err
	}
	j.metrics.runs.Inc()
	j.metrics.judgements.Add(float64(totals.Judgements))
	j.metrics.seconds.Observe(time.Since(began).Seconds())
	j.log.Debug("judged", zap.String("run", run.Run), zap.Int("judgements", totals.Judgements), zap.Any("findings", totals.Findings), zap.Duration("took", time.Since(began)))
	return nil
}

// account makes an account for the run's events, which knows its organization.
func (j *Judge) account(ctx context.Context, p place) (*risk.Account, error) {
	a, err := p.account(ctx, j.raw)
	if err != nil {
		return nil, err
	}
	options := j.cfg.options()
	options.At, options.Exclusions = p.run.ObservedAt, j.deps.Exclusions
	if a.Organization != nil && a.Organization.Accounts != "" {
		if options.Accounts, err = j.organization(ctx, a.Organization.Accounts); err != nil {
			return nil, err
		}
	}
	info := Info(p.run.Account, a)
	if info.Surfaces, err = j.surfaces.before(ctx, p.run.Account, p.run.ObservedAt); err != nil {
		return nil, err
	}
	return risk.NewEngine(j.deps.Rules, options).NewAccount(info), nil
}

// organization reads the ids of an organization's accounts.
func (j *Judge) organization(ctx context.Context, hash string) (map[string]bool, error) {
	entry, err := j.documents.Get(ctx, hash)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		err = ErrNoDocument
	}
	if err != nil {
		return nil, fmt.Errorf("load accounts of the organization, document %s: %w", hash, err)
	}
	var ids []string
	if err := json.Unmarshal(entry.Value(), &ids); err != nil {
		return nil, bus.Poison(fmt.Errorf("read accounts of the organization, document %s: %w", hash, err))
	}
	accounts := make(map[string]bool, len(ids))
	for _, id := range ids {
		accounts[id] = true
	}
	return accounts, nil
}

// feed gives the account all that its run saw. Its error is errGone when RAW has not
// all of it any more.
func (j *Judge) feed(ctx context.Context, p place, account *risk.Account) error {
	f := NewFeed(account, j.deps.Documents)
	err := p.read(ctx, j.deps.JetStream, func(kind event.Kind, payload []byte) error { return give(ctx, f, p.run.Run, kind, payload) })
	if err != nil {
		return err
	}
	for _, kind := range event.CountedKinds() {
		if got, want := f.Count(kind), p.run.Expected[kind]; got < want {
			return fmt.Errorf("judge run %s: %w: %d of %d of kind %s are left", p.run.Run, errGone, got, want, kind)
		}
	}
	return nil
}

// publish stores what the rules say, the account's own judgement last, and then how
// the account looks from others.
func (j *Judge) publish(ctx context.Context, run *event.Run, account *risk.Account) (*event.Totals, error) {
	s := j.stamp(run)
	out := newOutbox(j.publisher, j.limit(), s.judgedAt)
	totals := &event.Totals{Findings: make(map[string]int64)}
	var surface *risk.Surface
	for judgement := range account.Judge() {
		e, err := s.event(&judgement)
		if err != nil {
			return nil, err
		}
		if tally(totals, &e); e.Entity == event.KindAccount {
			if err := out.flush(ctx); err != nil {
				return nil, poisonous(err)
			}
			e.Totals, surface = totals, judgement.Surface
		}
		if err := out.add(ctx, &e); err != nil {
			return nil, poisonous(err)
		}
	}
	if err := out.flush(ctx); err != nil {
		return nil, poisonous(err)
	}
	return totals, j.keep(ctx, run, surface)
}

// stamp is what all judgements of a run have in common.
func (j *Judge) stamp(run *event.Run) stamp {
	catalog := j.deps.Rules.Catalog().Info()
	return stamp{
		run: run.Common, judge: j.name, judgedAt: time.Now().UTC().Truncate(time.Second),
		catalog: catalog.Versions[0], catalogDate: catalog.Date,
	}
}

// limit is how long the JSON of a message may be, in bytes.
func (j *Judge) limit() int { return int(j.deps.JetStream.Conn().MaxPayload()) - headerRoom }

// keep keeps how the account looks from others, for the runs of later days.
func (j *Judge) keep(ctx context.Context, run *event.Run, surface *risk.Surface) error {
	if surface == nil {
		return nil
	}
	left, err := j.surfaces.put(ctx, kept{Run: run.Run, ObservedAt: run.ObservedAt, Surface: *surface}, j.limit())
	if left > 0 {
		j.log.Warn("surface is too large; some roles that others may enter by are left out", zap.String("account", run.Account), zap.Int("roles", left))
	}
	return err
}

// poisonous marks an event that is too large for the server: no waiting makes it fit.
func poisonous(err error) error {
	if errors.Is(err, nats.ErrMaxPayload) {
		return bus.Poison(err)
	}
	return err
}
