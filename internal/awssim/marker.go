package awssim

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// marker is where the next page of a list begins. It carries the day on which
// the list was begun, so that all pages are of one day.
type marker struct {
	day  int
	page int        // pages before this one
	kind world.Kind // of the entity where the page begins
	slot int        // of that entity, or the position in a plain list
}

const markerSize = 4 + 4 + 1 + 8

// next returns the marker of the page after m.
func (m marker) next(k world.Kind, slot int) marker {
	return marker{day: m.day, page: m.page + 1, kind: k, slot: slot}
}

// context binds markers to the action, the account and the job or the policy
// that is paged through.
func (c *call) context() string {
	return c.name() + "/" + c.caller.account.ID() + "/" + c.params.Get("JobId") + c.subject
}

// sealMarker returns the marker as clients get it.
func (c *call) sealMarker(m marker) string {
	b := make([]byte, 0, markerSize)
	b = binary.BigEndian.AppendUint32(b, uint32(m.day))
	b = binary.BigEndian.AppendUint32(b, uint32(m.page))
	b = append(b, byte(m.kind))
	b = binary.BigEndian.AppendUint64(b, uint64(m.slot))
	return c.org.seal.seal(c.context(), b)
}

// openMarker returns the marker that a client sent, or that of the first page
// when it sent none.
func (c *call) openMarker(sealed string) (marker, bool) {
	if sealed == "" {
		return marker{day: c.day.Number()}, true
	}
	b, ok := c.org.seal.open(c.context(), sealed)
	if !ok || len(b) != markerSize {
		return marker{}, false
	}
	return marker{
		day:  int(int32(binary.BigEndian.Uint32(b))),
		page: int(binary.BigEndian.Uint32(b[4:])),
		kind: world.Kind(b[8]),
		slot: int(binary.BigEndian.Uint64(b[9:])),
	}, true
}

// pageSize returns how many items the page gets: mostly as many as asked for,
// at times fewer, and at times none. Two empty pages never follow each other.
func (c *call) pageSize(m marker, asked int) int {
	draw := binary.BigEndian.Uint64(c.org.seal.sum(c.context(), fmt.Appendf(nil, "page %d %d %d", m.day, m.page, m.slot)))
	switch {
	case int(draw%100) >= c.org.cfg.ShortPages:
		return asked
	case m.page%2 == 1 && draw>>32%2 == 0:
		return 0
	default:
		return (asked + 1) / 2
	}
}

// The default and the limits of MaxItems (API reference of IAM).
const defaultItems, maxItems = 100, 1000

// paging reads Marker and MaxItems of a Query request.
func (c *call) paging() (at marker, limit int, failure *apiError) {
	limit = defaultItems
	if given := c.params.Get("MaxItems"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 || n > maxItems {
			return marker{}, 0, errInvalid(c.request, "Value '"+given+"' at 'maxItems' failed to satisfy constraint: "+
				"Member must have value between 1 and "+strconv.Itoa(maxItems))
		}
		limit = n
	}
	at, ok := c.openMarker(c.params.Get("Marker"))
	if !ok {
		return marker{}, 0, errInvalid(c.request, "Invalid Marker.")
	}
	return at, c.pageSize(at, limit), nil
}

// finishPage writes whether more follows, and where.
func (c *call) finishPage(x *xmlWriter, more bool, next marker) {
	x.bool("IsTruncated", more)
	if more {
		x.text("Marker", c.sealMarker(next))
	}
}

// decodeJSON decodes a body, of which the empty one is an empty object.
func decodeJSON(body []byte, into any) error {
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("decode request: %w", err)
	}
	return nil
}
