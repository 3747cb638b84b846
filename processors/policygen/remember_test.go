package policygen

import (
	"errors"
	"strconv"
	"testing"
)

func TestAnAnswerIsMadeTwiceAndAnErrorEveryTime(t *testing.T) {
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
		"an answer":       {"a", small, small, nil, 2},
		"another subject": {"b", small, small, nil, 2},
		"an error":        {"c", small, nil, errors.New("no"), 4},
		"a large reply":   {"d", small, large, nil, 4},
		"a large request": {"e", append(large, 0), small, nil, 4},
	} {
		made := 0
		for range 4 {
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
	ask := func(request string) (made bool) {
		if _, err := m.recall("s", []byte(request), func(r []byte) ([]byte, error) { made = true; return r, nil }); err != nil {
			t.Fatal(err)
		}
		return made
	}
	ask("again")
	ask("again")
	for i := range 100 * remembered {
		ask(strconv.Itoa(i))
	}
	if ask("again") {
		t.Error("what was asked once pushed out what was asked twice")
	}
	for i := range 3 * remembered {
		ask(strconv.Itoa(-i))
		ask(strconv.Itoa(-i))
	}
	if n := m.answers.Len(); n != remembered {
		t.Errorf("%d answers are kept, want %d", n, remembered)
	}
	if !ask("again") {
		t.Error("the oldest is not forgotten")
	}
}
