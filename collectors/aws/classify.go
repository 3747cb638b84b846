package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/leastwise/leastwise/schemas/event"
)

// failure is what an error of a call means. It is the one place where errors of
// AWS are told apart.
type failure struct {
	state event.State
	// code is the service's code; empty when the service did not answer.
	code string
	// reason is what happened, in one sentence.
	reason string
	// permanent says that trying again changes nothing.
	permanent bool
}

func classify(err error) failure {
	f := failure{state: event.StateFailed, reason: reasonOf(err)}
	var api smithy.APIError
	var network net.Error
	switch {
	case isThrottling(err):
		f.state = event.StateThrottled
	case errors.As(err, &api) && isDenial(api.ErrorCode()):
		f.state, f.permanent = event.StateAccessDenied, true
	case errors.As(err, &api):
		f.permanent = api.ErrorFault() == smithy.FaultClient
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		f.state = event.StateTimedOut
	}
	if errors.As(err, &api) {
		f.code = api.ErrorCode()
	}
	return f
}

func isThrottling(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	_, ok := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
	return ok
}

// isDenial reports whether a code says that the caller may not, or is not known
// to be who it says (IAM User Guide, "Common errors", and the SDK's own codes).
func isDenial(code string) bool {
	switch code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "AuthFailure", "OptInRequired",
		"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException",
		"AWSOrganizationsNotInUseException":
		return true
	}
	return false
}

// codeNoSuchEntity is IAM's code for an entity, or a job, that does not exist.
const codeNoSuchEntity = "NoSuchEntity"

// without says what is missing where the SDK looked for credentials in its last
// place, the metadata of an EC2 instance.
func without(inner *smithy.OperationError) string {
	if inner.Service() == "ec2imds" {
		return "no AWS credentials in the environment, the shared files or the instance: "
	}
	return ""
}

// reasonOf says in one sentence what the SDK says in a chain of them.
func reasonOf(err error) string {
	var what string
	var op *smithy.OperationError
	if errors.As(err, &op) {
		what = strings.ToLower(op.Service()) + ":" + op.Operation() + ": "
		err = op.Err
		// Credentials are fetched inside of other calls; the innermost failed.
		var inner *smithy.OperationError
		if errors.As(err, &inner) {
			return without(inner) + reasonOf(inner)
		}
	}
	var api smithy.APIError
	var sent *url.Error
	switch {
	case errors.As(err, &api):
		return fmt.Sprintf("%s%s: %s", what, api.ErrorCode(), api.ErrorMessage())
	case errors.As(err, &sent):
		return fmt.Sprintf("%sreach %s: %v", what, hostOf(sent.URL), sent.Err)
	}
	return what + err.Error()
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "AWS"
	}
	return u.Host
}
