package collectors

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/stream"
)

// knownDocuments is how many hashes of stored documents are remembered, at some
// 200 bytes each. Forgetting one only costs storing it once more.
const knownDocuments = 1 << 15

// documents remembers which documents the bucket has.
type documents struct {
	js    jetstream.JetStream
	known *lru.Cache[string, struct{}]

	mu      sync.Mutex
	created time.Time
}

func newDocuments(js jetstream.JetStream) *documents {
	known, err := lru.New[string, struct{}](knownDocuments)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &documents{js: js, known: known}
}

// refresh forgets everything when the bucket is not the one that was there
// before: someone emptied NATS while this process lived on.
func (d *documents) refresh(ctx context.Context) error {
	s, err := d.js.Stream(ctx, stream.Documents)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("open stream %s: %w", stream.Documents, bus.ErrNotMigrated)
	}
	if err != nil {
		return fmt.Errorf("open stream %s: %w", stream.Documents, err)
	}
	created := s.CachedInfo().Created
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.created.Equal(created) {
		d.known.Purge()
		d.created = created
	}
	return nil
}

func (d *documents) has(hash string) bool {
	_, ok := d.known.Get(hash)
	return ok
}

func (d *documents) stored(hash string) { d.known.Add(hash, struct{}{}) }
