package integration

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/leastwise/leastwise/grafana/grafanatest"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// schemaCompiler knows every schema of the events by its file name.
func schemaCompiler(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	c := jsonschema.NewCompiler()
	names, err := fs.Glob(event.Schemas(), "*.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(event.Schemas(), name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(doc.(map[string]any)["$id"].(string), doc); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// TestWhatThePipelineSaysFitsItsSchemasAndDashboards looks at every event of a
// collection, and asks the warehouse everything that the dashboards ask.
func TestWhatThePipelineSaysFitsItsSchemasAndDashboards(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	days := r.days(3)
	r.running(workers{1, 1, 1}, func(ctx context.Context) { r.collect(ctx, days) })

	schemas, checked := schemaCompiler(t), map[string]int{}
	for name, prefix := range map[string]string{stream.Raw: "raw", stream.Enriched: "enriched"} {
		s, err := r.js.Stream(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for seq := s.CachedInfo().State.FirstSeq; seq <= s.CachedInfo().State.LastSeq; seq++ {
			m, err := s.GetMsg(t.Context(), seq)
			if err != nil {
				t.Fatal(err)
			}
			kind, _ := stream.KindOf(m.Subject)
			file := fmt.Sprintf("%s.%s.schema.json", prefix, kind)
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(m.Data))
			if err != nil {
				t.Fatal(err)
			}
			if err := schemas.MustCompile(schemaID(t, file)).Validate(doc); err != nil {
				t.Fatalf("%s: %v", m.Subject, err)
			}
			checked[file]++
		}
	}
	if len(checked) != 8+10 {
		t.Errorf("events of %d kinds were checked, want 8 raw and 10 enriched: %v", len(checked), checked)
	}

	tables, err := grafanatest.Run(t.Context(), r.reader, grafanatest.View{From: days[0].AddDate(0, 0, -1), To: days[len(days)-1].AddDate(0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, panel := range tables {
		empty := strings.Contains(strings.ToLower(panel.Panel), "dead letter") || strings.Contains(strings.ToLower(panel.Panel), "not complete") ||
			strings.Contains(strings.ToLower(panel.Panel), "could not be read")
		if (len(panel.Rows) == 0) != empty {
			t.Errorf("the panel %q of %s has %d rows after three days without a fault", panel.Panel, panel.Dashboard, len(panel.Rows))
		}
	}
}

// schemaID is the $id of a schema file.
func schemaID(t *testing.T, file string) string {
	t.Helper()
	raw, err := fs.ReadFile(event.Schemas(), file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any)["$id"].(string)
}
