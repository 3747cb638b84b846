package policygen

import (
	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/table"
)

// The bodies of successful answers of iam.catalog.*.
type (
	// Services are the services asked for.
	Services struct {
		Services []table.Service `json:"services"`
	}
	// Actions are the names of the actions asked for and, where the request wants
	// them, their details.
	Actions struct {
		Actions []string       `json:"actions"`
		Details []table.Action `json:"details,omitempty"`
	}
	// Resources are the resource types asked for.
	Resources struct {
		Resources []table.Resource `json:"resources"`
	}
	// Conditions are the condition keys asked for.
	Conditions struct {
		Conditions []table.Condition `json:"conditions"`
	}
)

// scope is a request for a part of the catalog.
type scope struct {
	Service string `json:"service"`
	Name    string `json:"name"`
}

func (s *Service) services(request []byte) (any, error) {
	var r struct {
		Service string `json:"service"`
	}
	if err := decode(request, &r); err != nil {
		return nil, err
	}
	found, err := s.catalog.FindServices(r.Service)
	if err != nil {
		return nil, asFault(err, map[catalog.Kind]string{catalog.KindService: "service"})
	}
	return Services{table.Services(found)}, nil
}

func (s *Service) actions(request []byte) (any, error) {
	var r struct { // embeds nothing, for the paths in errors
		Service      string `json:"service"`
		Name         string `json:"name"`
		Level        string `json:"access-level"`
		Condition    string `json:"condition"`
		ResourceType string `json:"resource-type"`
		WildcardOnly bool   `json:"wildcard-only"`
		Details      bool   `json:"details"`
	}
	if err := decode(request, &r); err != nil {
		return nil, err
	}
	filter := catalog.ActionFilter{
		Service: r.Service, Name: r.Name, Condition: r.Condition, ResourceType: r.ResourceType, WildcardOnly: r.WildcardOnly,
	}
	if r.Level != "" {
		level, err := catalog.ParseLevel(r.Level)
		if err != nil {
			return nil, policy.Faults{{Path: "access-level", Code: "unknown-access-level", Reason: err.Error()}}
		}
		filter.Levels = []catalog.Level{level}
	}
	found, err := s.catalog.FindActions(filter)
	if err != nil {
		return nil, asFault(err, map[catalog.Kind]string{
			catalog.KindService: "service", catalog.KindAction: "name",
			catalog.KindConditionKey: "condition", catalog.KindResourceType: "resource-type",
		})
	}
	reply := Actions{Actions: s.catalog.Names(found)}
	if r.Details {
		if err := s.mayFit(found.Count(), shortestRow); err != nil {
			return nil, err
		}
		reply.Details = table.Actions(s.catalog, found, filter)
	}
	return reply, nil
}

func (s *Service) resources(request []byte) (any, error) {
	var r scope
	if err := decode(request, &r); err != nil {
		return nil, err
	}
	found, err := s.catalog.FindResourceTypes(r.Service, r.Name)
	if err != nil {
		return nil, asFault(err, map[catalog.Kind]string{catalog.KindService: "service", catalog.KindResourceType: "name"})
	}
	return Resources{table.Resources(found)}, nil
}

func (s *Service) conditions(request []byte) (any, error) {
	var r scope
	if err := decode(request, &r); err != nil {
		return nil, err
	}
	found, err := s.catalog.FindConditionKeys(r.Service, r.Name)
	if err != nil {
		return nil, asFault(err, map[catalog.Kind]string{catalog.KindService: "service", catalog.KindConditionKey: "name"})
	}
	return Conditions{table.Conditions(found)}, nil
}
