package count_test

import (
	"testing"

	"github.com/leastwise/leastwise/internal/count"
)

func TestNumbersHaveTheirNouns(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		count.Of(0, "finding is", "findings are"): "0 findings are",
		count.Of(1, "finding is", "findings are"): "1 finding is",
		count.Of(int64(2), "day", "days"):         "2 days",
		count.Kind(uint64(1), "policy"):           "1 policy",
		count.Kind(2, "policy"):                   "2 policies",
		count.Kind(0, "role"):                     "0 roles",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
