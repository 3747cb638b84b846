package awssim

import (
	"iter"
	"net/http"
	"strconv"
)

// maxResults is the largest page of a list of Organizations, and the default
// (API reference of AWS Organizations).
const maxResults = 20

// organizationInput are the parameters of the served operations of Organizations.
type organizationInput struct {
	MaxResults int
	NextToken  string
	ChildID    string `json:"ChildId"`
	PolicyID   string `json:"PolicyId"`
	Filter     string
}

// organizationInput reads a call that only the management account may make.
func (c *call) organizationInput() (organizationInput, *apiError) {
	var in organizationInput
	if !c.caller.account.Management() {
		return in, errAccessDenied(c.request, c.caller.arn, "*")
	}
	if err := decodeJSON(c.body, &in); err != nil {
		return in, errInvalid(c.request, err.Error())
	}
	c.subject = in.ChildID + in.PolicyID + in.Filter
	return in, nil
}

// organizationPage reads a call that asks for a page of a list.
func (c *call) organizationPage() (in organizationInput, at marker, failure *apiError) {
	if in, failure = c.organizationInput(); failure != nil {
		return in, at, failure
	}
	if in.MaxResults < 0 || in.MaxResults > maxResults {
		return in, at, errInvalid(c.request, "You provided a value for MaxResults that is not between 1 and "+strconv.Itoa(maxResults)+".")
	}
	if in.MaxResults == 0 {
		in.MaxResults = maxResults
	}
	at, ok := c.openMarker(in.NextToken)
	if !ok {
		return in, at, errInvalid(c.request, "You provided a NextToken that is not valid.")
	}
	return in, at, nil
}

// page returns the items of the page that begins at the marker, and the token of
// the next one, which is empty when there is none.
func page[T any](c *call, all iter.Seq[T], at marker, asked int) (items []T, next string) {
	limit := c.pageSize(at, asked)
	i := 0
	for item := range all {
		if i >= at.slot+limit {
			return items, c.sealMarker(at.next(at.kind, at.slot+limit))
		}
		if i >= at.slot {
			items = append(items, item)
		}
		i++
	}
	return items, ""
}

func errNotFound(code, message string) *apiError {
	return &apiError{http.StatusBadRequest, code, message}
}
