package aws

import (
	"context"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// meter counts calls; collectors.Run and collectors.Metrics are meters.
type meter interface {
	Called(api string)
	Throttled(api string)
}

// pacer stands between the SDK's retries and the wire: it paces, counts and
// watches every single attempt.
type pacer struct {
	meter   meter
	advisor *limiter // of access advisor; nil for no pacing
	other   *limiter // of all other APIs; nil for no pacing
}

// add puts the pacer into a client's stack; it is an option of aws.Config.
func (p *pacer) add(stack *middleware.Stack) error {
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("leastwisePace", p.attempt), "Retry", middleware.After)
}

func (p *pacer) attempt(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	action := strings.ToLower(awsmiddleware.GetServiceID(ctx)) + ":" + awsmiddleware.GetOperationName(ctx)
	l := p.limiter(action)
	if l != nil {
		if err := l.wait(ctx); err != nil {
			return middleware.FinalizeOutput{}, middleware.Metadata{}, err
		}
	}
	p.meter.Called(action)
	out, meta, err := next.HandleFinalize(ctx, in)
	throttled := isThrottling(err)
	if throttled {
		p.meter.Throttled(action)
	}
	switch {
	case l == nil:
	case throttled:
		l.throttled()
	case err == nil:
		l.succeeded()
	}
	return out, meta, err
}

func (p *pacer) limiter(action string) *limiter {
	switch action {
	case actionGenerateAccess, actionGetAccess:
		return p.advisor
	}
	return p.other
}
