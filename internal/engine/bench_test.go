package engine

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// BenchmarkStart is the time from StartClickHouse to the first answer, with the
// library in the cache and an empty data directory.
func BenchmarkStart(b *testing.B) {
	cfg := testConfig(b.TempDir())
	for b.Loop() {
		ch, err := StartClickHouse(b.Context(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		b.ReportMetric(float64(residentKiB(b, ch.PID()))/1024, "child-MiB")
		b.ReportMetric(float64(residentKiB(b, os.Getpid()))/1024, "parent-MiB")
		if err := ch.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkStop is the time of an orderly stop.
func BenchmarkStop(b *testing.B) {
	cfg := testConfig(b.TempDir())
	for b.Loop() {
		b.StopTimer()
		ch, err := StartClickHouse(b.Context(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := ch.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInsert stores blocks of 50,000 rows over the native protocol with
// LZ4, with and without waiting for the disk.
func BenchmarkInsert(b *testing.B) {
	const block = 50_000
	for _, sync := range []bool{false, true} {
		b.Run(fmt.Sprintf("sync=%t", sync), func(b *testing.B) {
			cfg := testConfig(b.TempDir())
			cfg.Sync = sync
			ch, err := StartClickHouse(b.Context(), cfg)
			if err != nil {
				b.Fatal(err)
			}
			defer ch.Close(context.Background())
			execAll(b, connectAs(b, ch, Admin), "CREATE TABLE t (at DateTime, account LowCardinality(String), id UInt64, name String) "+
				"ENGINE = MergeTree ORDER BY (account, id)")
			opts, err := clickhouse.ParseDSN(ch.DSN(Writer))
			if err != nil {
				b.Fatal(err)
			}
			opts.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
			conn, err := clickhouse.Open(opts)
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			now := time.Now()
			for b.Loop() {
				batch, err := conn.PrepareBatch(b.Context(), "INSERT INTO t")
				if err != nil {
					b.Fatal(err)
				}
				for i := range block {
					if err := batch.Append(now, "123456789012", uint64(i), "arn:aws:iam::123456789012:role/some-role"); err != nil {
						b.Fatal(err)
					}
				}
				if err := batch.Send(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*block/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(residentKiB(b, ch.PID()))/1024, "child-MiB")
		})
	}
}

// residentKiB is what /proc says of a process, 0 where there is no /proc.
func residentKiB(tb testing.TB, pid int) (kib int) {
	tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if n, err := fmt.Sscanf(line, "VmRSS: %d kB", &kib); n == 1 && err == nil {
			return kib
		}
	}
	return 0
}
