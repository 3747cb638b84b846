package policygen

import (
	"fmt"

	"github.com/nats-io/nats.go/micro"

	schemas "github.com/leastwise/leastwise/schemas/policy"
)

// The subjects of the requests. Their schemas are in schemas/policy.
const (
	SubjectWrite      = "iam.policy.write"
	SubjectAnalyze    = "iam.policy.analyze"
	SubjectExpand     = "iam.policy.expand"
	SubjectMinimize   = "iam.policy.minimize"
	SubjectServices   = "iam.catalog.services"
	SubjectActions    = "iam.catalog.actions"
	SubjectResources  = "iam.catalog.resources"
	SubjectConditions = "iam.catalog.conditions"
)

// endpoint is one kind of request.
type endpoint struct {
	name, subject string
	answer        func(request []byte) (any, error)
}

func (s *Service) endpoints() []endpoint {
	return []endpoint{
		{"write", SubjectWrite, s.write},
		{"analyze", SubjectAnalyze, s.analyze},
		{"expand", SubjectExpand, s.expand},
		{"minimize", SubjectMinimize, s.minimize},
		{"services", SubjectServices, s.services},
		{"actions", SubjectActions, s.actions},
		{"resources", SubjectResources, s.resources},
		{"conditions", SubjectConditions, s.conditions},
	}
}

// add adds the endpoint once for every request to work on at once, because
// micro handles the requests of one after another. Only the first carries the
// schemas: what all say of themselves must fit into one message. Each has a handler
// of its own.
func (e endpoint) add(service micro.Service, handler func() micro.HandlerFunc, parallel int) error {
	request, err := schemas.Request(e.subject)
	if err != nil {
		return err
	}
	reply, err := schemas.Reply(e.subject)
	if err != nil {
		return err
	}
	options := []micro.EndpointOpt{
		micro.WithEndpointSubject(e.subject),
		micro.WithEndpointMetadata(map[string]string{"request-schema": request, "reply-schema": reply}),
	}
	for i := range parallel {
		name := e.name
		if i > 0 {
			name = fmt.Sprintf("%s-%d", e.name, i+1)
			options = options[:1]
		}
		if err := service.AddEndpoint(name, handler(), options...); err != nil {
			return fmt.Errorf("add endpoint %s: %w", name, err)
		}
	}
	return nil
}
