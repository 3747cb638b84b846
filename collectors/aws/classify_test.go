package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/leastwise/leastwise/schemas/event"
)

// answered is what the SDK returns for an error that IAM answered.
func answered(code string, fault smithy.ErrorFault) error {
	return called("IAM", "GetPolicy", &retry.MaxAttemptsError{Attempt: 9, Err: &smithy.GenericAPIError{Code: code, Message: "the message", Fault: fault}})
}

func called(service, operation string, err error) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: err}
}

func TestErrorsOfAWSAreToldApart(t *testing.T) {
	t.Parallel()
	refusedDial := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errors.New("connection refused"))}
	for name, tc := range map[string]struct {
		err  error
		want failure
	}{
		"throttled":      {answered("Throttling", smithy.FaultClient), failure{event.StateThrottled, "Throttling", "iam:GetPolicy: Throttling: the message", false}},
		"throttled JSON": {answered("TooManyRequestsException", smithy.FaultClient), failure{event.StateThrottled, "TooManyRequestsException", "iam:GetPolicy: TooManyRequestsException: the message", false}},
		"denied":         {answered("AccessDenied", smithy.FaultUnknown), failure{event.StateAccessDenied, "AccessDenied", "iam:GetPolicy: AccessDenied: the message", true}},
		"client's fault": {answered("ValidationError", smithy.FaultClient), failure{event.StateFailed, "ValidationError", "iam:GetPolicy: ValidationError: the message", true}},
		"server's fault": {answered("ServiceFailure", smithy.FaultServer), failure{event.StateFailed, "ServiceFailure", "iam:GetPolicy: ServiceFailure: the message", false}},
		"credentials denied": {called("IAM", "GetPolicy", fmt.Errorf("get identity: %w", called("STS", "AssumeRole", &smithy.GenericAPIError{Code: "AccessDenied", Message: "no"}))),
			failure{event.StateAccessDenied, "AccessDenied", "sts:AssumeRole: AccessDenied: no", true}},
		"no credentials": {called("STS", "GetCallerIdentity", fmt.Errorf("get identity: %w", called("ec2imds", "GetMetadata", errors.New("access disabled")))),
			failure{event.StateFailed, "", "no AWS credentials in the environment, the shared files or the instance: ec2imds:GetMetadata: access disabled", false}},
		"unreachable": {called("IAM", "GetPolicy", &url.Error{Op: "Post", URL: "https://iam.amazonaws.com/", Err: refusedDial}),
			failure{event.StateFailed, "", "iam:GetPolicy: reach iam.amazonaws.com: dial tcp: connect: connection refused", false}},
		"timed out": {called("IAM", "GetPolicy", &url.Error{Op: "Post", URL: "https://iam.amazonaws.com/", Err: context.DeadlineExceeded}),
			failure{event.StateTimedOut, "", "iam:GetPolicy: reach iam.amazonaws.com: context deadline exceeded", false}},
		"something else": {called("IAM", "GetPolicy", io.ErrUnexpectedEOF), failure{event.StateFailed, "", "iam:GetPolicy: unexpected EOF", false}},
	} {
		if got := classify(tc.err); got != tc.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
