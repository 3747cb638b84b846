package awssim

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// protocol is how a service speaks.
type protocol uint8

const (
	protocolQuery protocol = iota // form in, XML out
	protocolJSON                  // AWS JSON 1.1
)

// request is a call as it arrived.
type request struct {
	http     *http.Request
	protocol protocol
	service  string // iam, sts or organizations
	action   string // such as GetPolicy
	version  string // of the service's API
	params   url.Values
	body     []byte
	id       string
}

// The versions of the Query APIs, which tell the services apart when one
// endpoint serves all, and the prefix of the targets of Organizations.
const (
	versionIAM          = "2010-05-08"
	versionSTS          = "2011-06-15"
	targetOrganizations = "AWSOrganizationsV20161128."
)

// maxRequest is far above any request of the served operations, in bytes.
const maxRequest = 1 << 20

// readRequest reads the body and finds out which operation is called.
func readRequest(h *http.Request, id string) (*request, error) {
	body, err := io.ReadAll(io.LimitReader(h.Body, maxRequest))
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	r := &request{http: h, body: body, id: id}
	if target := h.Header.Get("X-Amz-Target"); target != "" {
		r.protocol, r.service = protocolJSON, "organizations"
		r.action = strings.TrimPrefix(target, targetOrganizations)
		return r, nil
	}
	if r.params, err = url.ParseQuery(string(body)); err != nil {
		return nil, fmt.Errorf("parse form: %w", err)
	}
	r.action, r.version = r.params.Get("Action"), r.params.Get("Version")
	r.service = "iam"
	if r.version == versionSTS {
		r.service = "sts"
	}
	return r, nil
}

// name is the action as policies spell it, such as iam:GetPolicy.
func (r *request) name() string { return r.service + ":" + r.action }

// namespace is the XML namespace of the service's answers.
func (r *request) namespace() string {
	if r.service == "sts" {
		return "https://sts.amazonaws.com/doc/" + versionSTS + "/"
	}
	return "https://iam.amazonaws.com/doc/" + versionIAM + "/"
}

// list returns the members of a list parameter: name.member.1, name.member.2, …
func (r *request) list(name string) []string {
	var all []string
	for i := 1; ; i++ {
		key := fmt.Sprintf("%s.member.%d", name, i)
		if !r.params.Has(key) {
			return all
		}
		all = append(all, r.params.Get(key))
	}
}
