package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
)

// requestTimeout bounds one HTTP request, its body included.
const requestTimeout = time.Minute

// LoadConfig reads AWS's usual environment variables and files, of these the
// profile that is named, or the usual one where it is empty. It makes no call.
// It returns an error when they contradict themselves, or there is no such
// profile.
func LoadConfig(ctx context.Context, profile string) (aws.Config, error) {
	// With AWS_CA_BUNDLE set, only the SDK's own client is accepted here.
	client := awshttp.NewBuildableClient().WithTimeout(requestTimeout)
	cfg, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithHTTPClient(client), awsconfig.WithSharedConfigProfile(profile),
		// What the SDK would print is in the errors that it returns.
		awsconfig.WithLogger(logging.Nop{}))
	if err != nil {
		return aws.Config{}, fmt.Errorf("load AWS configuration: %w", err)
	}
	return cfg, nil
}

// clients makes client configurations from the default credentials.
type clients struct {
	cfg  Config
	base aws.Config
}

// config returns the configuration of clients that call in a partition.
func (c clients) config(partition string, p *pacer) aws.Config {
	cfg := c.base.Copy()
	if cfg.Region == "" {
		cfg.Region = homeRegion(partition)
	}
	cfg.Retryer = c.retryer
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), func(s *middleware.Stack) error { return p.add(s) })
	return cfg
}

// retryer is the SDK's with two changes. Its own budget of retries is off: it
// runs out after some fifty failing calls of a client's life, and the limiter
// does its work. An answer that broke off is asked for again, because all calls
// here only read.
func (c clients) retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = c.cfg.Attempts
		o.MaxBackoff = c.cfg.MaxBackoff
		o.RateLimiter = ratelimit.None
		o.Retryables = append(slices.Clone(o.Retryables), retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			var broken *smithy.DeserializationError
			if errors.As(err, &broken) {
				return aws.TrueTernary
			}
			return aws.UnknownTernary
		}))
	})
}

// assume returns a configuration whose credentials are those of a role. They are
// fetched before it returns, and again before they expire.
func (c clients) assume(ctx context.Context, cfg aws.Config, roleARN, session string) (aws.Config, error) {
	provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), roleARN, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = sessionPrefix + session
		// An hour is what every role allows, also from another role's session.
		o.Duration = time.Hour
		if c.cfg.ExternalID != "" {
			o.ExternalID = &c.cfg.ExternalID
		}
	})
	cfg.Credentials = aws.NewCredentialsCache(provider)
	_, err := cfg.Credentials.Retrieve(ctx)
	return cfg, err
}

// sessionPrefix begins the name of every session, so that CloudTrail and trust
// policies can tell the collector's.
const sessionPrefix = "leastwise-"

// homeRegion is where a partition's global services live, for when no region is
// configured (AWS General Reference, "IAM endpoints and quotas").
func homeRegion(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-iso":
		return "us-iso-east-1"
	case "aws-iso-b":
		return "us-isob-east-1"
	case "aws-eusc":
		return "eusc-de-east-1"
	}
	return "us-east-1"
}
