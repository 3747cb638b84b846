package servicereference

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/leastwise/leastwise/catalog/source"
	"github.com/leastwise/leastwise/internal/count"
)

// Client fetches the Service Reference.
type Client struct {
	cfg  Config
	base *url.URL
	http *http.Client
}

// NewClient returns a client of a configuration that is valid. It sends nothing.
func NewClient(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	base, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = cfg.Parallel
	return &Client{cfg: cfg, base: base, http: &http.Client{Transport: transport, Timeout: cfg.Timeout, CheckRedirect: staysAtHome}}, nil
}

// Progress hears how many services have been read, of how many.
type Progress func(done, total int)

// maxUnreachable is after how many services that could not be fetched the others
// are left: by then it is the network, or the server.
const maxUnreachable = 10

// Fetch reads the index and every service that it lists, in its order. Of
// services that are broken all are named in the error, with all that is wrong.
func (c *Client) Fetch(ctx context.Context, progress Progress) ([]*source.ReferenceService, error) {
	defer c.http.CloseIdleConnections()
	data, err := c.get(ctx, c.base)
	if err != nil {
		return nil, fmt.Errorf("fetch the index of the Service Reference at %s: %w; check --from and the network", c.base.Redacted(), err)
	}
	entries, err := source.ParseReferenceIndex(data)
	if err != nil {
		return nil, fmt.Errorf("%w; is %s the URL of a Service Reference?", err, c.base.Redacted())
	}
	progress(0, len(entries))
	f := &fetching{client: c, entries: entries, progress: progress, services: make([]*source.ReferenceService, len(entries))}
	return f.run(ctx)
}

// fetching is a Fetch whose index is known.
type fetching struct {
	client   *Client
	entries  []source.ReferenceEntry
	progress Progress
	services []*source.ReferenceService

	mu                sync.Mutex
	done, unreachable int
	faults            []fault
}

// fault is what is wrong with one service.
type fault struct {
	service string
	err     error
}

// run fetches all services, and goes on after those that are broken.
func (f *fetching) run(ctx context.Context) ([]*source.ReferenceService, error) {
	var group errgroup.Group
	group.SetLimit(f.client.cfg.Parallel)
	for i := range f.entries {
		group.Go(func() error { f.one(ctx, i); return nil })
	}
	_ = group.Wait() // one keeps what goes wrong
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("fetch the Service Reference: %w", err)
	}
	if len(f.faults) == 0 {
		return f.services, nil
	}
	slices.SortFunc(f.faults, func(a, b fault) int { return cmp.Compare(a.service, b.service) })
	errs := make([]error, 0, len(f.faults)+1)
	for _, broken := range f.faults {
		errs = append(errs, broken.err)
	}
	if left := len(f.entries) - f.done; left > 0 {
		errs = append(errs, fmt.Errorf("%s not tried; check the network and --timeout", count.Of(left, "more service was", "more services were")))
	}
	return nil, errors.Join(errs...)
}

// one fetches a service, unless too many could not be.
func (f *fetching) one(ctx context.Context, i int) {
	f.mu.Lock()
	hopeless := f.unreachable >= maxUnreachable
	f.mu.Unlock()
	if hopeless || ctx.Err() != nil {
		return
	}
	entry := f.entries[i]
	service, reached, err := f.client.service(ctx, entry)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.services[i] = service
	f.done++
	if err != nil {
		f.faults = append(f.faults, fault{entry.Service, err})
	}
	if !reached {
		f.unreachable++
	}
	f.progress(f.done, len(f.entries))
}

// service fetches and reads one service; reached says that its file was had.
func (c *Client) service(ctx context.Context, entry source.ReferenceEntry) (s *source.ReferenceService, reached bool, err error) {
	u, err := c.locate(entry.URL)
	if err != nil {
		return nil, true, fmt.Errorf("fetch service %s: %w", entry.Service, err)
	}
	data, err := c.get(ctx, u)
	if err != nil {
		return nil, false, fmt.Errorf("fetch service %s from %s: %w", entry.Service, u.Redacted(), err)
	}
	s, err = source.ParseReferenceService(entry, data)
	return s, true, err
}

// locate returns where a file of the index is: at its path on the host that the
// index came from.
func (c *Client) locate(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("the index has a url that is none: %q", raw)
	}
	official, err := url.Parse(DefaultURL)
	if err != nil {
		return nil, err
	}
	if u.Host != "" && u.Host != c.base.Host && u.Host != official.Host {
		return nil, fmt.Errorf("the index names another host, %s", u.Host)
	}
	return c.base.JoinPath(strings.TrimPrefix(u.Path, strings.TrimSuffix(c.base.Path, "/")+"/")), nil
}
