package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Endpoints tell another program on this machine how to connect. They hold
// passwords.
type Endpoints struct {
	NATS       NATSEndpoint       `json:"nats"`
	ClickHouse ClickHouseEndpoint `json:"clickhouse"`
	PID        int                `json:"pid"` // of the process that runs the engines
	StartedAt  time.Time          `json:"started_at"`
}

// NATSEndpoint is a NATS server and its user for workers.
type NATSEndpoint struct {
	URL      string `json:"url"` // without user and password
	User     string `json:"user"`
	Password string `json:"password"`
}

// ClickHouseEndpoint is a ClickHouse server: its HTTP address, and a DSN of the
// native protocol for each user.
type ClickHouseEndpoint struct {
	HTTPURL string          `json:"http_url"`
	DSNs    map[User]string `json:"dsns"`
}

// EndpointsOf describes two engines of this process; either may be nil.
func EndpointsOf(n *NATS, ch *ClickHouse, startedAt time.Time) Endpoints {
	e := Endpoints{PID: os.Getpid(), StartedAt: startedAt.UTC()}
	if n != nil {
		bare := url.URL{Scheme: "nats", Host: n.server.Addr().String()}
		e.NATS = NATSEndpoint{URL: bare.String(), User: natsUser, Password: n.secrets[natsUser]}
	}
	if ch != nil {
		e.ClickHouse = ClickHouseEndpoint{HTTPURL: ch.HTTPURL(), DSNs: map[User]string{}}
		for _, user := range []User{Admin, Writer, Reader} {
			e.ClickHouse.DSNs[user] = ch.DSN(user)
		}
	}
	return e
}

// EndpointsPath is where a data directory has them.
func EndpointsPath(dataDir string) string { return filepath.Join(dataDir, "endpoints.json") }

// WriteEndpoints replaces the file at path, readable by its owner only.
func WriteEndpoints(path string, e Endpoints) error {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("write endpoints: %w", err)
	}
	return writeFileAtomic(path, append(text, '\n'))
}

// ReadEndpoints reads what [WriteEndpoints] wrote. An unknown field is
// no error: a newer leastwise may have written it.
func ReadEndpoints(path string) (Endpoints, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Endpoints{}, fmt.Errorf("read endpoints: %w", err)
	}
	e, err := parseEndpoints(text)
	if err != nil {
		return Endpoints{}, fmt.Errorf("read endpoints %s: %w", path, err)
	}
	return e, nil
}

func parseEndpoints(text []byte) (Endpoints, error) {
	var e Endpoints
	if err := json.Unmarshal(text, &e); err != nil {
		return Endpoints{}, err
	}
	if e.PID <= 0 {
		return Endpoints{}, errors.New("it names no process")
	}
	return e, nil
}
