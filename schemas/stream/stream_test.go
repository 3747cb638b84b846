package stream_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// The server's error codes that the contract relies on.
const (
	codeStoreFailed    jetstream.ErrorCode = 10077
	codeBatchDuplicate jetstream.ErrorCode = 10201
)

func TestServerTakesTheStreamsAndKeepsWhatTheySay(t *testing.T) {
	t.Parallel()
	js := withStreams(t)
	for _, want := range stream.Streams(testLimits()) {
		info := openStream(t, js, want.Name).CachedInfo().Config
		got := map[string]any{
			"storage": info.Storage, "retention": info.Retention, "discard": info.Discard, "per subject": info.MaxMsgsPerSubject,
			"bytes": info.MaxBytes, "age": info.MaxAge, "atomic": info.AllowAtomicPublish, "subjects": info.Subjects,
			"transform": info.SubjectTransform, "compression": info.Compression, "duplicates": info.Duplicates,
		}
		if diff := cmp.Diff(expected(want), got); diff != "" {
			t.Errorf("%s (-config +server):\n%s", want.Name, diff)
		}
	}
}

// expected is what the server should say of a stream, with the server's words
// for "no limit" and its default window of two minutes.
func expected(c jetstream.StreamConfig) map[string]any {
	unlimited := func(n int64) int64 {
		if n == 0 {
			return -1
		}
		return n
	}
	duplicates := c.Duplicates
	if duplicates == 0 {
		duplicates = 2 * time.Minute
	}
	return map[string]any{
		"storage": jetstream.FileStorage, "retention": c.Retention, "discard": c.Discard, "per subject": unlimited(c.MaxMsgsPerSubject),
		"bytes": unlimited(c.MaxBytes), "age": c.MaxAge, "atomic": c.AllowAtomicPublish, "subjects": c.Subjects,
		"transform": c.SubjectTransform, "compression": c.Compression, "duplicates": duplicates,
	}
}

func TestStreamsCanBeCreatedAgainAndResized(t *testing.T) {
	t.Parallel()
	js := withStreams(t)
	publish(t, js, stream.JobSubject("123456789012"), "job-1")
	l := testLimits()
	l.RawBytes, l.RawAge, l.EnrichedAge, l.DeadAge = 32<<20, 12*time.Hour, time.Minute, time.Minute
	create(t, js, l)
	raw := openStream(t, js, stream.Raw).CachedInfo()
	if raw.Config.MaxBytes != l.RawBytes || raw.Config.Duplicates != l.RawAge {
		t.Errorf("RAW was not resized: %d bytes, window %s", raw.Config.MaxBytes, raw.Config.Duplicates)
	}
	if n := openStream(t, js, stream.Jobs).CachedInfo().State.Msgs; n != 1 {
		t.Errorf("JOBS has %d messages after it was created again, want 1", n)
	}
}

func TestStreamsThatKeepEverythingRememberIDsAllTheSame(t *testing.T) {
	t.Parallel()
	l := testLimits()
	l.RawAge, l.EnrichedAge, l.DeadAge = 0, 0, 0
	js := startJetStream(t)
	create(t, js, l)
	if got := openStream(t, js, stream.Raw).CachedInfo().Config.Duplicates; got != l.Dedupe {
		t.Errorf("RAW remembers ids for %s, want %s", got, l.Dedupe)
	}
}

