package enrich

import (
	"context"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/nats-io/nats.go/jetstream"
)

// Store loads documents from the key-value bucket and judges each one once, for
// as long as it is among the most recently used. A judgement is published again
// after a day, so that ENRICHED has, for as far as one can replay it, every
// document that its events name.
type Store struct {
	bucket   jetstream.KeyValue
	enricher *Enricher
	cache    *lru.Cache[string, kept]
	now      func() time.Time
}

// kept is a judgement and when it was last published.
type kept struct {
	judgement *Judgement
	at        time.Time
}

// publishAgain is how old a publication may be; it has to be well below the age
// of ENRICHED.
const publishAgain = 24 * time.Hour

// NewStore returns a store that keeps the judgements of up to size documents.
func NewStore(bucket jetstream.KeyValue, e *Enricher, size int) (*Store, error) {
	cache, err := lru.New[string, kept](size)
	if err != nil {
		return nil, fmt.Errorf("make document cache: %w", err)
	}
	return &Store{bucket: bucket, enricher: e, cache: cache, now: time.Now}, nil
}

// Batch is the documents that a batch of events needs. What is new in it has to
// be published, and then kept.
type Batch struct {
	store *Store
	found map[string]*Judgement
	fresh []*Judgement
}

// NewBatch returns an empty batch.
func (s *Store) NewBatch() *Batch {
	return &Batch{store: s, found: make(map[string]*Judgement)}
}

// Load makes sure that the batch has the documents with these hashes. It returns
// ErrNoDocument for one that the bucket does not have.
func (b *Batch) Load(ctx context.Context, hashes []string) error {
	for _, hash := range hashes {
		if b.found[hash] != nil {
			continue
		}
		if k, ok := b.store.cache.Get(hash); ok {
			b.found[hash] = k.judgement
			if b.store.now().Sub(k.at) > publishAgain {
				b.fresh = append(b.fresh, k.judgement)
			}
			continue
		}
		entry, err := b.store.bucket.Get(ctx, hash)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return fmt.Errorf("load document %s: %w", hash, ErrNoDocument)
		}
		if err != nil {
			return fmt.Errorf("load document %s: %w", hash, err)
		}
		j := b.store.enricher.Judge(hash, entry.Value())
		b.found[hash] = j
		b.fresh = append(b.fresh, j)
	}
	return nil
}

// Judgement returns a loaded document's judgement, or nil.
func (b *Batch) Judgement(hash string) *Judgement { return b.found[hash] }

// Fresh returns the judgements that are to be published: those that this process
// makes for the first time, and those that it published long ago.
func (b *Batch) Fresh() []*Judgement { return b.fresh }

// Keep remembers fresh judgements. Call it only for those that are published: a
// judgement that is remembered is not published again.
func (b *Batch) Keep(published ...*Judgement) {
	for _, j := range published {
		b.store.cache.Add(j.Hash, kept{judgement: j, at: b.store.now()})
	}
}
