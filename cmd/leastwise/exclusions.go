package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/leastwise/leastwise/catalog/risk"
)

// readExclusions reads an exclusions file, in leastwise's form or in policy_sentry's.
func readExclusions(file string, rules *risk.Rules) (*risk.Exclusions, error) {
	text, err := readInput("exclusions", file, nil)
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
	var former struct {
		Config *struct {
			Patterns []string `yaml:"excluded-role-patterns"`
		} `yaml:"report-config"`
	}
	var fields map[string]yaml.Node
	if yaml.Unmarshal(text, &fields) != nil || fields["report-config"].Kind == 0 {
		return text, nil // what is wrong with it, its reader says
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&former); err != nil {
		return nil, yamlFault(err)
	}
	exclude := []any{}
	if former.Config != nil && len(former.Config.Patterns) > 0 {
		exclude = append(exclude, map[string]any{"roles": former.Config.Patterns, "policies": former.Config.Patterns})
	}
	out, err := json.Marshal(map[string]any{"exclude": exclude}) // JSON is YAML
	if err != nil {
		return nil, fmt.Errorf("encode exclusions: %w", err)
	}
	return out, nil
}
