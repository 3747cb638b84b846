package awssimtest

import (
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// PlainBodies returns a client that sends request bodies without their WriteTo
// method. The SDK closes a request's body as soon as it has the response; a
// server on loopback can be so quick that net/http is still looking for the
// body's end then, and smithy-go 1.28.8's WriteTo reports the end as an error,
// over which net/http closes the connection in the middle of the response. Read
// reports it as the end.
func PlainBodies(client aws.HTTPClient) aws.HTTPClient { return plainBodies{client} }

type plainBodies struct{ client aws.HTTPClient }

func (p plainBodies) Do(request *http.Request) (*http.Response, error) {
	if request.ContentLength > 0 {
		request = request.WithContext(request.Context())
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	response, err := p.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("send request: %w", err)
	}
	return response, nil
}
