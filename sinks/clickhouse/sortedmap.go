package clickhouse

import (
	"maps"
	"slices"

	chcolumn "github.com/ClickHouse/clickhouse-go/v2/lib/column"
)

// sortedMap is a map that is stored in the order of its keys, so that the same
// event always makes the same bytes.
type sortedMap[V any] map[string]V

var _ chcolumn.IterableOrderedMap = sortedMap[string]{}

// Put implements column.IterableOrderedMap.
func (m sortedMap[V]) Put(key, value any) { m[key.(string)] = value.(V) }

// Iterator implements column.IterableOrderedMap.
func (m sortedMap[V]) Iterator() chcolumn.MapIterator {
	return &sortedIterator[V]{of: m, keys: slices.Sorted(maps.Keys(m)), at: -1}
}

type sortedIterator[V any] struct {
	of   sortedMap[V]
	keys []string
	at   int
}

func (i *sortedIterator[V]) Next() bool { i.at++; return i.at < len(i.keys) }
func (i *sortedIterator[V]) Key() any   { return i.keys[i.at] }
func (i *sortedIterator[V]) Value() any { return i.of[i.keys[i.at]] }
