package policygen

import (
	"errors"
	"strconv"
	"testing"
)

func TestAnAnswerIsMadeOnceAndAnErrorEveryTime(t *testing.T) {
	t.Parallel()
	m, err := newMemory()
	if err != nil {
		t.Fatal(err)
	}
	small, large := make([]byte, 10), make([]byte, rememberedBytes)
	for name, test := range map[string]struct {
		subject string
		request []byte
		reply   []byte
		err     error
		made    int
	}{
		"an answer":       {"a", small, small, nil, 1},
		"another subject": {"b", small, small, nil, 1},
		"an error":        {"c", small, nil, errors.New("no"), 3},
		"a large reply":   {"d", small, large, nil, 3},
		"a large request": {"e", append(large, 0), small, nil, 3},
	} {
		made := 0
		for range 3 {
			reply, err := m.recall(test.subject, test.request, func([]byte) ([]byte, error) { made++; return test.reply, test.err })
			if len(reply) != len(test.reply) || !errors.Is(err, test.err) {
				t.Errorf("%s: got %d bytes and %v", name, len(reply), err)
			}
		}
		if made != test.made {
			t.Errorf("%s was made %d times, want %d", name, made, test.made)
		}
	}
}

func TestOldAnswersAreForgotten(t *testing.T) {
	t.Parallel()
	m, err := newMemory()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 * remembered {
		if _, err := m.recall("s", []byte(strconv.Itoa(i)), func(r []byte) ([]byte, error) { return r, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if n := m.answers.Len(); n != remembered {
		t.Errorf("%d answers are kept, want %d", n, remembered)
	}
}
