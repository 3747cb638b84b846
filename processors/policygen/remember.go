package policygen

import (
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// remembered is how many answers are kept, and rememberedBytes how large
	// request and reply together can be: 4 MiB in all.
	remembered      = 256
	rememberedBytes = 16 << 10
)

// memory keeps the latest answers. An answer follows from its request, the catalog
// and the rules alone, so the same request has the same answer as long as the
// service runs; whoever deploys with a template asks the same every time.
type memory struct {
	replies *lru.Cache[string, []byte]
}

func newMemory() (memory, error) {
	replies, err := lru.New[string, []byte](remembered)
	if err != nil {
		return memory{}, fmt.Errorf("keep answers: %w", err)
	}
	return memory{replies}, nil
}

// recall returns the reply to a request, or has it made. What is an error, or large,
// is made anew every time.
func (m memory) recall(subject string, request []byte, answer func([]byte) ([]byte, error)) ([]byte, error) {
	if len(request) > rememberedBytes {
		return answer(request)
	}
	key := subject + " " + string(request)
	if reply, ok := m.replies.Get(key); ok {
		return reply, nil
	}
	reply, err := answer(request)
	if err == nil && len(request)+len(reply) <= rememberedBytes {
		m.replies.Add(key, reply)
	}
	return reply, err
}
