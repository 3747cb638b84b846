package policygen

import "github.com/leastwise/leastwise/catalog/policy"

// write answers a template with a policy.
func (s *Service) write(request []byte) (any, error) {
	template, err := policy.ParseTemplate(request)
	if err != nil {
		return nil, err
	}
	out, err := s.writer.Write(template)
	if err != nil {
		return nil, err
	}
	return Reply{Policy: out.Policy, Notes: out.Notes}, nil
}
