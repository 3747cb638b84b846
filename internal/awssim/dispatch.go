package awssim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/leastwise/leastwise/internal/awssim/world"
	"github.com/leastwise/leastwise/internal/pause"
)

// call is a request on its way to an answer.
type call struct {
	*request
	org        *Organization
	credential *credential
	caller     *identity
	day        world.Day // of the caller's account
	jobFails   bool      // by a fault
	subject    string    // what a list of Organizations is about, such as a policy's id
}

// operation is an action that is served. Exactly one of its two forms is set.
type operation struct {
	// query returns what writes the result, once everything is known to be right.
	query func(*call) (func(*xmlWriter), *apiError)
	// json returns what is encoded.
	json func(*call) (any, *apiError)
	// open tells that no permission is needed, or that query asks for it itself.
	open bool
}

// The actions that are named in more than one place.
const (
	actionAssumeRole        = "sts:AssumeRole"
	actionGetCallerIdentity = "sts:GetCallerIdentity"
	actionGenerateAccess    = "iam:GenerateServiceLastAccessedDetails"
)

// operations returns all that is served.
func operations() map[string]operation {
	return map[string]operation{
		actionAssumeRole:                     {query: (*call).assumeRole, open: true},
		actionGetCallerIdentity:              {query: (*call).getCallerIdentity, open: true},
		"organizations:ListAccounts":         {json: (*call).listAccounts},
		"organizations:DescribeOrganization": {json: (*call).describeOrganization},
		"organizations:ListRoots":            {json: (*call).listRoots},
		"organizations:ListParents":          {json: (*call).listParents},
		"organizations:ListPolicies":         {json: (*call).listPolicies},
		"organizations:ListTargetsForPolicy": {json: (*call).listTargetsForPolicy},
		"organizations:DescribePolicy":       {json: (*call).describePolicy},
		"iam:GetAccountAuthorizationDetails": {query: (*call).getAccountAuthorizationDetails},
		actionGenerateAccess:                 {query: (*call).generateServiceLastAccessedDetails},
		"iam:GetServiceLastAccessedDetails":  {query: (*call).getServiceLastAccessedDetails},
		"iam:GenerateCredentialReport":       {query: (*call).generateCredentialReport},
		"iam:GetCredentialReport":            {query: (*call).getCredentialReport},
		"iam:GetAccountSummary":              {query: (*call).getAccountSummary},
		"iam:ListAccountAliases":             {query: (*call).listAccountAliases},
		"iam:GetPolicy":                      {query: (*call).getPolicy},
		"iam:GetPolicyVersion":               {query: (*call).getPolicyVersion},
		"iam:ListPolicies":                   {query: (*call).listManagedPolicies},
	}
}

// Handler returns what answers the organization's HTTP requests.
func (o *Organization) Handler() http.Handler { return http.HandlerFunc(o.serve) }

func (o *Organization) serve(w http.ResponseWriter, h *http.Request) {
	id := newRequestID(o.requests.Add(1))
	w.Header().Set("X-Amzn-Requestid", id)
	r, err := readRequest(h, id)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c, failure := o.begin(r)
	if failure != nil {
		writeError(w, r, failure)
		return
	}
	target := c.target()
	o.calls.record(target)
	fault := o.faults.next(target)
	switch fault.Kind {
	case FaultDropConnection:
		panic(http.ErrAbortHandler)
	case FaultSlow:
		pause.For(h.Context(), fault.Delay)
	case FaultTruncate, FaultMalformed:
		cut := &cutWriter{ResponseWriter: w, abort: fault.Kind == FaultTruncate}
		defer cut.finish()
		w = cut
	}
	if failure := c.refusal(fault, target); failure != nil {
		writeError(w, r, failure)
		return
	}
	c.jobFails = fault.Kind == FaultJobFailed
	c.answer(w, o.operations[r.name()])
}

// begin finds out who calls.
func (o *Organization) begin(r *request) (*call, *apiError) {
	credential, failure := o.authenticate(r)
	if failure != nil {
		return nil, failure
	}
	caller := &credential.identity
	return &call{request: r, org: o, credential: credential, caller: caller, day: caller.account.Day(o.Now())}, nil
}

// target is what the call counts as: for AssumeRole, in the role's account.
func (c *call) target() Call {
	account := c.caller.account.ID()
	if c.name() == actionAssumeRole {
		if parts := strings.Split(c.params.Get("RoleArn"), ":"); len(parts) == 6 {
			account = parts[4]
		}
	}
	return Call{Account: account, Action: c.name()}
}

// refusal returns the error of a call that does not get to its operation.
func (c *call) refusal(fault Fault, target Call) *apiError {
	o := c.org
	op, known := o.operations[c.name()]
	switch {
	case fault.Kind == FaultThrottle:
		return errThrottled(c.request)
	case fault.Kind == FaultInternal:
		return errInternal(c.request)
	case fault.Kind == FaultAccessDenied:
		return errAccessDenied(c.request, c.caller.arn, "*")
	case !known:
		return errUnknownAction(c.request)
	case !o.throttle.allow(target, o.cfg.Clock()):
		return errThrottled(c.request)
	case !op.open && !o.permissions.may(c.caller, c.day, c.name(), "*"):
		return errAccessDenied(c.request, c.caller.arn, "*")
	default:
		return nil
	}
}

// answer runs the operation and writes its result.
func (c *call) answer(w http.ResponseWriter, op operation) {
	if op.json != nil {
		result, failure := op.json(c)
		if failure != nil {
			writeError(w, c.request, failure)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		// What is encoded always can be; a failing connection is the client's to notice.
		_ = json.NewEncoder(w).Encode(result)
		return
	}
	result, failure := op.query(c)
	if failure != nil {
		writeError(w, c.request, failure)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	x := newXMLWriter(w)
	_, _ = x.w.WriteString("<" + c.action + `Response xmlns="` + c.namespace() + `">`)
	if result != nil {
		x.element(c.action+"Result", func() { result(x) })
	}
	x.element("ResponseMetadata", func() { x.text("RequestId", c.id) })
	x.close(c.action + "Response")
	_ = x.w.Flush()
}

// writeError writes an error in the request's protocol.
func writeError(w http.ResponseWriter, r *request, e *apiError) {
	if r.protocol == protocolJSON {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Header().Set("X-Amzn-Errortype", e.code)
		w.WriteHeader(e.status)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": e.code, "Message": e.message})
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(e.status)
	x := newXMLWriter(w)
	_, _ = x.w.WriteString(`<ErrorResponse xmlns="` + r.namespace() + `">`)
	x.element("Error", func() {
		kind := "Sender"
		if e.status >= http.StatusInternalServerError {
			kind = "Receiver"
		}
		x.text("Type", kind)
		x.text("Code", e.code)
		x.text("Message", e.message)
	})
	x.text("RequestId", r.id)
	x.close("ErrorResponse")
	_ = x.w.Flush()
}

// newRequestID returns the n-th request's id, in the form of a UUID.
func newRequestID(n uint64) string {
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", n&0xffffffff, n>>32&0xffff, 0, 0, n)
}
