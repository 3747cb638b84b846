package policygen

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"sync/atomic"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// remembered is how many answers are kept, and rememberedBytes how large
	// request and reply together can be: 4 MiB in all.
	remembered      = 256
	rememberedBytes = 16 << 10
	// askedLately is about how many requests later one is known to be the same.
	askedLately = 16 << 10
)

// memory keeps the latest answers that were asked for twice. An answer follows from
// its request, the catalog and the rules alone, so the same request has the same
// answer as long as the service runs; whoever deploys with a template asks the same
// every time. What is asked once pushes out nothing.
type memory struct {
	seed    maphash.Seed
	answers *lru.Cache[uint64, answered] // by the hash of subject and request
	asked   []atomic.Uint64              // such hashes, each at its place; a later one takes it over
}

// answered is a request with its answer; neither is ever changed.
type answered struct {
	subject        string
	request, reply []byte
}

func newMemory() (memory, error) {
	answers, err := lru.New[uint64, answered](remembered)
	if err != nil {
		return memory{}, fmt.Errorf("keep answers: %w", err)
	}
	return memory{maphash.MakeSeed(), answers, make([]atomic.Uint64, askedLately)}, nil
}

// recall returns the reply to a request, or has it made. What is an error, or large,
// is made anew every time. It keeps the request, which must not change, and a copy of
// the reply.
func (m memory) recall(subject string, request []byte, answer func([]byte) ([]byte, error)) ([]byte, error) {
	if len(request) > rememberedBytes {
		return answer(request)
	}
	key := maphash.Bytes(m.seed, request) ^ maphash.String(m.seed, subject)
	if known, ok := m.answers.Get(key); ok && known.subject == subject && bytes.Equal(known.request, request) {
		return known.reply, nil
	}
	reply, err := answer(request)
	if err == nil && len(request)+len(reply) <= rememberedBytes && m.askedBefore(key) {
		m.answers.Add(key, answered{subject, request, bytes.Clone(reply)})
	}
	return reply, err
}

// askedBefore reports whether a request was asked lately, and notes that it was.
func (m memory) askedBefore(key uint64) bool { return m.asked[key%askedLately].Swap(key) == key }
