package export_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/export"
	"github.com/leastwise/leastwise/internal/bus"
)

var at = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func newImporter(js jetstream.JetStream, cfg export.Config) *export.Importer {
	return importerFrom(js, cfg, nil)
}

func importerFrom(js jetstream.JetStream, cfg export.Config, stdin io.Reader) *export.Importer {
	emitter := collectors.NewEmitter(collectors.Dependencies{
		JetStream: js, Publisher: bus.NewPublisher(js, zap.NewNop()), Metrics: collectors.NewMetrics(nil), Log: zap.NewNop(),
	})
	return export.NewImporter(cfg, export.Dependencies{Emitter: emitter, Stdin: stdin})
}

// imported imports a file and demands a run without fault.
func imported(t *testing.T, js jetstream.JetStream, cfg export.Config, path string) collectors.Summary {
	t.Helper()
	s, err := newImporter(js, cfg).Import(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if s.Status != "complete" {
		t.Fatalf("run is %s: %+v", s.Status, s)
	}
	return s
}

// file writes a temporary file.
func file(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export.json")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
