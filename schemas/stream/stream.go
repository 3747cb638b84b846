package stream

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The names of the streams, and of the buckets behind KV_….
const (
	Jobs       = "JOBS"
	Raw        = "RAW"
	Enriched   = "ENRICHED"
	Dead       = "DEAD"
	Advisories = "ADVISORIES"
	Documents  = "KV_documents"
	Surfaces   = "KV_surfaces"

	DocumentBucket = "documents"
	SurfaceBucket  = "surfaces"
)

// Partitions is the number of partitions of RAW and ENRICHED. Changing it moves
// accounts to other partitions; what is stored stays where it is.
const Partitions = 8

// Limits bound what the streams may hold. A full stream refuses to take more,
// which its publishers wait out; it never forgets what nobody has read.
type Limits struct {
	// RawBytes and EnrichedBytes are the sizes of RAW and ENRICHED, in bytes.
	RawBytes, EnrichedBytes int64
	// RawAge is how long RAW keeps what was processed.
	RawAge time.Duration
	// EnrichedAge is the replay horizon: how long ENRICHED keeps events after
	// they were stored, so that a warehouse can be filled again.
	EnrichedAge time.Duration
	// DeadAge and DeadBytes bound the dead letters; the oldest go first, and
	// the warehouse has them all.
	DeadAge   time.Duration
	DeadBytes int64
	// Dedupe is how long JOBS and RAW remember message ids.
	Dedupe time.Duration
	// Replicas is the number of servers that hold each stream (1, 3 or 5).
	Replicas int
}

// DefaultLimits suit one server with a few hundred accounts a day.
func DefaultLimits() Limits {
	const gib = 1 << 30
	return Limits{
		RawBytes:      4 * gib,
		EnrichedBytes: 8 * gib,
		RawAge:        48 * time.Hour,
		EnrichedAge:   7 * 24 * time.Hour,
		DeadAge:       30 * 24 * time.Hour,
		DeadBytes:     gib,
		Dedupe:        24 * time.Hour,
		Replicas:      1,
	}
}

// Streams describes every stream, in the order in which to create them.
func Streams(l Limits) []jetstream.StreamConfig {
	return []jetstream.StreamConfig{
		jobs(l), raw(l), enriched(l), dead(l), advisories(l), documents(l), surfaces(l),
	}
}

// jobs remembers ids as long as RAW does, so that a scheduler that starts again
// in the same interval does not have everything collected again. A server that
// starts again reads ids from the messages that it has, and so forgets those of
// jobs that are done; RAW has their runs ([StoredRuns]).
func jobs(l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:                 Jobs,
		Description:          "one job per account, pending or in flight",
		Subjects:             []string{"iam.jobs.*"},
		Retention:            jetstream.WorkQueuePolicy,
		Discard:              jetstream.DiscardNew,
		DiscardNewPerSubject: true,
		MaxMsgsPerSubject:    1,
		Duplicates:           window(l.Dedupe, 0),
		Storage:              jetstream.FileStorage,
		Compression:          jetstream.S2Compression,
		Replicas:             l.Replicas,
	}
}

func raw(l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:               Raw,
		Description:        "what collectors saw",
		Subjects:           []string{"iam.raw.>"},
		SubjectTransform:   partitioned("iam.raw"),
		Retention:          jetstream.LimitsPolicy,
		Discard:            jetstream.DiscardNew,
		MaxBytes:           l.RawBytes,
		MaxAge:             l.RawAge,
		Duplicates:         window(l.Dedupe, l.RawAge),
		AllowAtomicPublish: true,
		Storage:            jetstream.FileStorage,
		Compression:        jetstream.S2Compression,
		Replicas:           l.Replicas,
	}
}

// enriched remembers ids for minutes only: its publishers are processors, whose
// redeliveries come within their AckWait, and its readers are idempotent by row.
func enriched(l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:               Enriched,
		Description:        "what processors made of it; its age is the replay horizon",
		Subjects:           []string{"iam.enriched.>"},
		SubjectTransform:   partitioned("iam.enriched"),
		Retention:          jetstream.LimitsPolicy,
		Discard:            jetstream.DiscardNew,
		MaxBytes:           l.EnrichedBytes,
		MaxAge:             l.EnrichedAge,
		Duplicates:         window(10*time.Minute, l.EnrichedAge),
		AllowAtomicPublish: true,
		Storage:            jetstream.FileStorage,
		Compression:        jetstream.S2Compression,
		Replicas:           l.Replicas,
	}
}

func dead(l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        Dead,
		Description: "what could not be processed, and why",
		Subjects:    []string{"iam.dead.>"},
		Retention:   jetstream.LimitsPolicy,
		Discard:     jetstream.DiscardOld,
		MaxBytes:    l.DeadBytes,
		MaxAge:      l.DeadAge,
		Duplicates:  window(time.Hour, l.DeadAge),
		Storage:     jetstream.FileStorage,
		Compression: jetstream.S2Compression,
		Replicas:    l.Replicas,
	}
}

func advisories(l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        Advisories,
		Description: "consumers that gave up on a message; the net behind the dead letters",
		Subjects:    []string{"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>"},
		Retention:   jetstream.WorkQueuePolicy,
		MaxAge:      l.DeadAge,
		Storage:     jetstream.FileStorage,
		Replicas:    l.Replicas,
	}
}

// documents is the stream behind the key-value bucket, as nats.go would create
// it, and atomic batches beside, which its bucket API cannot ask for.
func documents(l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:               Documents,
		Description:        "policy documents by the SHA-256 of their content",
		Subjects:           []string{"$KV." + DocumentBucket + ".>"},
		Retention:          jetstream.LimitsPolicy,
		Discard:            jetstream.DiscardNew,
		MaxMsgsPerSubject:  1,
		AllowRollup:        true,
		DenyDelete:         true,
		AllowDirect:        true,
		AllowAtomicPublish: true,
		Storage:            jetstream.FileStorage,
		Compression:        jetstream.S2Compression,
		Replicas:           l.Replicas,
	}
}

// surfaceHistory is how many surfaces of an account are kept: those of the day before
// and of today, and room for runs that were repeated.
const surfaceHistory = 4

// surfaces is the stream behind the key-value bucket, as nats.go would create it.
func surfaces(l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:              Surfaces,
		Description:       "how accounts look from others: roles that let them in and lead to administrator",
		Subjects:          []string{"$KV." + SurfaceBucket + ".>"},
		Retention:         jetstream.LimitsPolicy,
		Discard:           jetstream.DiscardNew,
		MaxMsgsPerSubject: surfaceHistory,
		AllowRollup:       true,
		DenyDelete:        true,
		AllowDirect:       true,
		Storage:           jetstream.FileStorage,
		Compression:       jetstream.S2Compression,
		Replicas:          l.Replicas,
	}
}

// window is how long a stream of an age remembers ids. The server refuses a
// window that is longer than the age; an age of 0 keeps everything.
func window(dedupe, age time.Duration) time.Duration {
	if age == 0 {
		return dedupe
	}
	return min(dedupe, age)
}

func partitioned(prefix string) *jetstream.SubjectTransformConfig {
	return &jetstream.SubjectTransformConfig{
		Source:      prefix + ".*.*.*",
		Destination: fmt.Sprintf("%s.{{partition(%d,2)}}.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}", prefix, Partitions),
	}
}
