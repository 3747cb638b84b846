package source

import "encoding/binary"

// writer builds a section's payload; package catalog describes the format.
type writer []byte

func (w *writer) uint(n int) { *w = binary.AppendUvarint(*w, uint64(n)) }

func (w *writer) text(s string) {
	w.uint(len(s))
	*w = append(*w, s...)
}

// names writes a front-coded list.
func (w *writer) names(list []string) {
	w.uint(len(list))
	size := 0
	for _, s := range list {
		size += len(s)
	}
	w.uint(size)
	last := ""
	for _, s := range list {
		shared := 0
		for shared < min(len(s), len(last)) && s[shared] == last[shared] {
			shared++
		}
		w.uint(shared)
		w.text(s[shared:])
		last = s
	}
}

// column writes numbers without their count.
func (w *writer) column(numbers []int) {
	for _, n := range numbers {
		w.uint(n)
	}
}

// lists writes a list of lists whose elements are numbers already.
func (w *writer) lists(lists []list) {
	w.uint(len(lists))
	for _, l := range lists {
		w.uint(l.count)
		*w = append(*w, l.body...)
	}
}

func (w *writer) section(tag byte, payload writer) {
	*w = append(*w, tag)
	w.text(string(payload))
}
