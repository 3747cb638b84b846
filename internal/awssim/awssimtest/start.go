// Package awssimtest starts a simulated organization for a test.
package awssimtest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/leastwise/leastwise/internal/awssim"
)

// Start serves the organization that cfg describes until the test ends, and
// returns it with a client configuration for its management account.
func Start(t testing.TB, cfg awssim.Config) (*awssim.Organization, aws.Config) {
	t.Helper()
	org, err := awssim.New(cfg)
	if err != nil {
		t.Fatalf("start organization: %v", err)
	}
	if err := org.Start(t.Context()); err != nil {
		t.Fatalf("start organization: %v", err)
	}
	t.Cleanup(func() {
		if err := org.Close(); err != nil {
			t.Errorf("stop organization: %v", err)
		}
	})
	return org, ClientConfig(org)
}

// ClientConfig returns a client configuration for the organization's
// management account.
func ClientConfig(org *awssim.Organization) aws.Config {
	key, secret := org.Credentials()
	return aws.Config{
		Region:       org.World().Management().Region(),
		Credentials:  credentials.NewStaticCredentialsProvider(key, secret, ""),
		HTTPClient:   PlainBodies(awshttp.NewBuildableClient()),
		BaseEndpoint: aws.String(org.URL()),
	}
}