func TestAnAccountHasOneJobPendingOrInFlight(t *testing.T) {
	t.Parallel()
	js := withStreams(t)
	subject := stream.JobSubject("123456789012")
	publish(t, js, subject, "job-1")
	assertRefused(t, js, subject, "job-2")
	publish(t, js, stream.JobSubject("210987654321"), "job-3")

	consumer, err := js.CreateOrUpdateConsumer(soon(t), stream.Jobs, jetstream.ConsumerConfig{Durable: "collect", FilterSubject: subject})
	if err != nil {
		t.Fatal(err)
	}
	msg, err := consumer.Next(jetstream.FetchMaxWait(10 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	assertRefused(t, js, subject, "job-4")
	if err := msg.DoubleAck(soon(t)); err != nil {
		t.Fatal(err)
	}
	publish(t, js, subject, "job-5")
}

func assertRefused(t *testing.T, js jetstream.JetStream, subject, id string) {
	t.Helper()
	_, err := js.Publish(soon(t), subject, nil, jetstream.WithMsgID(id))
	var api *jetstream.APIError
	if !errors.As(err, &api) || api.ErrorCode != codeStoreFailed {
		t.Errorf("publish %s on %s: %v, want error %d", id, subject, err, codeStoreFailed)
	}
}

func publish(t *testing.T, js jetstream.JetStream, subject, id string) *jetstream.PubAck {
	t.Helper()
	ack, err := js.Publish(soon(t), subject, []byte(id), jetstream.WithMsgID(id))
	if err != nil {
		t.Fatalf("publish %s: %v", subject, err)
	}
	return ack
}

func TestEventsOfAnAccountShareAPartition(t *testing.T) {
	t.Parallel()
	js := withStreams(t)
	for _, name := range []string{stream.Raw, stream.Enriched} {
		subjectOf := stream.RawSubject
		if name == stream.Enriched {
			subjectOf = stream.EnrichedSubject
		}
		stored := openStream(t, js, name)
		used := make(map[string]bool)
		for account := range 40 {
			account := fmt.Sprintf("%012d", account)
			partitions := make(map[string]bool)
			for _, kind := range []event.Kind{event.KindUser, event.KindRun} {
				ack := publish(t, js, subjectOf(kind, account, "id-"+string(kind)), account+string(kind))
				msg, err := stored.GetMsg(soon(t), ack.Sequence)
				if err != nil {
					t.Fatal(err)
				}
				if got, ok := stream.KindOf(msg.Subject); !ok || got != kind {
					t.Errorf("KindOf(%s) = %q, %v, want %q", msg.Subject, got, ok, kind)
				}
				partitions[partitionOf(t, msg.Subject)] = true
			}
			if len(partitions) != 1 {
				t.Errorf("%s: account %s is in %d partitions", name, account, len(partitions))
			}
			for p := range partitions {
				used[p] = true
			}
		}
		if len(used) != stream.Partitions {
			t.Errorf("%s: 40 accounts are in %d of %d partitions", name, len(used), stream.Partitions)
		}
	}
}

func TestPublishingAgainStoresNothing(t *testing.T) {
	t.Parallel()
	js := withStreams(t)
	for _, subject := range []string{
		stream.RawSubject(event.KindRole, "123456789012", "AROA1"),
		stream.EnrichedSubject(event.KindRole, "123456789012", "AROA1"),
		stream.DeadSubject("process", stream.Raw, 7),
	} {
		first, again := publish(t, js, subject, "id"), publish(t, js, subject, "id")
		if first.Duplicate || !again.Duplicate {
			t.Errorf("%s: duplicates %v, then %v", subject, first.Duplicate, again.Duplicate)
		}
	}
}

func TestAtomicBatchesAreStoredWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	js := withStreams(t)
	for name, subject := range map[string]func(id string) string{
		stream.Raw:      func(id string) string { return stream.RawSubject(event.KindUser, "123456789012", id) },
		stream.Enriched: func(id string) string { return stream.EnrichedSubject(event.KindUser, "123456789012", id) },
		stream.Documents: func(id string) string {
			return stream.DocumentSubject(event.HashDocument([]byte(id)))
		},
	} {
		batch := func(ids ...string) []*nats.Msg {
			var msgs []*nats.Msg
			for _, id := range ids {
				msgs = append(msgs, stream.NewMessage(subject(id), stream.RawType(event.KindUser), "test", id, time.Now(), []byte(id)))
			}
			return msgs
		}
		ack, err := jetstreamext.PublishMsgBatch(soon(t), js, batch("a", "b", "c"))
		if err != nil || ack.BatchSize != 3 {
			t.Fatalf("%s: publish a batch: %+v, %v", name, ack, err)
		}
		_, err = jetstreamext.PublishMsgBatch(soon(t), js, batch("d", "a"))
		var api *jetstream.APIError
		if !errors.As(err, &api) || api.ErrorCode != codeBatchDuplicate {
			t.Errorf("%s: a batch with a known id: %v, want error %d", name, err, codeBatchDuplicate)
		}
		info, err := openStream(t, js, name).Info(soon(t))
		if err != nil || info.State.Msgs != 3 {
			t.Errorf("%s has %d messages, want 3 (%v)", name, info.State.Msgs, err)
		}
	}
}

func TestDocumentsAreABucket(t *testing.T) {
	t.Parallel()
	js := withStreams(t)
	content := event.NormalizeDocument([]byte(`{"Statement": []}`))
	hash := event.HashDocument(content)
	if _, err := js.Publish(soon(t), stream.DocumentSubject(hash), content); err != nil {
		t.Fatal(err)
	}
	bucket, err := js.KeyValue(soon(t), stream.DocumentBucket)
	if err != nil {
		t.Fatal(err)
	}
	entry, err := bucket.Get(soon(t), hash)
	if err != nil || string(entry.Value()) != string(content) || entry.Operation() != jetstream.KeyValuePut {
		t.Fatalf("get %s: %v, %v", hash, entry, err)
	}
	if _, err := bucket.Create(soon(t), hash, content); !errors.Is(err, jetstream.ErrKeyExists) {
		t.Errorf("create a document that exists: %v, want %v", err, jetstream.ErrKeyExists)
	}
	if _, err := bucket.Put(soon(t), hash, content); err != nil {
		t.Errorf("put a document again: %v", err)
	}
	status, err := bucket.Status(soon(t))
	if err != nil || status.Values() != 1 || status.History() != 1 || !status.IsCompressed() {
		t.Errorf("status: %+v, %v", status, err)
	}
	if _, err := bucket.Get(soon(t), event.HashDocument(nil)); !errors.Is(err, jetstream.ErrKeyNotFound) {
		t.Errorf("get what is not there: %v", err)
	}
}

func TestFullStreamsRefuseAndDeadLettersForget(t *testing.T) {
	t.Parallel()
	l := testLimits()
	l.RawBytes, l.EnrichedBytes, l.DeadBytes = 4096, 4096, 4096
	js := startJetStream(t)
	create(t, js, l)
	payload := make([]byte, 1000)
	for name, subject := range map[string]string{
		stream.Raw:      stream.RawSubject(event.KindUser, "123456789012", "AIDA1"),
		stream.Enriched: stream.EnrichedSubject(event.KindUser, "123456789012", "AIDA1"),
		stream.Dead:     stream.DeadSubject("process", stream.Raw, 1),
	} {
		var refused error
		for range 8 {
			if _, err := js.Publish(soon(t), subject, payload); err != nil {
				refused = err
			}
		}
		info, err := openStream(t, js, name).Info(soon(t))
		if err != nil {
			t.Fatal(err)
		}
		first := info.State.FirstSeq
		if forgets := name == stream.Dead; forgets != (refused == nil) || forgets != (first > 1) {
			t.Errorf("%s: refused with %v, first sequence is %d", name, refused, first)
		}
	}
}

// A consumer that gives up on a message tells ADVISORIES, which keeps it for
// the dead letters.
func TestMaxDeliveriesAreKept(t *testing.T) {
	t.Parallel()
	js := withStreams(t)
	publish(t, js, stream.JobSubject("123456789012"), "job-1")
	consumer, err := js.CreateOrUpdateConsumer(soon(t), stream.Jobs, jetstream.ConsumerConfig{Durable: "collect", MaxDeliver: 1})
	if err != nil {
		t.Fatal(err)
	}
	msg, err := consumer.Next(jetstream.FetchMaxWait(10 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if err := msg.Nak(); err != nil {
		t.Fatal(err)
	}
	// The server notices when it looks for the next message to deliver.
	if _, err := consumer.Next(jetstream.FetchMaxWait(time.Second)); !errors.Is(err, nats.ErrTimeout) {
		t.Fatalf("the message was delivered again: %v", err)
	}
	advisories, err := js.CreateOrUpdateConsumer(soon(t), stream.Advisories, jetstream.ConsumerConfig{Durable: "dead"})
	if err != nil {
		t.Fatal(err)
	}
	advisory, err := advisories.Next(jetstream.FetchMaxWait(20 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if want := "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.JOBS.collect"; advisory.Subject() != want {
		t.Errorf("the advisory is on %s, want %s", advisory.Subject(), want)
	}
}
