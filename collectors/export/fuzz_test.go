package export

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// FuzzScan holds that no file makes the scan panic or hang, that a fault is one
// line that names the file, and that a file without one has an account.
func FuzzScan(f *testing.F) {
	whole, err := os.ReadFile("testdata/account.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	for _, s := range []string{"", "{", `{"Policies":null}`, "\x1f\x8b", `{"UserDetailList":[{"Arn":"arn:aws:iam::123456789012:user/a"}]}{}`, `{"IsTruncated":3}`} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(dir, "export.json")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		in, err := openInput(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		found, err := scan(t.Context(), in, "")
		switch {
		case err != nil && (!strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%q", err)
		case err == nil && !event.IsAccountID(found.account):
			t.Errorf("account is %q", found.account)
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{`"2022-08-07T12:55:38+00:00"`, `"2019-12-18 19:10:08.5Z"`, `1600000000`, `null`, `""`, `"x"`, `-1e300`, `"0000-01-01T00:00:00+23:59"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var d date
		if !json.Valid([]byte(s)) || json.Unmarshal([]byte(s), &d) != nil {
			return
		}
		if _, err := json.Marshal(d.Time); err != nil || d.Nanosecond() != 0 || d.Location() != time.UTC {
			t.Errorf("%s is %v: %v", s, d.Time, err)
		}
	})
}
