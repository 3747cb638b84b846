package world

import (
	"fmt"
	"strings"
)

// service is an AWS service that the access advisor reports on.
type service struct {
	namespace, name string
	popularity      int   // percent of its grantees that use it
	actions         []int // its tracked actions, as indices into serviceList.actions
}

// action is an action that the access advisor tracks.
type action struct{ service, name string }

// serviceList are all services, in the order of their namespaces.
type serviceList struct {
	services []service
	actions  []action
}

// The widths of the bit sets in grants.
const (
	maxServices    = 64
	maxActionWords = 3
)

// grants are sets of services and of tracked actions, as indices into a serviceList.
type grants struct {
	services uint64
	actions  [maxActionWords]uint64
}

func (g grants) union(o grants) grants {
	g.services |= o.services
	for i := range g.actions {
		g.actions[i] |= o.actions[i]
	}
	return g
}

func (g grants) hasService(i int) bool { return g.services>>i&1 == 1 }

func (g grants) hasAction(i int) bool { return g.actions[i/64]>>(i%64)&1 == 1 }

// readServices reads the embedded list of services.
func readServices() (serviceList, error) {
	content, err := templateFiles.ReadFile("templates/services.txt")
	if err != nil {
		return serviceList{}, fmt.Errorf("read services: %w", err)
	}
	var all serviceList
	for line := range strings.Lines(string(content)) {
		fields := strings.Split(line, "|")
		if len(fields) != 4 {
			return serviceList{}, fmt.Errorf("read services: %d fields in %q", len(fields), line)
		}
		s := service{namespace: strings.TrimSpace(fields[0]), name: strings.TrimSpace(fields[1])}
		if _, err := fmt.Sscan(fields[2], &s.popularity); err != nil {
			return serviceList{}, fmt.Errorf("read services: %w", err)
		}
		for _, name := range strings.Fields(fields[3]) {
			s.actions = append(s.actions, len(all.actions))
			all.actions = append(all.actions, action{s.namespace, name})
		}
		all.services = append(all.services, s)
	}
	if len(all.services) > maxServices || len(all.actions) > 64*maxActionWords {
		return serviceList{}, fmt.Errorf("read services: %d services and %d actions do not fit", len(all.services), len(all.actions))
	}
	return all, nil
}

// allowed returns what an Allow statement grants.
func (l serviceList) allowed(s statement) grants {
	var g grants
	for i, svc := range l.services {
		if s.grantsService(svc.namespace) {
			g.services |= 1 << i
		}
		for _, a := range svc.actions {
			if s.grantsAction(svc.namespace + ":" + l.actions[a].name) {
				g.actions[a/64] |= 1 << (a % 64)
			}
		}
	}
	return g
}

// grantsService is true when the statement allows an action of the service,
// going by the prefixes of its patterns.
func (s statement) grantsService(namespace string) bool {
	if len(s.NotAction) > 0 {
		for _, pattern := range s.NotAction {
			if pattern == "*" || strings.EqualFold(pattern, namespace+":*") {
				return false
			}
		}
		return true
	}
	for _, pattern := range s.Action {
		prefix, _, _ := strings.Cut(pattern, ":")
		if Match(prefix, namespace) {
			return true
		}
	}
	return false
}

func (s statement) grantsAction(name string) bool {
	if len(s.NotAction) > 0 {
		return !matchesAny(s.NotAction, name)
	}
	return matchesAny(s.Action, name)
}

func matchesAny(patterns []string, name string) bool {
	for _, pattern := range patterns {
		if Match(pattern, name) {
			return true
		}
	}
	return false
}
