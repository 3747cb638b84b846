package policygen

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go/micro"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/catalog/policy"
)

// The codes in Nats-Service-Error-Code, after HTTP's.
const (
	CodeBadRequest    = 400
	CodeTooLarge      = 413
	CodeUnprocessable = 422
	CodeInternal      = 500
)

// ErrorReply is the body of an answer that is an error.
type ErrorReply struct {
	Code   int           `json:"code"`
	Reason string        `json:"reason"`
	Faults policy.Faults `json:"faults,omitempty"`
}

// Error returns the reason.
func (e *ErrorReply) Error() string { return e.Reason }

// within returns e with no more of its faults than fit into a message of limit
// bytes. Its reason counts them all.
func (e *ErrorReply) within(limit int64) *ErrorReply {
	short := *e
	const longest = 1000
	if len(short.Reason) > longest {
		short.Reason = strings.ToValidUTF8(short.Reason[:longest], "") + "…"
	}
	// The reason stands in a header too, and JSON may write six bytes for one.
	room := limit - 8*longest
	for i, f := range e.Faults {
		text, err := json.Marshal(f)
		if room -= int64(len(text)) + 1; err != nil || room < 0 {
			short.Faults = e.Faults[:i]
			break
		}
	}
	return &short
}

// handler answers requests, one after another, with what answer returns. Nothing
// that answer does ends the process or leaves the caller without a reply.
func (s *Service) handler(subject string, answer func([]byte) (any, error)) micro.HandlerFunc {
	succeeded := s.requests.WithLabelValues(subject, "")
	var room []byte // for replies; NATS copies what it sends
	made := func(request []byte) ([]byte, error) {
		body, err := s.appendReply(room[:0], request, answer)
		if err == nil && cap(body) <= rememberedBytes {
			room = body
		}
		return body, err
	}
	return func(r micro.Request) {
		body, err := s.memory.recall(subject, r.Data(), made)
		if err == nil {
			err = s.respond(r, body)
		}
		if err == nil {
			succeeded.Inc()
			return
		}
		problem := asReply(err).within(s.maxPayload())
		s.requests.WithLabelValues(subject, strconv.Itoa(problem.Code)).Inc()
		body, err = json.Marshal(problem)
		if err == nil {
			err = r.Error(strconv.Itoa(problem.Code), problem.Reason, body)
		}
		if err != nil {
			s.log.Warn("answer", zap.String("subject", subject), zap.Error(err))
		}
	}
}

// maxRequest is how many bytes a request can have where NATS carries more: it is
// what NATS carries unless told otherwise, and a hundred times any policy.
const maxRequest = 1 << 20

// within answers requests that are not too large.
func (s *Service) within(request []byte, answer func([]byte) (any, error)) (any, error) {
	if len(request) > maxRequest {
		return nil, &ErrorReply{Code: CodeTooLarge, Reason: fmt.Sprintf(
			"the request has %d bytes and can have %d; ask for less in one request", len(request), maxRequest)}
	}
	return s.safely(answer, request)
}

// safely turns a panic into an error: micro would let it end the process.
func (s *Service) safely(answer func([]byte) (any, error), request []byte) (reply any, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic", zap.Any("panic", p), zap.Stack("stack"))
			err = &ErrorReply{Code: CodeInternal, Reason: "the service failed on this request; its log says why"}
		}
	}()
	return answer(request)
}

// appender is a reply that writes itself as JSON: what encoding/json is given of
// it is not read and checked once more.
type appender interface {
	AppendJSON(to []byte) ([]byte, error)
}

// appendReply answers requests that are not too large, in JSON.
func (s *Service) appendReply(to, request []byte, answer func([]byte) (any, error)) ([]byte, error) {
	reply, err := s.within(request, answer)
	if err != nil {
		return nil, err
	}
	if a, ok := reply.(appender); ok {
		return a.AppendJSON(to)
	}
	body, err := json.Marshal(reply)
	if err != nil {
		return nil, fmt.Errorf("encode reply: %w", err)
	}
	return body, nil
}

// respond sends a reply. One that the server would refuse is an error instead:
// the caller would only see a timeout.
func (s *Service) respond(r micro.Request, body []byte) error {
	if limit := s.maxPayload(); int64(len(body)) > limit {
		return tooLarge(int64(len(body)), limit)
	}
	if err := r.Respond(body); err != nil {
		return fmt.Errorf("send reply: %w", err)
	}
	return nil
}

func tooLarge(size, limit int64) *ErrorReply {
	return &ErrorReply{Code: CodeTooLarge, Reason: fmt.Sprintf(
		"the reply has at least %d bytes and this NATS carries %d; ask for less in one request", size, limit)}
}

// asReply finds the answer for an error.
func asReply(err error) *ErrorReply {
	var reply *ErrorReply
	var faults policy.Faults
	var syntax *policy.SyntaxError
	switch {
	case errors.As(err, &reply):
		return reply
	case errors.As(err, &faults):
		reason := "the request has a fault"
		if len(faults) > 1 {
			reason = fmt.Sprintf("the request has %d faults", len(faults))
		}
		return &ErrorReply{Code: CodeUnprocessable, Reason: reason, Faults: faults}
	case errors.As(err, &syntax):
		return &ErrorReply{Code: CodeBadRequest, Reason: err.Error()}
	default:
		return &ErrorReply{Code: CodeInternal, Reason: err.Error()}
	}
}
