package awssim

import (
	"bytes"
	"net/http"
	"strconv"
)

// cutWriter sends half of an answer: as if it were whole, or with the whole's
// length and the connection closed in its middle.
type cutWriter struct {
	http.ResponseWriter
	abort  bool
	status int
	body   bytes.Buffer
}

func (c *cutWriter) WriteHeader(status int) { c.status = status }

func (c *cutWriter) Write(p []byte) (int, error) { return c.body.Write(p) }

// finish sends what the client gets.
func (c *cutWriter) finish() {
	if c.abort {
		c.Header().Set("Content-Length", strconv.Itoa(c.body.Len()))
	}
	if c.status != 0 {
		c.ResponseWriter.WriteHeader(c.status)
	}
	_, _ = c.ResponseWriter.Write(c.body.Bytes()[:c.body.Len()/2])
	if !c.abort {
		return
	}
	if f, ok := c.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}
