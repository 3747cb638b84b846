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

func (s *Service) services(request []byte) (any, error) {
	var service string
	if err := read(request, policy.Field{Name: "service", To: &service}); err != nil {
		return nil, err
	}
	found, err := s.catalog.FindServices(service)
	if err != nil {
		return nil, asFault(err, map[catalog.Kind]string{catalog.KindService: "service"})
	}
	return Services{table.Services(found)}, nil
}

func (s *Service) actions(request []byte) (any, error) {
	var filter catalog.ActionFilter
	var levels string
	var details bool
	if err := read(request,
		policy.Field{Name: "service", To: &filter.Service},
		policy.Field{Name: "name", To: &filter.Name},
		policy.Field{Name: "access-level", To: &levels},
		policy.Field{Name: "condition", To: &filter.Condition},
		policy.Field{Name: "resource-type", To: &filter.ResourceType},
		policy.Field{Name: "wildcard-only", To: &filter.WildcardOnly},
		policy.Field{Name: "details", To: &details},
	); err != nil {
		return nil, err
	}
	if levels != "" {
		var err error
		if filter.Levels, err = catalog.ParseLevels(levels); err != nil {
			return nil, policy.Faults{{Path: "access-level", Code: "unknown-access-level", Reason: err.Error()}}
		}
	}
	found, err := s.catalog.FindActions(filter)
	if err == nil && found.Empty() && policy.IsGlobalKey(filter.Condition) {
		err = &policy.GlobalKeyError{Key: filter.Condition}
	}
	if err != nil {
		return nil, asFault(err, map[catalog.Kind]string{
			catalog.KindService: "service", catalog.KindAction: "name",
			catalog.KindConditionKey: "condition", catalog.KindResourceType: "resource-type",
		})
	}
	reply := Actions{Actions: s.catalog.Names(found)}
	if details {
		if err := s.mayFit(found.Count(), shortestRow); err != nil {
			return nil, err
		}
		reply.Details = table.Actions(s.catalog, found, filter)
	}
	return reply, nil
}

func (s *Service) resources(request []byte) (any, error) {
	service, name, err := readScope(request)
	if err != nil {
		return nil, err
	}
	found, err := s.catalog.FindResourceTypes(service, name)
	if err != nil {
		return nil, asFault(err, map[catalog.Kind]string{catalog.KindService: "service", catalog.KindResourceType: "name"})
	}
	return Resources{table.Resources(found)}, nil
}

func (s *Service) conditions(request []byte) (any, error) {
	service, name, err := readScope(request)
	if err != nil {
		return nil, err
	}
	found, err := s.catalog.FindConditionKeys(service, name)
	if err != nil {
		return nil, asFault(err, map[catalog.Kind]string{catalog.KindService: "service", catalog.KindConditionKey: "name"})
	}
	return Conditions{table.Conditions(found)}, nil
}

// readScope reads a request for a part of the catalog.
func readScope(request []byte) (service, name string, err error) {
	err = read(request, policy.Field{Name: "service", To: &service}, policy.Field{Name: "name", To: &name})
	return service, name, err
}
