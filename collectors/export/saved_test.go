package export_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/leastwise/leastwise/collectors/export"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/schemas/event"
)

// equal compares events but for the run that they are of.
func equal() []cmp.Option {
	return []cmp.Option{
		cmpopts.IgnoreFields(event.Common{}, "Run"), cmpopts.EquateEmpty(),
		cmpopts.SortSlices(func(a, b event.Policy) bool { return a.ID < b.ID }),
		cmpopts.SortSlices(func(a, b event.User) bool { return a.ID < b.ID }),
		cmpopts.SortSlices(func(a, b event.Role) bool { return a.ID < b.ID }),
	}
}

func TestReadingGivesTheEventsOfAnImport(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{
		"a small account": "testdata/account.json",
		"a real account":  "../../../shared/data/account_authorization_details.json.gz",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := os.Stat(path); err != nil {
				t.Skipf("real data is not here: %v", err)
			}
			js := natstest.Start(t)
			if _, err := newImporter(js, export.Config{ObservedAt: at}).Import(t.Context(), path); err != nil {
				t.Fatal(err)
			}
			want := natstest.Read(t, js)
			got, err := export.Read(t.Context(), export.Config{ObservedAt: at}, path, nil)
			if err != nil {
				t.Fatal(err)
			}
			problems := want.Runs[len(want.Runs)-1].Problems
			imported := export.Saved{
				Account: want.Accounts[0], Users: want.Users, Groups: want.Groups, Roles: want.Roles, Policies: want.Policies,
				Documents: want.Documents, Problems: problems,
			}
			if diff := cmp.Diff(imported, *got, equal()...); diff != "" {
				t.Errorf("import and memory differ (-import +memory):\n%s", diff)
			}
		})
	}
}

func TestReadingSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	const half = `{"IsTruncated": true, "UserDetailList": [
		{"Arn": "arn:aws:iam::123456789012:user/ann", "UserName": "ann", "UserId": "AIDA1", "GroupList": ["a", "b"]},
		{"Arn": "arn:aws:iam::123456789012:user/ann", "UserName": "ann", "UserId": "AIDA1"}]}`
	got, err := export.Read(t.Context(), export.Config{}, "-", strings.NewReader(half))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Users) != 1 || len(got.Users[0].Groups) != 2 {
		t.Errorf("the first of two users with one id holds: %+v", got.Users)
	}
	want := []event.Problem{
		{Part: "controls", State: event.StateNotCollected, Count: 1},
		{Part: "groups", State: event.StateNotCollected, Count: 2},
		{Part: "IsTruncated", State: event.StateTruncated, Count: 1},
	}
	if diff := cmp.Diff(want, got.Problems, cmpopts.IgnoreFields(event.Problem{}, "Reason")); diff != "" {
		t.Error(diff)
	}
	if got.Account.ID != "123456789012" || got.Account.Partition != "aws" || got.Account.ObservedAt.IsZero() {
		t.Errorf("account %+v", got.Account)
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		if _, err := export.Read(b.Context(), export.Config{ObservedAt: at}, "testdata/account.json", nil); err != nil {
			b.Fatal(err)
		}
	}
}

// Nor the other end of a named pipe, nor who holds it open, keeps a reader that is
// told to end.
func TestReadingAPipeCanBeInterrupted(t *testing.T) {
	t.Parallel()
	for name, held := range map[string]bool{"that nobody opens": false, "that somebody holds open": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Skip("the file system has no named pipes: ", err)
			}
			both := func() *os.File {
				f, err := os.OpenFile(pipe, os.O_RDWR, 0)
				if err != nil {
					t.Fatal(err)
				}
				return f
			}
			if held {
				defer both().Close()
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(20*time.Millisecond, cancel)
			if _, err := export.Read(ctx, export.Config{}, pipe, nil); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			both().Close() // so that what still waits goes on
		})
	}
}
