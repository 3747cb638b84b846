package risk_test

import (
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

func TestPoliciesOfResourcesAreNotJudged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		statement string
		want      bool
	}{
		"a bucket policy":     {`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`, true},
		"a key policy":        {`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}`, true},
		"a repository policy": {`{"Effect":"Allow","Principal":"*","Action":["ecr:BatchGetImage"]}`, true},
		"all but one":         {`{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"sqs:*","Resource":"*"}`, true},
		"a trust policy":      {`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":["STS:AssumeRole","sts:TagSession"]}`, false},
		"an identity policy":  {`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`, false},
	} {
		doc, err := policy.ParseDocument([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"},` + test.statement + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		got := risk.NotJudged(doc)
		if (len(got) > 0) != test.want || test.want && got[0].Statement != 1 {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
