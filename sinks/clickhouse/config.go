package clickhouse

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"
)

// Stage is the name of this stage in dead letters, and of its consumer of ENRICHED.
const Stage = "sink-clickhouse"

// Config is what one can set of a Sink.
type Config struct {
	// Batch is the number of messages that are fetched and acknowledged together.
	Batch int
	// Workers is the number of batches that this process works on at once.
	Workers int
	// Bytes is the size of payloads from which a batch is full, however few its
	// messages; the memory that a worker needs is a small multiple of it.
	Bytes int
	// Rows is the number of rows from which a batch is inserted in parts.
	Rows int
}

// DefaultConfig suits two cores and a ClickHouse on the same machine.
func DefaultConfig() Config {
	return Config{Batch: 2000, Workers: 2, Bytes: 8 << 20, Rows: 200_000}
}

// AddFlags adds the flags that set c.
func (c *Config) AddFlags(fs *pflag.FlagSet) {
	fs.IntVar(&c.Batch, "sink-batch", c.Batch, "`messages` that are fetched and acknowledged together")
	fs.IntVar(&c.Workers, "sink-workers", c.Workers, "`batches` to work on at once")
	fs.IntVar(&c.Rows, "sink-rows", c.Rows, "`rows` from which a batch is inserted in parts")
	fs.IntVar(&c.Bytes, "sink-bytes", c.Bytes, "`bytes` of payload from which a batch is full")
}

// Validate returns every fault of c, joined.
func (c Config) Validate() error {
	var errs []error
	for _, f := range []struct {
		flag     string
		value    int
		min, max int
	}{
		{"--sink-batch", c.Batch, 1, 20_000},
		{"--sink-workers", c.Workers, 1, 64},
		{"--sink-rows", c.Rows, 1, 10_000_000},
		{"--sink-bytes", c.Bytes, 1 << 10, 1 << 30},
	} {
		if f.value < f.min || f.value > f.max {
			errs = append(errs, fmt.Errorf("%s is %d; it takes %d to %d", f.flag, f.value, f.min, f.max))
		}
	}
	return errors.Join(errs...)
}
