package world

import (
	"fmt"
	"strings"
)

// variable is a placeholder in a text, written <name>.
type variable uint8

// The variables before varService are the same for all entities of an account.
const (
	varPartition variable = iota
	varElsewhere          // another partition
	varSuffix             // the partition's DNS suffix
	varRegion             // the account's home region
	varNeighbour          // id of the account before, in the organization's order
	varFollower           // id of the account after
	varOrganization
	varManagement // id of the management account
	varAccount
	varCollector // name of the collector's role
	varExternal  // the collector's external id
	varActions   // the collector's actions, as a JSON array
	varRegions   // the regions of the partition that the organization uses, as a JSON array
	varInstance  // what Identity Center calls its instance
	varService   // the service that a linked role belongs to
	varPartner   // id of another account of the organization
	varVendor    // id of an account outside of the organization
	varApp       // what the entity is for
	varComponent //
	varEnv       //
	varSerial    // tells apart entities of one app, component and environment
	varFirst     // whose user it is
	varLast      //
	varTwin      // tells apart people of one name
	varStack     // what CloudFormation appends to names
	varTeam      // who owns the entity
	varCluster   // id of the account's EKS cluster
	varUUID      //
	varOrphan    // the rest of a unique id whose entity is gone
	varOctet     // of an IP address
	varPermSet   // what Identity Center appends to names
	numVariables
)

// variableNames are the names of the variables in templates.
func variableNames() map[string]variable {
	return map[string]variable{
		"partition": varPartition, "elsewhere": varElsewhere, "suffix": varSuffix, "region": varRegion, "neighbour": varNeighbour, "follower": varFollower,
		"organization": varOrganization,
		"management":   varManagement, "account": varAccount, "partner": varPartner, "vendor": varVendor,
		"collector": varCollector, "external": varExternal, "actions": varActions, "regions": varRegions, "instance": varInstance,
		"service": varService, "app": varApp, "component": varComponent, "env": varEnv, "serial": varSerial,
		"first": varFirst, "last": varLast, "twin": varTwin, "stack": varStack, "team": varTeam, "cluster": varCluster,
		"uuid": varUUID, "orphan": varOrphan, "octet": varOctet, "permset": varPermSet,
	}
}

// text is a string with placeholders, split for quick rendering.
type text struct {
	parts []part
	needs uint32 // the set of variables in it
}

// part is a literal, followed by a variable unless it is the last.
type part struct {
	literal string
	v       variable
	last    bool
}

// parseText splits s at its placeholders.
func parseText(s string) (text, error) {
	names := variableNames()
	var t text
	for {
		literal, rest, found := strings.Cut(s, "<")
		if !found {
			t.parts = append(t.parts, part{literal: s, last: true})
			return t, nil
		}
		name, after, closed := strings.Cut(rest, ">")
		v, known := names[name]
		if !closed || !known {
			return text{}, fmt.Errorf("parse text: unknown placeholder <%.20s>", name)
		}
		t.parts = append(t.parts, part{literal: literal, v: v})
		t.needs |= 1 << v
		s = after
	}
}

// values are what the variables stand for.
type values [numVariables]string

// render appends the text to dst with every variable replaced.
func (t text) render(dst []byte, v *values) []byte {
	for _, p := range t.parts {
		dst = append(dst, p.literal...)
		if !p.last {
			dst = append(dst, v[p.v]...)
		}
	}
	return dst
}
