package clickhouse

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/pause"
)

const (
	// insertTimeout bounds one attempt to insert one block.
	insertTimeout = time.Minute
	// firstRetry and lastRetry bound the growing delay between attempts.
	firstRetry = 200 * time.Millisecond
	lastRetry  = 15 * time.Second
	// doubts is how often an error that may be the rows' fault has to come before
	// the rows are split, or given up on.
	doubts = 5
)

// writer inserts rows. It is safe for concurrent use.
type writer struct {
	conn    driver.Conn
	metrics *metrics
	log     *zap.Logger
	// inserts counts what ClickHouse took: while it grows, the server is well.
	inserts atomic.Int64
	// waiting is the number of inserts that wait.
	waiting atomic.Int64
}

// store inserts the rows of all entries and returns an error for each entry: nil
// once its rows are stored, a refusedError if ClickHouse does not take them, or
// ctx's error. It waits for as long as ClickHouse cannot take anything.
func (w *writer) store(ctx context.Context, entries []entry, rows *rowSet) []error {
	errs := make([]error, len(entries))
	w.storeInto(ctx, entries, rows, errs, w.inserts.Load())
	return errs
}

// storeInto halves what is refused until it has found the entry that is at fault.
// Rows that were inserted before their table's turn came are inserted again, which
// changes nothing.
func (w *writer) storeInto(ctx context.Context, entries []entry, rows *rowSet, errs []error, before int64) {
	err := w.insertAll(ctx, rows, before)
	var refused *refusedError
	if errors.As(err, &refused) && len(entries) > 1 {
		half := len(entries) / 2
		w.storeInto(ctx, entries[:half], rowsOf(entries[:half]), errs[:half], before)
		w.storeInto(ctx, entries[half:], rowsOf(entries[half:]), errs[half:], before)
		return
	}
	for i := range errs {
		errs[i] = err
	}
}

func (w *writer) insertAll(ctx context.Context, r *rowSet, before int64) error {
	for _, t := range r.tables() {
		if err := w.insert(ctx, t, before); err != nil {
			return err
		}
	}
	return nil
}

// insert stores a table's rows. It goes on trying while the error says that the
// server cannot take any rows. An error that neither says so nor blames the rows
// has to come back a few times; to give up on a single row, the server must also
// have taken other inserts since there were before.
func (w *writer) insert(ctx context.Context, t table, before int64) error {
	var waiting *wait
	defer func() { waiting.end() }()
	doubtful := 0
	for delay := firstRetry; ; delay = min(delay*2, lastRetry) {
		err := w.attempt(ctx, t)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var refused *refusedError
		switch {
		case errors.As(err, &refused):
			return err
		case isDataFault(code(err)):
			return &refusedError{table: t.name(), cause: err}
		case !isServerState(code(err)):
			doubtful++
			if doubtful >= doubts && (t.count() > 1 || w.inserts.Load() > before) {
				return &refusedError{table: t.name(), cause: err}
			}
		}
		if waiting == nil {
			waiting = w.startWait(t, err)
		}
		pause.For(ctx, delay)
	}
}

func (w *writer) attempt(ctx context.Context, t table) error {
	ctx, cancel := context.WithTimeout(ctx, insertTimeout)
	defer cancel()
	start := time.Now()
	if err := t.insert(ctx, w.conn); err != nil {
		return err
	}
	w.inserts.Add(1)
	w.metrics.seconds.WithLabelValues(t.name()).Observe(time.Since(start).Seconds())
	w.metrics.rows.WithLabelValues(t.name()).Add(float64(t.count()))
	return nil
}

// wait is a time in which an insert waits for ClickHouse. The first to wait and
// the last to end say so in the log.
type wait struct {
	writer *writer
	since  time.Time
}

func (w *writer) startWait(t table, err error) *wait {
	w.metrics.away.Inc()
	if w.waiting.Add(1) == 1 {
		w.log.Warn("waiting for ClickHouse", zap.String("table", t.name()), zap.Error(err), zap.String("hint", hint(code(err))))
	}
	return &wait{writer: w, since: time.Now()}
}

func (o *wait) end() {
	if o == nil {
		return
	}
	o.writer.metrics.away.Dec()
	if o.writer.waiting.Add(-1) == 0 {
		o.writer.log.Info("no insert waits for ClickHouse", zap.Duration("waited", time.Since(o.since)))
	}
}
