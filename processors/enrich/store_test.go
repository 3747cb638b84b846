package enrich

import (
	"errors"
	"testing"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

func (r rig) store() *Store {
	r.t.Helper()
	s, err := OpenStore(r.t.Context(), r.js, newTestEnricher(r.t), 10)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func TestADocumentIsFoundByItsHash(t *testing.T) {
	t.Parallel()
	r := rig{t, startJetStream(t)}
	s := r.store()
	grant := r.document(s3Read)
	trust := r.document(`{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}`)
	broken := r.document(`{"Statement":`)
	for _, test := range []struct {
		hash                string
		analysed, principal bool
	}{
		{grant, true, false},
		{trust, true, true},
		{broken, true, false}, // it grants nothing
		{event.HashDocument([]byte("absent")), false, false},
	} {
		for range 2 {
			analysis, doc, err := s.Document(t.Context(), test.hash)
			if err != nil || (analysis != nil) != test.analysed || (doc != nil) != test.principal {
				t.Errorf("%s: analysis %v, document %v, error %v", test.hash, analysis, doc, err)
			}
		}
	}
}

// Who asks for a document first makes no difference to who publishes it.
func TestADocumentThatWasAskedForIsStillPublishedAndAnalysedOnce(t *testing.T) {
	t.Parallel()
	r := rig{t, startJetStream(t)}
	s := r.store()
	hash := r.document(s3Read)
	analysis, _, err := s.Document(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	batch := s.NewBatch()
	if err := batch.Load(t.Context(), []string{hash}); err != nil {
		t.Fatal(err)
	}
	if fresh := batch.Fresh(); len(fresh) != 1 || fresh[0].analysis != analysis {
		t.Fatalf("%d documents are to be published, want the one that was asked for", len(fresh))
	}
	batch.Keep(batch.Fresh()...)
	if again, _, err := s.Document(t.Context(), hash); err != nil || again != analysis {
		t.Error("the document was analysed again", err)
	}
	batch = s.NewBatch()
	if err := batch.Load(t.Context(), []string{hash}); err != nil || len(batch.Fresh()) != 0 {
		t.Error("a published document is to be published again", err)
	}
}

func TestAStoreNeedsItsBucket(t *testing.T) {
	t.Parallel()
	js := startJetStream(t)
	if err := js.DeleteStream(t.Context(), stream.Documents); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenStore(t.Context(), js, newTestEnricher(t), 10); !errors.Is(err, bus.ErrNotMigrated) {
		t.Error(err)
	}
}

// That the server does not answer does not mean that it has no such document.
func TestAServerThatIsAwayIsAnError(t *testing.T) {
	t.Parallel()
	r := rig{t, startJetStream(t)}
	s, hash := r.store(), r.document(s3Read)
	r.js.Conn().Close()
	if analysis, _, err := s.Document(t.Context(), hash); err == nil || analysis != nil {
		t.Error(analysis, err)
	}
}
