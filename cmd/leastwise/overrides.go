package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/leastwise/leastwise/catalog"
)

// overrides reads policy_sentry's access-level-overrides.yml: services, their
// access levels, and the actions that have the level there.
//
//	iam:
//	  Permissions management:
//	    - passrole
//
// Every fault is kept, with its line.
type overrides struct {
	catalog *catalog.Catalog
	levels  map[catalog.ActionID]catalog.Level
	faults  []error
}

// readOverrides returns the actions of c whose levels a file overrides. What c
// does not have is an error, and all of them are returned at once.
func readOverrides(c *catalog.Catalog, text []byte) (map[catalog.ActionID]catalog.Level, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty")
	} else if err != nil {
		return nil, yamlFault(text, err)
	}
	if err := onlyDocument(text, decoder); err != nil {
		return nil, err
	}
	o := overrides{catalog: c, levels: map[catalog.ActionID]catalog.Level{}}
	o.pairs(doc.Content[0], "services with their access levels", o.service)
	return o.levels, errors.Join(o.faults...)
}

func (o *overrides) fault(at *yaml.Node, format string, args ...any) {
	o.faults = append(o.faults, fmt.Errorf("line %d: %w", at.Line, fmt.Errorf(format, args...)))
}

// pairs visits the keys and values of a mapping; nothing at all is one too.
func (o *overrides) pairs(n *yaml.Node, want string, visit func(key, value *yaml.Node)) {
	switch {
	case n.Kind == yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			visit(n.Content[i], resolved(n.Content[i+1]))
		}
	case n.ShortTag() != "!!null":
		o.fault(n, "want %s", want)
	}
}

func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func (o *overrides) service(key, value *yaml.Node) {
	service, ok := o.catalog.LookupService(key.Value)
	if !ok {
		o.fault(key, "%w", &catalog.UnknownError{
			Kind: catalog.KindService, Name: key.Value, Nearest: o.catalog.NearestServices(key.Value, 3),
		})
		return
	}
	o.pairs(value, "access levels with lists of actions", func(key, value *yaml.Node) { o.level(service, key, value) })
}

func (o *overrides) level(service catalog.Service, key, value *yaml.Node) {
	level, err := catalog.ParseLevel(key.Value)
	if err != nil {
		o.fault(key, "%w", err)
		return
	}
	switch {
	case value.Kind == yaml.SequenceNode:
		for _, item := range value.Content {
			o.action(service, level, resolved(item))
		}
	case value.ShortTag() != "!!null":
		o.action(service, level, value)
	}
}

func (o *overrides) action(service catalog.Service, level catalog.Level, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode {
		o.fault(n, "want the name of an action of %s", service.Prefix)
		return
	}
	name := n.Value
	if !strings.Contains(name, ":") {
		name = service.Prefix + ":" + name
	}
	id, ok := o.catalog.LookupAction(name)
	if !ok || o.catalog.ServiceOf(id) != service.ID {
		o.fault(n, "%w", &catalog.UnknownError{
			Kind: catalog.KindAction, Name: n.Value, Of: service.Prefix, Nearest: o.catalog.NearestActions(name, 3),
		})
		return
	}
	if other, again := o.levels[id]; again && other != level {
		o.fault(n, "%s is given the levels %s and %s", o.catalog.FullName(id), other, level)
	}
	o.levels[id] = level
}
