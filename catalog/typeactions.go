package catalog

// TypeRange returns the half-open range of the resource types of a service.
func (c *Catalog) TypeRange(s ServiceID) (first, end TypeID) {
	r := &c.services[s]
	return TypeID(r.firstType), TypeID(r.endType)
}

// TypeService returns the service that a resource type belongs to.
func (c *Catalog) TypeService(t TypeID) ServiceID { return c.typeActions().service[t] }

// TypeActions returns the actions that support a resource type, as a piece of a
// [Set]: words[i] is its word first+i, and all others are empty. The words must
// not be changed.
func (c *Catalog) TypeActions(t TypeID) (first int, words []uint64) {
	p := &c.typeActions().pieces[t]
	return p.first, p.words
}

// typeActions are the actions of each resource type.
type typeActions struct {
	service []ServiceID
	pieces  []setPiece
}

type setPiece struct {
	first int
	words []uint64
}

func (c *Catalog) compileTypeActions() *typeActions {
	count := c.typeNames.len()
	out := &typeActions{service: make([]ServiceID, count), pieces: make([]setPiece, count)}
	for s := range c.services {
		r := &c.services[s]
		for t := r.firstType; t < r.endType; t++ {
			out.service[t] = ServiceID(s)
		}
		if r.levels[0] == r.levels[LevelCount] {
			continue
		}
		first := int(r.levels[0]) / wordBits
		width := int(r.levels[LevelCount]-1)/wordBits - first + 1
		block := make([]uint64, width*int(r.endType-r.firstType))
		for t := r.firstType; t < r.endType; t++ {
			out.pieces[t] = setPiece{first: first, words: block[:width:width]}
			block = block[width:]
		}
		for a := r.levels[0]; a < r.levels[LevelCount]; a++ {
			for _, support := range c.resources.at(c.actionResources[a]) {
				if p := &out.pieces[support.kind]; p.words != nil {
					p.words[int(a)/wordBits-p.first] |= 1 << (a % wordBits)
				}
			}
		}
	}
	return out
}
