package stream

import (
	"strconv"
	"strings"

	"github.com/leastwise/leastwise/schemas/event"
)

// JobSubject is the subject of an account's job.
func JobSubject(account string) string { return "iam.jobs." + account }

// RawSubject is the subject to publish a raw event on. All parts must be
// tokens (event.IsToken), which Validate of the event has checked.
func RawSubject(k event.Kind, account, id string) string {
	return strings.Join([]string{"iam.raw", string(k), account, id}, ".")
}

// StoredRuns matches the subjects of an account's run events as RAW stores them,
// in whichever partition.
func StoredRuns(account string) string {
	return strings.Join([]string{"iam.raw", "*", string(event.KindRun), account, "*"}, ".")
}

// EnrichedSubject is the subject to publish an enriched event on.
func EnrichedSubject(k event.Kind, account, id string) string {
	return strings.Join([]string{"iam.enriched", string(k), account, id}, ".")
}

// DeadSubject is the subject of a dead letter: the stage that gave up, and
// where the message was.
func DeadSubject(stage, stream string, sequence uint64) string {
	return strings.Join([]string{"iam.dead", stage, stream, strconv.FormatUint(sequence, 10)}, ".")
}

// DocumentSubject is the subject of a document in the key-value bucket.
func DocumentSubject(hash string) string { return "$KV." + DocumentBucket + "." + hash }

// KindOf reads the kind out of a stored raw or enriched subject, with or
// without its partition. It returns false for any other subject.
func KindOf(subject string) (event.Kind, bool) {
	tokens := strings.Split(subject, ".")
	if tokens[0] != "iam" || len(tokens) < 5 || len(tokens) > 6 || tokens[1] != "raw" && tokens[1] != "enriched" {
		return "", false
	}
	k := event.Kind(tokens[len(tokens)-3])
	return k, k.Valid()
}
