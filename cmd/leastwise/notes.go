package main

import (
	"fmt"
	"io"

	"github.com/leastwise/leastwise/internal/count"
)

// maxNotes is how many notes are printed before the rest is only counted.
const maxNotes = 20

// notes tells on standard error what is worth knowing and no error.
type notes struct {
	out io.Writer
	n   int
}

func newNotes(out io.Writer) *notes { return &notes{out: out} }

// say prints a sentence.
func (n *notes) say(format string, args ...any) {
	fmt.Fprintf(n.out, "leastwise: %s\n", visible(fmt.Sprintf(format, args...)))
}

// note prints one of possibly many sentences.
func (n *notes) note(text string) {
	if n.n++; n.n <= maxNotes {
		n.say("note: %s", text)
	}
}

// end says how many notes were not printed.
func (n *notes) end() {
	if left := n.n - maxNotes; left > 0 {
		n.say("note: and %s", count.Of(left, "more such note", "more such notes"))
	}
}
