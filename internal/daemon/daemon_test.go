package daemon

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder makes services that say when they start and stop.
type recorder struct {
	mu    sync.Mutex
	notes []string
}

func (r *recorder) note(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, s)
}

func (r *recorder) service(name string) Service {
	return Service{Name: name, Run: func(ctx context.Context) error {
		<-ctx.Done()
		r.note(name + " stopped")
		return nil
	}}
}

func TestRunStopsInReverseOrder(t *testing.T) {
	t.Parallel()
	var r recorder
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, zap.NewNop(), time.Minute, r.service("first"), r.service("second"), r.service("third"))
	}()
	cancel()
	if err := <-done; err != nil {
		t.Fatalf("Run returned %v after it was asked to stop", err)
	}
	if want := []string{"third stopped", "second stopped", "first stopped"}; !slices.Equal(r.notes, want) {
		t.Errorf("got %v, want %v", r.notes, want)
	}
}

func TestRunEndsWithTheFirstFailure(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tests := map[string]struct {
		run  func(context.Context) error
		want string
	}{
		"an error":             {func(context.Context) error { return broken }, "bad: broken"},
		"an end nobody wanted": {func(context.Context) error { return nil }, "bad: ended before it was asked to"},
		"done":                 {func(context.Context) error { return ErrDone }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r recorder
			err := Run(t.Context(), zap.NewNop(), time.Minute, r.service("good"), Service{Name: "bad", Run: tt.run})
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v, want nothing", err)
			case tt.want != "" && (err == nil || err.Error() != tt.want):
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if len(r.notes) != 1 {
				t.Errorf("the good service was not stopped: %v", r.notes)
			}
		})
	}
}

func TestRunReturnsTheCauseOfItsEnd(t *testing.T) {
	t.Parallel()
	cause := errors.New("permission violation")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	var r recorder
	if err := Run(ctx, zap.NewNop(), time.Minute, r.service("a")); !errors.Is(err, cause) {
		t.Errorf("got %v, want %v", err, cause)
	}
}

func TestRunLogsWhatGoesWrongWhileStopping(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	until := func(err error) func(context.Context) error {
		return func(ctx context.Context) error {
			<-ctx.Done()
			return err
		}
	}
	core, logs := observer.New(zap.WarnLevel)
	err := Run(ctx, zap.New(core), time.Minute,
		Service{Name: "torn", Run: until(errors.New("drain: lost"))}, Service{Name: "well", Run: until(context.Canceled)})
	if err != nil {
		t.Errorf("got %v, want nothing", err)
	}
	if got := logs.All(); len(got) != 1 || got[0].ContextMap()["service"] != "torn" || got[0].ContextMap()["error"] != "drain: lost" {
		t.Errorf("logged %v", got)
	}
}

func TestRunWaitsNoLongerThanItsGrace(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	release := make(chan struct{})
	defer close(release)
	err := Run(ctx, zap.NewNop(), 20*time.Millisecond, Service{Name: "stubborn", Run: func(context.Context) error {
		<-release
		return nil
	}})
	if err == nil || !strings.Contains(err.Error(), "stubborn: did not stop within 20ms") {
		t.Errorf("got %v", err)
	}
}

func TestHTTPServesHealthAndMetrics(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	registry := prometheus.NewRegistry()
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "leastwise_test_total", Help: "test"})
	registry.MustRegister(counter)
	counter.Inc()
	var mu sync.Mutex
	var sick error
	h := HTTP{Listen: address, Metrics: registry, Healthy: func() error {
		mu.Lock()
		defer mu.Unlock()
		return sick
	}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()

	get := func(path string) (int, string) {
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			resp, err := http.Get("http://" + address + path)
			if err != nil && time.Now().Before(deadline) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			return resp.StatusCode, string(body)
		}
	}
	if code, body := get("/metrics"); code != 200 || !strings.Contains(body, "leastwise_test_total 1") {
		t.Errorf("/metrics: %d %s", code, body)
	}
	if code, body := get("/healthz"); code != 200 || body != "ok\n" {
		t.Errorf("/healthz: %d %s", code, body)
	}
	mu.Lock()
	sick = errors.New("no NATS")
	mu.Unlock()
	if code, body := get("/healthz"); code != 503 || !strings.Contains(body, "no NATS") {
		t.Errorf("/healthz of the sick: %d %s", code, body)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := (HTTP{Listen: "127.0.0.1:notaport"}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "--metrics-listen") {
		t.Errorf("a bad address: %v", err)
	}
}
