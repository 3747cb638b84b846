package judge

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/catalog/risk"
)

// surfaceDays is how old a surface may be, in days, before the run that it is used
// for: an account that left the organization is forgotten after that.
const surfaceDays = 7

// surfaces keeps what each account looks like from others. The bucket has the last
// few values of each account, so that runs that are judged again find what they
// found before.
type surfaces struct {
	bucket jetstream.KeyValue
	log    *zap.Logger
}

// kept is an account's surface as one of its runs saw it.
type kept struct {
	Run        string       `json:"run"`
	ObservedAt time.Time    `json:"observed_at"`
	Surface    risk.Surface `json:"surface"`
}

// before returns the latest surface of each other account of the days before that of
// a time. One that cannot be read is left out.
func (s surfaces) before(ctx context.Context, account string, at time.Time) (map[string]risk.Surface, error) {
	watcher, err := s.bucket.WatchAll(ctx, jetstream.IncludeHistory(), jetstream.IgnoreDeletes())
	if err != nil {
		return nil, fmt.Errorf("read surfaces: %w", err)
	}
	defer func() { _ = watcher.Stop() }() // ctx may have ended it
	today := at.UTC().Truncate(24 * time.Hour)
	latest := make(map[string]kept)
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("read surfaces: %w", ctx.Err())
		case entry, ok := <-watcher.Updates():
			if !ok {
				return nil, fmt.Errorf("read surfaces: the connection was lost")
			}
			if entry == nil {
				return only(latest), nil
			}
			if entry.Key() == account {
				continue
			}
			var k kept
			if err := json.Unmarshal(entry.Value(), &k); err != nil {
				// Runs of every account read it: an error would hold up all of them.
				s.log.Warn("a surface cannot be read: paths through it are not found", zap.String("account", entry.Key()), zap.Error(err))
				continue
			}
			if k.usable(today) && !k.ObservedAt.Before(latest[entry.Key()].ObservedAt) {
				latest[entry.Key()] = k
			}
		}
	}
}

// usable reports whether a surface is of one of the days before today.
func (k kept) usable(today time.Time) bool {
	return k.ObservedAt.Before(today) && !k.ObservedAt.Before(today.AddDate(0, 0, -surfaceDays))
}

func only(latest map[string]kept) map[string]risk.Surface {
	all := make(map[string]risk.Surface, len(latest))
	for account, k := range latest {
		all[account] = k.Surface
	}
	return all
}

// put keeps an account's surface. What does not fit into limit bytes is left out, and
// put says how many entries that were.
func (s surfaces) put(ctx context.Context, k kept, limit int) (left int, err error) {
	all := len(k.Surface.Entries)
	for {
		value, err := json.Marshal(k)
		if err != nil {
			return 0, fmt.Errorf("encode surface of %s: %w", k.Surface.Account, err)
		}
		if len(value) <= limit || len(k.Surface.Entries) == 0 {
			_, err = s.bucket.Put(ctx, k.Surface.Account, value)
			if err != nil {
				err = fmt.Errorf("keep surface of %s: %w", k.Surface.Account, err)
			}
			return all - len(k.Surface.Entries), err
		}
		k.Surface.Entries = k.Surface.Entries[:len(k.Surface.Entries)/2]
	}
}
