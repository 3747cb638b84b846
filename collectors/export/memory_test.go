package export_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/export"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/schemas/event"
)

// heapWatch is a publisher that stores nothing: the server, which in production
// is another process, would hide what the importer itself holds.
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

// TestMemoryDoesNotGrowWithTheFile is not parallel: it watches the whole heap.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	roles := 50_000
	if natstest.Race {
		roles = 5_000
	}
	path := largeFile(t, roles)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	watch := &heapWatch{}
	emitter := collectors.NewEmitter(collectors.Dependencies{
		JetStream: natstest.Start(t), Publisher: watch, Metrics: collectors.NewMetrics(nil), Log: zap.NewNop(),
	})
	before := liveHeap()
	s, err := export.NewImporter(export.Config{}, export.Dependencies{Emitter: emitter}).Import(t.Context(), path)
	if err != nil || s.Events[event.KindRole] != int64(roles) {
		t.Fatalf("%+v, %v", s, err)
	}
	// Ids are held, in some 200 bytes a role; two batches of 2 MB; and the hashes
	// of known documents, at most 8 MB.
	most := int64(16<<20 + 200*roles)
	used := int64(watch.peak) - int64(before)
	t.Logf("%d MB file, %d MB held at most", info.Size()>>20, used>>20)
	if used > most {
		t.Errorf("held %d bytes, more than %d", used, most)
	}
}

// largeFile writes an export of many roles, each with documents of its own.
func largeFile(t *testing.T, roles int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "large.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprint(w, `{"RoleDetailList": [`)
	filler := strings.Repeat("x", 1500)
	for i := range roles {
		if i > 0 {
			fmt.Fprint(w, ",\n")
		}
		fmt.Fprintf(w, `{"Arn": "arn:aws:iam::123456789012:role/service/role-%d", "RoleName": "role-%d", "RoleId": "AROA%017d",
 "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": {"Id": "%d", "Statement": [{"Sid": %q}]}}]}`, i, i, i, i, filler)
	}
	fmt.Fprint(w, `]}`)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
