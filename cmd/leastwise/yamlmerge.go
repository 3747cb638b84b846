package main

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// mergeKeys puts in place of the merge keys below a node what they stand for: the
// keys of other mappings that a mapping does not have itself, of the first that has
// each (https://yaml.org/type/merge.html). seen are the nodes that were looked at,
// for an alias can stand within what it names.
func mergeKeys(n *yaml.Node, seen map[*yaml.Node]bool) error {
	if n == nil || seen[n] {
		return nil
	}
	seen[n] = true
	if err := mergeKeys(n.Alias, seen); err != nil {
		return err
	}
	for _, child := range n.Content {
		if err := mergeKeys(child, seen); err != nil {
			return err
		}
	}
	if n.Kind != yaml.MappingNode {
		return nil
	}
	var own, sources []*yaml.Node
	has := make(map[string]bool)
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !isMerge(key) {
			own = append(own, key, value)
			has[key.Value] = true
			continue
		}
		merged, err := mappingsOf(value)
		if err != nil {
			return err
		}
		sources = append(sources, merged...)
	}
	for _, source := range sources {
		for i := 0; i < len(source.Content); i += 2 {
			if key := source.Content[i]; !isMerge(key) && !has[key.Value] {
				own = append(own, key, source.Content[i+1])
				has[key.Value] = true
			}
		}
	}
	n.Content = own
	return nil
}

func isMerge(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" }

// mappingsOf returns the mappings that the value of a merge key is, or lists.
func mappingsOf(value *yaml.Node) ([]*yaml.Node, error) {
	values := []*yaml.Node{value}
	if list := behind(value); list.Kind == yaml.SequenceNode {
		values = list.Content
	}
	mappings := make([]*yaml.Node, len(values))
	for i, v := range values {
		if mappings[i] = behind(v); mappings[i].Kind != yaml.MappingNode {
			return nil, fmt.Errorf("line %d: << takes a mapping or a list of them", v.Line)
		}
	}
	return mappings, nil
}

// behind returns what an alias stands for, or the node itself.
func behind(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
