package policygen

import (
	"encoding/json"

	"github.com/leastwise/leastwise/catalog/policy"
)

// Reply is the body of a successful answer of iam.policy.write.
type Reply struct {
	// Policy is the policy document, where the request sets no max-size.
	Policy *policy.Policy `json:"policy,omitempty"`
	// Policies are the policy documents, where it does.
	Policies []policy.Policy `json:"policies,omitempty"`
	// Notes say what they leave out, and why, and why IAM would refuse them.
	Notes []policy.Fault `json:"notes,omitempty"`
	// Explanations say why each action is there, where the request asks for them.
	Explanations []policy.Explanation `json:"explanations,omitempty"`
}

// AppendJSON appends the reply with its policies as they write themselves.
func (r Reply) AppendJSON(to []byte) ([]byte, error) {
	o := object{out: to}
	if r.Policy != nil {
		o.member("policy")
		o.out = r.Policy.AppendJSON(o.out)
	}
	if len(r.Policies) > 0 {
		texts := make([]json.RawMessage, len(r.Policies))
		for i := range r.Policies {
			texts[i] = r.Policies[i].JSON("")
		}
		o.value("policies", texts)
	}
	if len(r.Notes) > 0 {
		o.value("notes", r.Notes)
	}
	if len(r.Explanations) > 0 {
		o.value("explanations", r.Explanations)
	}
	return o.end()
}

// write answers a template with a policy.
func (s *Service) write(request []byte) (any, error) {
	template, options, err := policy.ParseRequest(request)
	limit := int(s.maxPayload())
	if options.Minimize == nil {
		options.MaxNames = limit / shortestName
	}
	if options.Explain { // each action, and no resource
		options.MaxActions = limit / shortestExplanation
	}
	out, err := s.writer.WriteParsed(template, options, err)
	if err != nil {
		return nil, err
	}
	reply := Reply{Notes: out.Notes, Explanations: out.Explanations}
	if options.MaxSize > 0 {
		reply.Policies = out.Policies
	} else {
		reply.Policy = &out.Policies[0]
	}
	return reply, nil
}
