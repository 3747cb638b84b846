package clickhouse

import "github.com/prometheus/client_golang/prometheus"

// metrics are what a sink counts.
type metrics struct {
	events  *prometheus.CounterVec
	rows    *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	away    prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leastwise_stored_events_total", Help: "Events and dead letters whose rows are stored, by kind.",
		}, []string{"kind"}),
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leastwise_stored_rows_total", Help: "Rows inserted, by table; rows that were there already count too.",
		}, []string{"table"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leastwise_insert_seconds", Help: "Time that a successful insert took, by table.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"table"}),
		away: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "leastwise_clickhouse_waiting", Help: "Inserts that wait for ClickHouse to take them.",
		}),
	}
	r.MustRegister(m.events, m.rows, m.seconds, m.away)
	return m
}
