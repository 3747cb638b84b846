package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/leastwise/leastwise/catalog/risk"
)

// readExclusions reads an exclusions file, in leastwise's form or in policy_sentry's.
func readExclusions(ctx context.Context, file string, rules *risk.Rules) (*risk.Exclusions, error) {
	text, err := readInput(ctx, "exclusions", file, nil)
	if err != nil {
		return nil, err
	}
	if text, err = formerExclusions(text); err != nil {
		return nil, fmt.Errorf("read exclusions %s: %w", file, err)
	}
	x, err := risk.ReadExclusions(rules, file, bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read exclusions: %w", err)
	}
	return x, nil
}

// formerExclusions turns a report-config.yml of policy_sentry into an exclusions
// file; any other text stays as it is. Its patterns are of the names of files of
// policies, which it calls roles.
//
//	report-config:
//	  excluded-role-patterns:
//	    - "Administrator*"
func formerExclusions(text []byte) ([]byte, error) {
	const config, patterns = "report-config", "excluded-role-patterns"
	var fields, settings map[string]yaml.Node
	if yaml.Unmarshal(text, &fields) != nil || fields[config].Kind == 0 {
		return text, nil // what is wrong with it, its reader says
	}
	var excluded []string
	former := fields[config]
	if err := former.Decode(&settings); err != nil {
		return nil, yamlFault(text, err)
	}
	list := settings[patterns]
	if err := errors.Join(onlyField(fields, config), onlyField(settings, patterns)); err != nil {
		return nil, err
	}
	if err := list.Decode(&excluded); err != nil {
		return nil, yamlFault(text, err)
	}
	exclude := []any{}
	if len(excluded) > 0 {
		exclude = append(exclude, map[string]any{"roles": excluded, "policies": excluded})
	}
	out, err := json.Marshal(map[string]any{"exclude": exclude}) // JSON is YAML
	if err != nil {
		return nil, fmt.Errorf("encode exclusions: %w", err)
	}
	return out, nil
}

// onlyField returns an error for fields other than the one that there can be.
func onlyField(fields map[string]yaml.Node, name string) error {
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if field != name {
			return fmt.Errorf("line %d: %q is not known here; want %s", fields[field].Line, field, name)
		}
	}
	return nil
}
