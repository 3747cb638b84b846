package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/processors/policygen"
)

// policyTimeout bounds the wait for the policy service.
const policyTimeout = 10 * time.Second

// policyTemplate is what the demo asks for: an application that reads one bucket
// and writes to one queue and one parameter path.
func policyTemplate(account string) policy.Template {
	return policy.Template{
		Mode:  policy.ModeCRUD,
		Name:  "orders",
		Read:  []string{"arn:aws:s3:::orders-incoming/*"},
		Write: []string{fmt.Sprintf("arn:aws:sqs:eu-west-1:%s:orders", account)},
		List:  []string{"arn:aws:s3:::orders-incoming"},
		WildcardOnly: policy.WildcardOnly{
			SingleActions: []string{"xray:PutTraceSegments"},
		},
	}
}

// askForPolicy asks the policy service over NATS.
func askForPolicy(ctx context.Context, nc *nats.Conn, t policy.Template) (json.RawMessage, error) {
	request, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("encode template: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, policyTimeout)
	defer cancel()
	m, err := nc.RequestWithContext(ctx, policygen.SubjectWrite, request)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", policygen.SubjectWrite, err)
	}
	if m.Header.Get(micro.ErrorCodeHeader) != "" {
		return nil, fmt.Errorf("ask %s: %s", policygen.SubjectWrite, m.Header.Get(micro.ErrorHeader))
	}
	var reply struct {
		Policy json.RawMessage `json:"policy"`
	}
	if err := json.Unmarshal(m.Data, &reply); err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", policygen.SubjectWrite, err)
	}
	return reply.Policy, nil
}
