package source

import (
	"cmp"
	"slices"
)

// list is an encoded set: its length and its elements.
type list struct {
	count int
	body  string
}

// interner numbers distinct lists, the most used first so that their numbers
// are short; number 0 is always the empty list.
type interner struct {
	uses  map[list]int
	order map[list]int
	lists []list
}

// newInterner numbers the lists that each is called for.
func newInterner(all []list) *interner {
	in := &interner{uses: map[list]int{}, order: map[list]int{}}
	for _, l := range all {
		if in.uses[l] == 0 && l.count > 0 {
			in.lists = append(in.lists, l)
		}
		in.uses[l]++
	}
	slices.SortFunc(in.lists, func(a, b list) int {
		return cmp.Or(cmp.Compare(in.uses[b], in.uses[a]), cmp.Compare(a.body, b.body))
	})
	in.lists = append([]list{{}}, in.lists...)
	for i, l := range in.lists {
		in.order[l] = i
	}
	return in
}

func (in *interner) number(l list) int { return in.order[l] }
