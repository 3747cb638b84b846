package servicereference_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/leastwise/leastwise/internal/servicereference"
	"github.com/leastwise/leastwise/internal/servicereference/referencetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// services are the files of n services with an action each.
func services(n int) map[string]string {
	files := map[string]string{}
	for i := range n {
		name := fmt.Sprintf("svc%02d", i)
		files[name] = fmt.Sprintf(`{"Name": %q, "Version": "v1.4", "Actions": [{"Name": "Do"}]}`, name)
	}
	return files
}

func impatient(url string) servicereference.Config {
	cfg := servicereference.DefaultConfig()
	cfg.URL, cfg.Backoff, cfg.Timeout = url, time.Millisecond, 5*time.Second
	return cfg
}

// fetch returns the prefixes in their order, and the last progress.
func fetch(ctx context.Context, t *testing.T, cfg servicereference.Config) (prefixes []string, progress string, err error) {
	t.Helper()
	c, err := servicereference.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Fetch(ctx, func(done, total int) { progress = fmt.Sprintf("%d/%d", done, total) })
	for _, s := range got {
		prefixes = append(prefixes, s.Prefix)
	}
	return prefixes, progress, err
}

func TestFetchReadsEveryServiceOfTheIndex(t *testing.T) {
	t.Parallel()
	url := referencetest.Start(t, services(30), nil)
	for _, path := range []string{"", "mirror/", "mirror"} {
		got, progress, err := fetch(t.Context(), t, impatient(url+path))
		if err != nil || len(got) != 30 || progress != "30/30" {
			t.Errorf("%q: %d services, progress %s, %v", path, len(got), progress, err)
		}
	}
}

func TestFetchAsksForAFewServicesAtOnce(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	url := referencetest.Start(t, services(30), func(http.ResponseWriter, *http.Request) bool {
		n := now.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		return false
	})
	cfg := impatient(url)
	cfg.Parallel = 3
	if _, _, err := fetch(t.Context(), t, cfg); err != nil {
		t.Fatal(err)
	}
	if most.Load() != 3 {
		t.Errorf("%d requests at once, want 3", most.Load())
	}
}

func TestFetchTriesAgainWhatMayBeAnsweredLater(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(http.ResponseWriter){
		"throttled":  func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"broken":     func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) },
		"cut off":    func(w http.ResponseWriter) { w.Header().Set("Content-Length", "100"); _, _ = w.Write([]byte("[")) },
		"no answer":  func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"no service": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			asked := map[string]int{}
			url := referencetest.Start(t, services(4), func(w http.ResponseWriter, r *http.Request) bool {
				mu.Lock()
				asked[r.URL.Path]++
				n := asked[r.URL.Path]
				mu.Unlock()
				if n < 3 && fail != nil {
					fail(w)
					return true
				}
				return false
			})
			got, _, err := fetch(t.Context(), t, impatient(url))
			if err != nil || len(got) != 4 {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestFetchNamesEveryBrokenServiceAtOnce(t *testing.T) {
	t.Parallel()
	files := services(5)
	files["svc01"] = `{"Name": "svc01", "Actions": [{"Name": "A"}, {"Name": "A"}, {}]}`
	files["svc02"] = "<html>"
	var asked atomic.Int32
	url := referencetest.Start(t, files, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "svc03") {
			asked.Add(1)
			http.Error(w, "gone", http.StatusNotFound)
			return true
		}
		return false
	})
	got, progress, err := fetch(t.Context(), t, impatient(url))
	if got != nil || progress != "5/5" {
		t.Errorf("%q, progress %s", got, progress)
	}
	for _, want := range []string{
		"read service svc01: action A is named twice", "read service svc01: action 3 has no name", "read service svc02: invalid character",
		"fetch service svc03 from " + url + "v1/svc03/svc03.json: the server answered 404 Not Found",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("what is not there was asked for %d times", asked.Load())
	}
}

