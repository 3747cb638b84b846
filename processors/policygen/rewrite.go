package policygen

import (
	"errors"
	"fmt"

	"github.com/leastwise/leastwise/catalog/policy"
)

// codeMalformedPolicy is the code of what IAM would refuse in a policy.
const codeMalformedPolicy = "malformed-policy"

// Rewritten is the body of a successful answer of iam.policy.expand and
// iam.policy.minimize.
type Rewritten struct {
	Policy *policy.Document
	// Notes name what the catalog does not know, and stays as it is.
	Notes []policy.Fault
}

// AppendJSON appends the reply: "policy", and "notes" where there are any.
func (r Rewritten) AppendJSON(to []byte) ([]byte, error) {
	o := object{out: to}
	o.member("policy")
	o.out = r.Policy.AppendJSON(o.out)
	if len(r.Notes) > 0 {
		o.value("notes", r.Notes)
	}
	return o.end()
}

// The least that a name, a reason for it and a row of details take in a reply, in
// bytes, so that what cannot fit is not made.
const (
	shortestName        = len(`"s3:A",`)
	shortestExplanation = len(`{"sid":"A","action":"s3:A","because":[{"path":"actions[0]","reason":"a needs it"}]},`)
	shortestRow         = len(`{"action":"s3:A","access_level":"Read","resource_type":"","required":true,"resource_arn_format":"*","condition_keys":[],"dependent_actions":[]},`)
)

// mayFit returns an error where n things of a size at least are more than a
// reply holds.
func (s *Service) mayFit(n, size int) error {
	if limit := s.maxPayload(); int64(n)*int64(size) > limit {
		return tooLarge(int64(n)*int64(size), limit)
	}
	return nil
}

// expand answers a policy with its wildcards spelled out.
func (s *Service) expand(request []byte) (any, error) {
	var sent policy.Sent
	if err := read(request, policy.Field{Name: "policy", To: &sent}); err != nil {
		return nil, err
	}
	doc, err := sound(sent)
	if err != nil {
		return nil, err
	}
	limit := s.maxPayload()
	expanded, names := s.writer.ExpandWithin(doc, int(limit)/shortestName)
	if expanded.Document == nil {
		return nil, tooLarge(int64(names*shortestName), limit)
	}
	return rewritten(expanded), nil
}

// minimize answers a policy with a shorter one.
func (s *Service) minimize(request []byte) (any, error) {
	var sent policy.Sent
	var minimum int
	if err := read(request, policy.Field{Name: "policy", To: &sent}, policy.Field{Name: "minimize", To: &minimum}); err != nil {
		return nil, err
	}
	doc, err := sound(sent)
	if err != nil {
		return nil, err
	}
	return rewritten(s.writer.MinimizeDocument(doc, minimum)), nil
}

func rewritten(r policy.Rewritten) Rewritten {
	reply := Rewritten{Policy: r.Document}
	for _, unknown := range r.Unknown {
		reply.Notes = append(reply.Notes, policy.Fault{
			Path: "policy", Code: policy.CodeUnknownAction, Reason: fmt.Sprintf("the catalog has no action %q", unknown),
		})
	}
	return reply
}

// sound returns a policy that is to be written anew. One that IAM would refuse is an
// error: what is wrong with it would be lost.
func sound(sent policy.Sent) (*policy.Document, error) {
	doc, err := readable(sent)
	if err != nil {
		return nil, err
	}
	var faults policy.Faults
	for _, p := range doc.Problems {
		faults = append(faults, policy.Fault{Path: placeOf(p), Code: codeMalformedPolicy, Reason: p.Reason})
	}
	if faults != nil {
		return nil, faults
	}
	return doc, nil
}

// readable returns what could be read of a policy.
func readable(sent policy.Sent) (*policy.Document, error) {
	if syntax, ok := errors.AsType[*policy.SyntaxError](sent.Err); ok {
		return nil, policy.Faults{{Path: "policy", Code: codeMalformedPolicy, Reason: "the document " + syntax.Reason}}
	}
	if sent.Document == nil {
		return nil, policy.Faults{{Path: "policy", Code: codeMalformedPolicy, Reason: "the field is missing"}}
	}
	return sent.Document, nil
}

// placeOf is where in the request a problem is: "policy.Statement[2].Action".
func placeOf(p policy.Problem) string {
	place := "policy"
	if p.Statement >= 0 {
		place += fmt.Sprintf(".Statement[%d]", p.Statement)
	}
	if p.Element != "" {
		place += "." + p.Element
	}
	return place
}
