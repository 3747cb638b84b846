package source

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// file writes all sections.
func (e *encoder) file() []byte {
	keySets := newInterner(slices.Concat(e.typeKeys, e.actionKeys, e.resourceKeys()))
	resources := e.resourceLists(keySets)
	resourceSets := newInterner(resources)
	dependentSets := newInterner(e.dependents)

	out := writer(catalog.Magic)
	out.section(catalog.TagInfo, e.info())
	out.section(catalog.TagServices, e.serviceSection())
	out.section(catalog.TagKeys, e.keySection())
	out.section(catalog.TagTypes, e.typeSection(keySets))
	out.section(catalog.TagKeySets, listSection(keySets))
	out.section(catalog.TagResources, listSection(resourceSets))
	out.section(catalog.TagDependents, listSection(dependentSets))

	var actions writer
	var names []string
	for _, s := range e.services {
		for _, a := range s.Actions {
			names = append(names, a.Name)
		}
	}
	actions.names(names)
	actions.column(numbers(resourceSets, resources))
	actions.column(numbers(keySets, e.actionKeys))
	actions.column(numbers(dependentSets, e.dependents))
	out.section(catalog.TagActions, actions)
	if e.facts.KeptFrom != "" || e.facts.LastAccessedKnown {
		out.section(catalog.TagMore, e.more())
	}
	return out
}

// more is what only some sources say.
func (e *encoder) more() writer {
	var tracked []int
	id := 0
	for _, s := range e.services {
		for _, a := range s.Actions {
			if a.LastAccessed {
				tracked = append(tracked, id)
			}
			id++
		}
	}
	var w writer
	w.text(e.facts.KeptFrom)
	var sets []list
	if e.facts.LastAccessedKnown {
		sets = append(sets, ascendingSet(tracked))
	}
	w.lists(sets)
	return w
}

func listSection(in *interner) writer {
	var w writer
	w.lists(in.lists)
	return w
}

func numbers(in *interner, lists []list) []int {
	out := make([]int, len(lists))
	for i, l := range lists {
		out[i] = in.number(l)
	}
	return out
}

// resourceKeys are the key sets of the resource types of all actions.
func (e *encoder) resourceKeys() []list {
	var out []list
	for _, resources := range e.resources {
		for _, r := range resources {
			out = append(out, r.keys)
		}
	}
	return out
}

// resourceLists encodes the resource types of every action.
func (e *encoder) resourceLists(keySets *interner) []list {
	out := make([]list, len(e.resources))
	for i, resources := range e.resources {
		var w writer
		next := 0
		for _, r := range resources {
			required := 0
			if r.required {
				required = 1
			}
			w.uint((r.kind-next)<<1 | required)
			w.uint(keySets.number(r.keys))
			next = r.kind + 1
		}
		out[i] = list{count: len(resources), body: string(w)}
	}
	return out
}

func (e *encoder) info() writer {
	var w writer
	w.text(e.facts.Package)
	w.uint(len(e.facts.Versions))
	for _, v := range e.facts.Versions {
		w.text(v)
	}
	w.uint(int(e.facts.Date.Unix()))
	return w
}

func (e *encoder) serviceSection() writer {
	var w writer
	prefixes, titles := make([]string, 0, len(e.services)), make([]string, 0, len(e.services))
	for _, s := range e.services {
		prefixes, titles = append(prefixes, s.Prefix), append(titles, s.Name)
	}
	w.names(prefixes)
	w.names(titles)
	for _, s := range e.services {
		var levels [catalog.LevelCount]int
		for _, a := range s.Actions {
			levels[a.Level]++
		}
		w.column(levels[:])
		w.uint(len(s.ResourceTypes))
		w.uint(len(s.ConditionKeys))
	}
	return w
}

func (e *encoder) keySection() writer {
	var w writer
	w.names(e.kindList)
	w.names(e.keyNames)
	for _, s := range e.services {
		keys := slices.Clone(s.ConditionKeys)
		slices.SortFunc(keys, func(a, b catalog.ConditionKey) int { return strings.Compare(a.Name, b.Name) })
		next := 0
		for _, k := range keys {
			id := e.keys[k.Name]
			w.uint((id-next)<<4 | e.kinds[k.Type])
			next = id + 1
		}
	}
	return w
}

func (e *encoder) typeSection(keySets *interner) writer {
	var w writer
	var titles, heads, tails []string
	for _, s := range e.services {
		for _, t := range s.ResourceTypes {
			head, tail := splitPattern(t.ARN)
			titles, heads, tails = append(titles, t.Name), append(heads, head), append(tails, tail)
		}
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(heads)))
	w.names(titles)
	w.names(distinct)
	w.names(tails)
	for _, head := range heads {
		at, _ := slices.BinarySearch(distinct, head)
		w.uint(at)
	}
	w.column(numbers(keySets, e.typeKeys))
	return w
}

// splitPattern cuts an ARN pattern into "service:region:account" and resource.
func splitPattern(arn string) (head, tail string) {
	rest := strings.TrimPrefix(arn, catalog.ARNHead)
	parts := strings.SplitN(rest, ":", 4)
	return strings.Join(parts[:3], ":"), parts[3]
}
