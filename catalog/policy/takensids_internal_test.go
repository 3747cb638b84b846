package policy

import (
	"slices"
	"testing"
)

func TestSIDsAreTakenOnce(t *testing.T) {
	t.Parallel()
	taken := make(takenSIDs)
	var got []string
	for _, sid := range []string{"A", "A2", "A", "A", "A2", "B", "A22", "A2", "A"} {
		got = append(got, taken.unique(sid))
	}
	if want := []string{"A", "A2", "A3", "A4", "A22", "B", "A222", "A23", "A5"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
