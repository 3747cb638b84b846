package catalog

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// decoder fills a catalog section by section.
type decoder struct {
	catalog *Catalog
	counts  []serviceCounts
}

type serviceCounts struct {
	levels      [LevelCount]int
	types, keys int
}

func (d *decoder) decode(data string) error {
	rest, ok := strings.CutPrefix(data, Magic)
	if !ok {
		return errors.New("not a catalog of this version")
	}
	steps := [tagEnd]struct {
		section string
		decode  func(*cursor)
	}{
		TagInfo:       {"info", d.info},
		TagServices:   {"services", d.services},
		TagKeys:       {"keys", d.keys},
		TagTypes:      {"types", d.types},
		TagKeySets:    {"key sets", d.keySets},
		TagResources:  {"resources", d.resources},
		TagDependents: {"dependents", d.dependents},
		TagActions:    {"actions", d.actions},
	}
	file := cursor{s: rest}
	for tag := TagInfo; tag < tagEnd; tag++ {
		payload, ok := file.section(byte(tag))
		if !ok {
			return fmt.Errorf("read section %s: missing", steps[tag].section)
		}
		c := cursor{s: payload}
		steps[tag].decode(&c)
		if !c.end() {
			return fmt.Errorf("read section %s: %w", steps[tag].section, errCorrupt)
		}
	}
	if payload, ok := file.section(TagMore); ok {
		c := cursor{s: payload}
		d.more(&c)
		file.bad = !c.end()
	}
	if file.bad {
		return fmt.Errorf("read section more: %w", errCorrupt)
	}
	return nil
}

// section returns the payload of the next section with the given tag, skipping
// the ones before it.
func (c *cursor) section(tag byte) (string, bool) {
	for c.s != "" {
		found := c.s[0]
		c.s = c.s[1:]
		payload := c.text()
		if c.bad {
			return "", false
		}
		if found == tag {
			return payload, true
		}
	}
	return "", false
}

func (d *decoder) info(c *cursor) {
	info := &d.catalog.info
	info.Package = c.text()
	for range c.count() {
		info.Versions = append(info.Versions, c.text())
	}
	info.Date = time.Unix(int64(c.uint()), 0).UTC()
}

func (d *decoder) services(c *cursor) {
	out := d.catalog
	out.prefixes, out.titles = c.names(), c.names()
	n := out.prefixes.len()
	if out.titles.len() != n || n > MaxActions || !ascending(&out.prefixes, 0, n) {
		c.fail()
		return
	}
	out.info.Services = n
	d.counts = make([]serviceCounts, n)
	out.services = make([]serviceRanges, n)
	action, kind := 0, 0
	for i := range d.counts {
		counts, ranges := &d.counts[i], &out.services[i]
		for l := range counts.levels {
			counts.levels[l] = c.below(MaxActions - action + 1)
			ranges.levels[l] = ActionID(action)
			action += counts.levels[l]
		}
		ranges.levels[LevelCount] = ActionID(action)
		counts.types = c.below(MaxActions - kind + 1)
		ranges.firstType = uint16(kind)
		kind += counts.types
		ranges.endType = uint16(kind)
		counts.keys = int(c.uint())
	}
	out.info.Actions, out.info.ResourceTypes = action, kind
}

func (d *decoder) keys(c *cursor) {
	out := d.catalog
	out.keyTypes, out.keyNames = c.names(), c.names()
	kinds, n := out.keyTypes.len(), out.keyNames.len()
	if kinds > 16 || n > MaxActions {
		c.fail()
		return
	}
	out.info.ConditionKeys = n
	for i := range out.services {
		ranges := &out.services[i]
		ranges.firstKey = uint32(len(out.serviceKeys))
		next := 0
		for range d.counts[i].keys {
			word := c.below((n - next) << 4)
			next += word >> 4
			if c.bad || word&15 >= kinds {
				c.fail()
				return
			}
			out.serviceKeys = append(out.serviceKeys, serviceKey{name: uint16(next), kind: uint8(word & 15)})
			next++
		}
		ranges.endKey = uint32(len(out.serviceKeys))
	}
}

func (d *decoder) types(c *cursor) {
	out := d.catalog
	out.typeNames, out.typeHeads, out.typeTails = c.names(), c.names(), c.names()
	n := out.info.ResourceTypes
	if out.typeNames.len() != n || out.typeTails.len() != n || out.typeHeads.len() > MaxActions {
		c.fail()
		return
	}
	for i := range out.typeHeads.len() {
		if strings.Count(out.typeHeads.at(i), ":") != 2 {
			c.fail()
			return
		}
	}
	out.typeHead = c.column(n, out.typeHeads.len())
	out.typeKeys = c.column(n, MaxActions)
}

func (d *decoder) keySets(c *cursor) {
	out := d.catalog
	out.keySets = c.sets(out.keyNames.len())
	if out.keySets.len() > MaxActions {
		c.fail()
	}
	for _, set := range out.typeKeys {
		if int(set) >= out.keySets.len() {
			c.fail()
		}
	}
}

func (d *decoder) resources(c *cursor) {
	out := d.catalog
	out.resources = c.resourceSets(out.typeNames.len(), out.keySets.len())
	if out.resources.len() > MaxActions {
		c.fail()
	}
}

func (d *decoder) dependents(c *cursor) {
	out := d.catalog
	out.dependents = c.sets(out.info.Actions)
	if out.dependents.len() > MaxActions {
		c.fail()
	}
}

func (d *decoder) actions(c *cursor) {
	out := d.catalog
	out.actionNames = c.names()
	n := out.info.Actions
	if out.actionNames.len() != n {
		c.fail()
		return
	}
	out.folded = out.actionNames.lower()
	out.serviceOf = make([]ServiceID, n)
	for s := range out.services {
		levels := &out.services[s].levels
		for a := levels[0]; a < levels[LevelCount]; a++ {
			out.serviceOf[a] = ServiceID(s)
		}
		for l := range LevelCount {
			if !ascending(&out.folded, int(levels[l]), int(levels[l+1])) {
				c.fail()
				return
			}
		}
	}
	out.actionResources = c.column(n, out.resources.len())
	out.actionKeys = c.column(n, out.keySets.len())
	out.actionDependents = c.column(n, out.dependents.len())
}

func (d *decoder) more(c *cursor) {
	out := d.catalog
	out.info.KeptFrom = c.text()
	tracked := c.sets(out.info.Actions)
	if tracked.len() > 1 {
		c.fail()
	}
	if tracked.len() != 1 {
		return
	}
	out.tracked = out.NewSet()
	for _, a := range tracked.at(0) {
		out.tracked.Add(ActionID(a))
	}
	out.info.LastAccessed = len(tracked.at(0))
}

// ascending reports whether the names of [first, end) are strictly ascending,
// which is what binary search needs.
func ascending(n *names, first, end int) bool {
	for i := first + 1; i < end; i++ {
		if n.at(i-1) >= n.at(i) {
			return false
		}
	}
	return true
}
