package awssim

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Start serves the organization on a free port of the loopback interface until Close.
func (o *Organization) Start(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen on loopback: %w", err)
	}
	return o.Serve(listener)
}

// Serve serves the organization on the listener until Close. It returns at
// once, and fails when the organization is being served already.
func (o *Organization) Serve(listener net.Listener) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.server != nil {
		return fmt.Errorf("serve organization on %s: already served on %s", listener.Addr(), o.url)
	}
	o.url = "http://" + listener.Addr().String()
	o.server = &http.Server{Handler: o.Handler(), ReadHeaderTimeout: 10 * time.Second}
	o.served = make(chan struct{})
	server, served := o.server, o.served
	go func() {
		defer close(served)
		// Serve ends with http.ErrServerClosed after Close, or when the listener
		// broke, of which the next caller learns.
		_ = server.Serve(listener)
	}()
	return nil
}

// URL returns where the organization is served, or nothing before Start.
func (o *Organization) URL() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.url
}

// Close ends serving, breaking off the calls in flight, and waits for it.
func (o *Organization) Close() error {
	o.mu.Lock()
	server, served := o.server, o.served
	o.server, o.url = nil, ""
	o.mu.Unlock()
	if server == nil {
		return nil
	}
	err := server.Close()
	<-served
	if err != nil {
		return fmt.Errorf("close organization: %w", err)
	}
	return nil
}
