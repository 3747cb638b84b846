package collectors

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Metrics are the counters of schedulers and workers. Several of them in one
// process share one.
type Metrics struct {
	events    *prometheus.CounterVec
	documents prometheus.Counter
	runs      *prometheus.CounterVec
	seconds   prometheus.Histogram
	calls     *prometheus.CounterVec
	throttles *prometheus.CounterVec
	jobs      *prometheus.CounterVec
}

// NewMetrics registers the metrics on reg; a nil reg registers them nowhere. It
// panics when they are registered there already.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	f := promauto.With(reg)
	counters := func(name, help, label string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	}
	return &Metrics{
		events:    counters("leastwise_collect_events_total", "Events published, by kind.", "kind"),
		documents: f.NewCounter(prometheus.CounterOpts{Name: "leastwise_collect_documents_total", Help: "Policy documents published."}),
		runs:      counters("leastwise_collect_runs_total", "Runs closed, by status.", "status"),
		seconds: f.NewHistogram(prometheus.HistogramOpts{
			Name: "leastwise_collect_run_duration_seconds",
			Help: "Time from opening to closing a run.",
			// An account of a hundred principals takes a minute at the default
			// rates; one of tens of thousands takes hours.
			Buckets: prometheus.ExponentialBuckets(0.5, 4, 9),
		}),
		calls:     counters("leastwise_collect_calls_total", "AWS API requests sent, retries included, by API.", "api"),
		throttles: counters("leastwise_collect_throttles_total", "AWS API requests that were throttled, by API.", "api"),
		jobs:      counters("leastwise_schedule_jobs_total", "Jobs offered, by result: published, pending, known or failed.", "result"),
	}
}

// Called counts a request to an AWS API that belongs to no run.
func (m *Metrics) Called(api string) { m.calls.WithLabelValues(api).Inc() }

// Throttled counts a throttled request to an AWS API.
func (m *Metrics) Throttled(api string) { m.throttles.WithLabelValues(api).Inc() }
