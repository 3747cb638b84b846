package aws

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/leastwise/leastwise/schemas/event"
)

// The codes with which IAM says that a credential report is not there, or not yet.
const (
	codeReportInProgress = "ReportInProgress"
	codeReportNotPresent = "ReportNotPresent"
	codeReportExpired    = "ReportExpired"
)

// requestReport asks IAM to make the account's credential report, and reports
// whether it will.
func (r *reader) requestReport(ctx context.Context) bool {
	_, err := r.iam.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{})
	if err != nil {
		_ = r.problem(ctx, actionGenerateReport, err) // if ctx has ended, so says the next part
	}
	return err == nil
}

// credentials emits one event for each line of the credential report. IAM makes
// a report every four hours at most: a user that the report does not have yet
// has no event, and one that it still has is passed over.
func (r *reader) credentials(ctx context.Context) error {
	report, err := r.report(ctx)
	if err != nil || report == nil {
		return err
	}
	err = readReport(bytes.NewReader(report), func(c event.Credential) error {
		id, known := r.users[c.ARN]
		if c.User == rootUser {
			id, known = event.RootID, true
		}
		if !known {
			return nil
		}
		c.Common = r.run.Common(id)
		_, err := r.run.Emit(ctx, c)
		return err
	})
	var bad *reportError
	if errors.As(err, &bad) {
		r.run.Problem(actionGetReport, event.StateFailed, bad.Error())
		return nil
	}
	return err
}

// report waits for the report; nil when it is not to be had.
func (r *reader) report(ctx context.Context) ([]byte, error) {
	for p := newPoll(r.cfg); ; {
		out, err := r.iam.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
		if err == nil {
			return out.Content, nil
		}
		switch classify(err).code {
		case codeReportInProgress:
		case codeReportNotPresent, codeReportExpired:
			// It ran out between asking for it and getting it.
			if !r.requestReport(ctx) {
				return nil, ctx.Err()
			}
		default:
			return nil, r.problem(ctx, actionGetReport, err)
		}
		if !p.wait(ctx) {
			r.run.Problem(actionGetReport, event.StateTimedOut, fmt.Sprintf("IAM had not made the report after %s", r.cfg.ReportTimeout))
			return nil, ctx.Err()
		}
	}
}
