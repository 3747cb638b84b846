package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func TestEndpointsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n, ch := startNATS(t, DefaultNATSConfig(dir)), shared.get(t)
	started := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	if err := WriteEndpoints(EndpointsPath(dir), EndpointsOf(n, ch, started)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "endpoints.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	got, err := ReadEndpoints(EndpointsPath(dir))
	if err != nil {
		t.Fatal(err)
	}
	if got.PID != os.Getpid() || !got.StartedAt.Equal(started) || got.ClickHouse.HTTPURL != ch.HTTPURL() {
		t.Errorf("endpoints %+v", got)
	}
	if strings.Contains(got.NATS.URL, got.NATS.Password) {
		t.Error("the url holds the password")
	}
	nc, err := nats.Connect(got.NATS.URL, nats.UserInfo(got.NATS.User, got.NATS.Password))
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
	for _, user := range []User{Admin, Writer, Reader} {
		if got := count(t, connectDSN(t, got.ClickHouse.DSNs[user]), "SELECT toUInt64(1)"); got != 1 {
			t.Errorf("%s: SELECT 1 is %d", user, got)
		}
	}
}

func TestBrokenEndpointsAreAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := ReadEndpoints(EndpointsPath(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("none: %v, want %v", err, os.ErrNotExist)
	}
	for _, text := range []string{"", "{", "[]", "{}", `{"pid": "1"}`} {
		if err := os.WriteFile(EndpointsPath(dir), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if e, err := ReadEndpoints(EndpointsPath(dir)); err == nil {
			t.Errorf("%q is read as %+v", text, e)
		}
	}
}

func FuzzParseEndpoints(f *testing.F) {
	f.Add([]byte(`{"nats":{"url":"nats://127.0.0.1:4222"},"clickhouse":{"dsns":{"leastwise_admin":"x"}},"pid":1,"started_at":"2026-01-02T03:04:05Z"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := parseEndpoints(text)
		if err != nil {
			return
		}
		one, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseEndpoints(one)
		if err != nil {
			t.Fatal(err)
		}
		if two, err := json.Marshal(again); err != nil || !bytes.Equal(one, two) {
			t.Errorf("%s became %s: %v", one, two, err)
		}
	})
}