func TestFetchFollowsRedirectsOnItsHostOnly(t *testing.T) {
	t.Parallel()
	// The same address by another name is another host.
	stranger := strings.Replace(referencetest.Start(t, services(2), nil), "127.0.0.1", "localhost", 1)
	for name, tt := range map[string]struct {
		index    string // its path
		from, to string // the beginnings of paths, and where they redirect to
		asked    int32
		want     string // "" for no error
	}{
		"on its host": {"old/", "/old/", "/mirror/", 6, ""},
		"the index":   {"old/", "/old/", stranger, 1, "and that is not followed; check --from and the network"},
		"services":    {"mirror/", "/mirror/v1/", stranger + "v1/", 3, "fetch service svc00 from "},
		"in a circle": {"old/", "/old/", "/old/", 10, "the server redirects more than 10 times"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			url := referencetest.Start(t, services(2), func(w http.ResponseWriter, r *http.Request) bool {
				asked.Add(1)
				rest, redirects := strings.CutPrefix(r.URL.Path, tt.from)
				if redirects {
					http.Redirect(w, r, tt.to+rest, http.StatusFound)
				}
				return redirects
			})
			_, _, err := fetch(t.Context(), t, impatient(url+tt.index))
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v", err)
			}
			if asked.Load() != tt.asked {
				t.Errorf("asked %d times, want %d", asked.Load(), tt.asked)
			}
		})
	}
}

func TestFetchGivesUpWhereNothingAnswers(t *testing.T) {
	t.Parallel()
	url := referencetest.Start(t, services(60), func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/" {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	cfg := impatient(url)
	cfg.Parallel = 2
	_, _, err := fetch(t.Context(), t, cfg)
	if err == nil || strings.Count(err.Error(), "503 Service Unavailable") > 12 || !strings.Contains(err.Error(), "more services were not tried") {
		t.Errorf("error %v", err)
	}
}

func TestFetchSaysWhatIsWrongWithTheIndex(t *testing.T) {
	t.Parallel()
	answer := func(status int, text string) string {
		return referencetest.Start(t, nil, func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(text))
			return true
		})
	}
	for name, tt := range map[string]struct{ url, want string }{
		"not there":      {answer(404, ""), "the server answered 404 Not Found; check --from and the network"},
		"no JSON":        {answer(200, "<html>"), "the URL of a Service Reference?"},
		"nothing":        {answer(200, "[]"), "it lists no service"},
		"another host's": {answer(200, `[{"service": "a", "url": "https://elsewhere.example/a.json"}]`), "fetch service a: the index names another host, elsewhere.example"},
		"no url":         {answer(200, `[{"service": "a", "url": "http://%zz"}]`), `fetch service a: the index has a url that is none`},
		"no server":      {"http://127.0.0.1:1/", "connection refused; check --from and the network"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := fetch(t.Context(), t, impatient(tt.url)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestFetchKeepsToItsTimes(t *testing.T) {
	t.Parallel()
	hang := func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "svc01") {
			<-r.Context().Done()
			return true
		}
		return false
	}
	cfg := impatient(referencetest.Start(t, services(3), hang))
	cfg.Timeout, cfg.Attempts = 50*time.Millisecond, 2
	_, _, err := fetch(t.Context(), t, cfg)
	if err == nil || !strings.Contains(err.Error(), "fetch service svc01") || !strings.Contains(err.Error(), "Client.Timeout") {
		t.Errorf("error %v", err)
	}
	cfg.Timeout = time.Minute
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if _, _, err := fetch(ctx, t, cfg); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "svc01") {
		t.Errorf("error %v", err)
	}
}

func TestConfigFaultsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	if err := servicereference.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	_, err := servicereference.NewClient(servicereference.Config{URL: "ftp://x/", Parallel: 100, Backoff: -1})
	for _, want := range []string{`--from is "ftp://x/"`, "--parallel is 100", "--timeout is 0s", "attempts"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
}
