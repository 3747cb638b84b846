package policy

// arena hands out words that are given back all at once, or down to a mark. It
// keeps its memory.
type arena struct {
	blocks [][]uint64
	at     mark
}

// mark is a place in an arena: a block, and how much of it is taken.
type mark struct{ block, taken int }

// arenaBlock is the size of a block in words, 32 KB.
const arenaBlock = 4096

// take returns n words that are zero.
func (a *arena) take(n int) []uint64 {
	for a.at.block < len(a.blocks) && a.at.taken+n > len(a.blocks[a.at.block]) {
		a.at = mark{block: a.at.block + 1}
	}
	if a.at.block == len(a.blocks) {
		a.blocks = append(a.blocks, make([]uint64, max(arenaBlock, n)))
	}
	words := a.blocks[a.at.block][a.at.taken : a.at.taken+n : a.at.taken+n]
	a.at.taken += n
	clear(words)
	return words
}

func (a *arena) mark() mark { return a.at }

// release gives back all that was taken since the mark.
func (a *arena) release(to mark) { a.at = to }
