package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// choosePorts keeps those that are configured and finds free ones for the rest.
func choosePorts(ctx context.Context, tcp, http int) (ports, error) {
	chosen := ports{tcp: tcp, http: http}
	for _, port := range []*int{&chosen.tcp, &chosen.http} {
		if *port != 0 {
			continue
		}
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return ports{}, fmt.Errorf("find free port: %w", err)
		}
		defer l.Close() // only when both are found, so that they differ
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return chosen, nil
}

// ready waits until both protocols answer and the database exists.
func (c *ClickHouse) ready(ctx context.Context) error {
	const shortest, longest = 10 * time.Millisecond, 250 * time.Millisecond
	for wait := shortest; ; wait = min(wait*3/2, longest) {
		if c.proc.waitFor(wait) {
			return c.proc.ended()
		}
		if line := portTaken(c.proc.output()); line != "" {
			return fmt.Errorf("start clickhouse: %w: %s", errPortTaken, line)
		}
		err := c.ping(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("start clickhouse: %w: %w%s", context.Cause(ctx), err, c.proc.tail())
		}
	}
}

// ping uses each protocol once. The database is made here because a DSN that
// names one is refused until it exists.
func (c *ClickHouse) ping(ctx context.Context) (err error) {
	// Another program that has the port may accept us and say nothing.
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.HTTPURL()+"/ping", nil)
	if err != nil {
		return fmt.Errorf("ping clickhouse: %w", err)
	}
	req.Close = true // leave no idle connection behind
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ping clickhouse: %w", err)
	}
	// Closing an answer that was not read would reset the connection.
	_, err = io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return fmt.Errorf("ping clickhouse: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ping clickhouse: %s", resp.Status)
	}
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{c.ports.address(c.ports.tcp)},
		Auth: clickhouse.Auth{Database: "system", Username: string(Admin), Password: c.secrets[string(Admin)]},
	})
	if err != nil {
		return fmt.Errorf("ping clickhouse: %w", err)
	}
	err = conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+c.database)
	if cerr := conn.Close(); err != nil || cerr != nil {
		return fmt.Errorf("create database %s: %w", c.database, errors.Join(err, cerr))
	}
	return nil
}

// portTaken returns the line of the log that says so, if there is one. It is
// the only way to know at once: a listener that fails does not end the engine.
func portTaken(log string) string {
	for line := range strings.Lines(log) {
		if strings.Contains(line, "Address already in use") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
