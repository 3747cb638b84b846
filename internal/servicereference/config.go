package servicereference

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/pflag"
)

// DefaultURL is where AWS publishes its Service Reference.
const DefaultURL = "https://servicereference.us-east-1.amazonaws.com/"

// Config says where the Service Reference is and how it is fetched.
type Config struct {
	// URL is that of the index. Services are asked for on its host, whatever
	// host the index names, so that a mirror can serve AWS's own index. Redirects to
	// another host, and from https to http, are not followed.
	URL string
	// Parallel is how many services are fetched at once.
	Parallel int
	// Timeout is how long one request may take, its body included.
	Timeout time.Duration
	// Attempts is how often a request is tried that ends without an answer, or
	// with one that says to come back.
	Attempts int
	// Backoff is the wait before the second attempt; it doubles.
	Backoff time.Duration
}

// DefaultConfig returns settings for AWS's own host.
func DefaultConfig() Config {
	return Config{URL: DefaultURL, Parallel: 8, Timeout: 30 * time.Second, Attempts: 3, Backoff: 500 * time.Millisecond}
}

// AddFlags adds the flags that set c, but for the URL.
func (c *Config) AddFlags(fs *pflag.FlagSet) {
	fs.IntVar(&c.Parallel, "parallel", c.Parallel, "`number` of services to fetch at once")
	fs.DurationVar(&c.Timeout, "timeout", c.Timeout, "how long one request may take")
}

// Validate returns every fault of c, joined.
func (c Config) Validate() error {
	var errs []error
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		errs = append(errs, fmt.Errorf("--from is %q: must be an http or https URL, or a directory", c.URL))
	}
	if c.Parallel < 1 || c.Parallel > 64 {
		errs = append(errs, fmt.Errorf("--parallel is %d: must be between 1 and 64", c.Parallel))
	}
	if c.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("--timeout is %s: must be positive", c.Timeout))
	}
	if c.Attempts < 1 || c.Backoff < 0 {
		errs = append(errs, errors.New("attempts must be positive, and the backoff not negative"))
	}
	return errors.Join(errs...)
}
