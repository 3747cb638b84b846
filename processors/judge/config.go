package judge

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk"
)

// Config is what one can set of a Judge.
type Config struct {
	// UnusedDays is how long something must have been unused, and there, to count as
	// unused.
	UnusedDays int
}

// DefaultConfig has the risk package's own options.
func DefaultConfig() Config { return Config{UnusedDays: risk.DefaultOptions().UnusedDays} }

// AddFlags adds the flags that set c.
func (c *Config) AddFlags(fs *pflag.FlagSet) {
	fs.IntVar(&c.UnusedDays, "unused-days", c.UnusedDays, "`days` without use from which something counts as unused")
}

// Validate returns what is wrong with c.
func (c Config) Validate() error {
	const most = 400 // IAM's tracking period
	if c.UnusedDays < 1 || c.UnusedDays > most {
		return fmt.Errorf("--unused-days is %d; it takes 1 to %d", c.UnusedDays, most)
	}
	return nil
}

func (c Config) options() risk.Options {
	o := risk.DefaultOptions()
	o.UnusedDays = c.UnusedDays
	return o
}

// revision is counted up when this package or catalog/risk judges the same events in
// another way, so that a newer judgement does not mix with an older one.
const revision = 1

// nameOf names a judge by all that its judgements follow from, but the events.
func nameOf(d Dependencies, c Config) string {
	sum := sha256.New()
	known := d.Rules.Catalog()
	// Printed: the same every time, and exclusions say nothing of themselves
	// otherwise. A hash takes all that it is given.
	_, _ = fmt.Fprintf(sum, "%d %+v %+v %+v %+v ", revision, known.Info(), d.Rules.All(), d.Exclusions, c)
	for a := range known.Len() {
		_, _ = sum.Write([]byte{byte(known.LevelOf(catalog.ActionID(a)))}) // overrides may give it others
	}
	return hex.EncodeToString(sum.Sum(nil))[:versionLength]
}

// metrics count what a Judge does.
type metrics struct {
	runs, judgements prometheus.Counter
	seconds          prometheus.Histogram
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		runs:       prometheus.NewCounter(prometheus.CounterOpts{Name: "leastwise_judged_runs_total", Help: "Runs that were judged."}),
		judgements: prometheus.NewCounter(prometheus.CounterOpts{Name: "leastwise_judgements_total", Help: "Judgements that were published."}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "leastwise_judge_seconds", Help: "Time that it took to judge a run.", Buckets: prometheus.ExponentialBuckets(0.005, 2, 14),
		}),
	}
	r.MustRegister(m.runs, m.judgements, m.seconds)
	return m
}
