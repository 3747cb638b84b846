package policy

import (
	"strings"
	"testing"
)

// TestPlain puts every byte at every place of a word among plain ones.
func TestPlain(t *testing.T) {
	t.Parallel()
	for b := range 256 {
		for at := range 20 {
			for length := at + 1; length < 24; length++ {
				text := strings.Repeat("~", at) + string([]byte{byte(b)}) + strings.Repeat(" ", length-at-1)
				want := at
				if b >= ' ' && b < 0x7f && b != '"' && b != '\\' {
					want = length
				}
				if got := plain(text); got != want {
					t.Fatalf("%q: %d, want %d", text, got, want)
				}
			}
		}
	}
	if got := plain(""); got != 0 {
		t.Errorf("of nothing %d are plain", got)
	}
}
