package aws_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/schemas/event"
)

// heapWatch is a publisher that stores nothing: the server, which in production
// is another process, would hide what the collector itself holds.
type heapWatch struct{ peak uint64 }

func (w *heapWatch) Publish(context.Context, ...*nats.Msg) error {
	w.peak = max(w.peak, liveHeap())
	return nil
}

func liveHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemoryDoesNotGrowWithTheAccount is not parallel: it watches the whole
// heap, of which the simulation keeps some bytes a role.
func TestMemoryDoesNotGrowWithTheAccount(t *testing.T) {
	roles := 50_000
	if natstest.Race {
		roles = 5_000
	}
	f := start(t, func(c *awssim.Config) { c.Accounts, c.Roles = 1, roles })
	// Reports would take minutes; with the access advisor denied, every role has
	// its access event all the same.
	f.inject(t, awssim.Fault{Action: "iam:GenerateServiceLastAccessedDetails", Kind: awssim.FaultAccessDenied})
	job := f.job(t, f.account(0))
	watch := &heapWatch{}
	emitter := collectors.NewEmitter(collectors.Dependencies{
		JetStream: f.js, Publisher: watch, Metrics: collectors.NewMetrics(nil), Log: zap.NewNop(), Now: f.org.Now,
	})
	before := liveHeap()
	run, err := emitter.Open(t.Context(), collectors.Pass{Job: job, Attempt: 1, Source: event.SourceAWS})
	if err != nil {
		t.Fatal(err)
	}
	cause := aws.NewSource(f.cfg, f.base).Collect(t.Context(), run)
	s, err := run.Close(t.Context(), cause)
	if err != nil || cause != nil {
		t.Fatal(err, cause)
	}
	used := int64(watch.peak) - int64(before)
	t.Logf("%d roles, %d documents: %d MB held at most", s.Events[event.KindRole], s.Documents, used>>20)
	if s.Events[event.KindRole] < int64(roles)*9/10 || s.Events[event.KindAccess] < s.Events[event.KindRole] {
		t.Errorf("%v", s.Events)
	}
	// An id, an ARN and keys in maps for each role; one page; one batch of 2 MB;
	// the hashes of known documents, at most 8 MB.
	if most := int64(16<<20 + 400*roles); used > most {
		t.Errorf("held %d bytes, more than %d", used, most)
	}
}
