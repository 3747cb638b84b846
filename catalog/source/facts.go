package source

import (
	"time"

	"github.com/leastwise/leastwise/catalog"
)

// Facts are everything that a catalog file holds. Order does not matter.
type Facts struct {
	// Package and Versions say where the facts come from, see [catalog.Info].
	Package  string
	Versions []string
	Date     time.Time
	// KeptFrom says where what the package does not tell comes from, see
	// [catalog.Info].
	KeptFrom string
	// LastAccessedKnown says that the actions' LastAccessed is filled in.
	LastAccessedKnown bool
	Services          []Service
}

// Service is one service prefix.
type Service struct {
	Prefix, Name  string
	Actions       []Action
	ResourceTypes []catalog.ResourceType
	ConditionKeys []catalog.ConditionKey
}

// Action is one action of a service. Its resource types must be among the
// service's, its dependents among the actions of all services.
type Action struct {
	Name          string
	Level         catalog.Level
	Resources     []catalog.ActionResource
	ConditionKeys []string
	// Dependents are full names, "iam:PassRole".
	Dependents []string
	// LastAccessed says that IAM tells the action's last use.
	LastAccessed bool

	unleveled bool // the source gives it no level
}

// FactsOf returns the facts of a catalog, in the order of its file. The slices
// are the caller's.
func FactsOf(c *catalog.Catalog) *Facts {
	info := c.Info()
	f := &Facts{Package: info.Package, Versions: info.Versions, Date: info.Date, KeptFrom: info.KeptFrom}
	f.Services = make([]Service, 0, c.Services())
	for id := range c.Services() {
		s := c.Service(catalog.ServiceID(id))
		out := Service{Prefix: s.Prefix, Name: s.Name, ResourceTypes: c.ResourceTypes(s.ID), ConditionKeys: c.ConditionKeys(s.ID)}
		for id := s.First; id < s.End; id++ {
			a := c.Action(id)
			tracked, known := c.LastAccessed(id)
			f.LastAccessedKnown = known
			out.Actions = append(out.Actions, Action{
				Name: a.Name, Level: a.Level, Resources: a.Resources, ConditionKeys: a.ConditionKeys, Dependents: a.Dependents, LastAccessed: tracked,
			})
		}
		f.Services = append(f.Services, out)
	}
	return f
}
