package catalog

// sets is an immutable list of sets of numbers in one block of memory.
type sets struct {
	elements []uint16
	ends     []uint32
}

func (s *sets) len() int { return len(s.ends) }

func (s *sets) at(i uint16) []uint16 {
	start := uint32(0)
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.elements[start:s.ends[i]]
}

// sets reads a list of ascending sets whose elements are less than limit.
func (c *cursor) sets(limit int) sets {
	ends := make([]uint32, c.count())
	elements := make([]uint16, 0, len(c.s))
	for i := range ends {
		next := 0
		for range c.count() {
			next += c.below(limit - next)
			elements = append(elements, uint16(next))
			next++
		}
		ends[i] = uint32(len(elements))
	}
	return sets{elements: elements, ends: ends}
}

// resource is a resource type that an action supports, with the set of the
// condition keys that apply to the two together.
type resource struct {
	kind     uint16
	keys     uint16
	required bool
}

type resourceSets struct {
	elements []resource
	ends     []uint32
}

func (s *resourceSets) len() int { return len(s.ends) }

func (s *resourceSets) at(i uint16) []resource {
	start := uint32(0)
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.elements[start:s.ends[i]]
}

// resourceSets reads a list of sets of resource types.
func (c *cursor) resourceSets(types, keySets int) resourceSets {
	ends := make([]uint32, c.count())
	elements := make([]resource, 0, len(c.s)/2)
	for i := range ends {
		next := 0
		for range c.count() {
			word := c.below(2 * (types - next))
			next += word >> 1
			elements = append(elements, resource{
				kind:     uint16(next),
				required: word&1 != 0,
				keys:     uint16(c.below(keySets)),
			})
			next++
		}
		ends[i] = uint32(len(elements))
	}
	return resourceSets{elements: elements, ends: ends}
}
