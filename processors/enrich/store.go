package enrich

import (
	"context"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/stream"
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

// kept is a judgement and when it was last published; never, at the zero time.
type kept struct {
	judgement *Judgement
	at        time.Time
}

// publishAgain is how old a publication may be; it has to be well below the age
// of ENRICHED.
const publishAgain = 24 * time.Hour

// OpenStore returns a store over the bucket of a NATS. Its error is
// bus.ErrNotMigrated where there is none.
func OpenStore(ctx context.Context, js jetstream.JetStream, e *Enricher, size int) (*Store, error) {
	bucket, err := js.KeyValue(ctx, stream.DocumentBucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		err = bus.ErrNotMigrated
	}
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", stream.DocumentBucket, err)
	}
	return NewStore(bucket, e, size)
}

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
		j, err := b.store.load(ctx, hash)
		if err != nil {
			return err
		}
		b.found[hash] = j
		b.fresh = append(b.fresh, j)
	}
	return nil
}

// load judges a document of the bucket.
func (s *Store) load(ctx context.Context, hash string) (*Judgement, error) {
	entry, err := s.bucket.Get(ctx, hash)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return nil, fmt.Errorf("load document %s: %w", hash, ErrNoDocument)
	case err != nil:
		return nil, fmt.Errorf("load document %s: %w: %w", hash, errAway, err)
	}
	return s.enricher.Judge(hash, entry.Value()), nil
}

// Document returns the analysis of a document and, where it names principals, the
// document itself; nil and nil when the bucket does not have it. A document that
// was not published by then is published when an event that names it is.
func (s *Store) Document(ctx context.Context, hash string) (*policy.Analysis, *policy.Document, error) {
	k, ok := s.cache.Get(hash)
	if !ok {
		var err error
		if k.judgement, err = s.load(ctx, hash); errors.Is(err, ErrNoDocument) {
			return nil, nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
		s.cache.ContainsOrAdd(hash, k)
	}
	return k.judgement.analysis, k.judgement.trust, nil
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
