package servicereference

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/leastwise/leastwise/internal/pause"
)

// maxFile bounds one file. The largest that AWS has, of EC2, takes a few MB.
const maxFile = 64 << 20

// statusError is an answer that is not the file.
type statusError struct{ status int }

func (e *statusError) Error() string {
	return fmt.Sprintf("the server answered %d %s", e.status, http.StatusText(e.status))
}

// again reports whether the same request may be answered later.
func (e *statusError) again() bool {
	return e.status == http.StatusTooManyRequests || e.status >= http.StatusInternalServerError
}

// redirectError is a redirect that is not followed.
type redirectError struct{ reason string }

func (e *redirectError) Error() string { return e.reason }

// maxRedirects is the number of redirects that net/http follows by itself.
const maxRedirects = 10

// staysAtHome refuses redirects away from the host that was asked, and from https to
// http: the facts come from whom the user named.
func staysAtHome(next *http.Request, before []*http.Request) error {
	asked := before[0].URL
	switch {
	case next.URL.Host != asked.Host:
		return &redirectError{fmt.Sprintf("the server redirects to another host, %s, and that is not followed", next.URL.Host)}
	case asked.Scheme == "https" && next.URL.Scheme != "https":
		return &redirectError{fmt.Sprintf("the server redirects from https to %s, which can be changed on its way", next.URL.Scheme)}
	case len(before) >= maxRedirects:
		return &redirectError{fmt.Sprintf("the server redirects more than %d times", maxRedirects)}
	}
	return nil
}

// get returns the file at a URL, after as many attempts as it takes and the
// configuration allows.
func (c *Client) get(ctx context.Context, u *url.URL) ([]byte, error) {
	wait := c.cfg.Backoff
	for attempt := 1; ; attempt++ {
		data, err := c.attempt(ctx, u)
		var status *statusError
		var redirect *redirectError
		final := errors.As(err, &status) && !status.again() || errors.As(err, &redirect)
		if err == nil || final || ctx.Err() != nil || attempt == c.cfg.Attempts {
			return data, err
		}
		if !pause.For(ctx, wait) {
			return nil, ctx.Err()
		}
		wait *= 2
	}
}

func (c *Client) attempt(ctx context.Context, u *url.URL) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "leastwise")
	response, err := c.http.Do(request)
	if err != nil {
		var sent *url.Error
		if errors.As(err, &sent) {
			err = sent.Err // the URL is named by the caller
		}
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, &statusError{status: response.StatusCode}
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("read the answer: it is larger than %d MiB", maxFile>>20)
	}
	return data, nil
}
