package aws

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/schemas/event"
)

const reportHeader = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
	"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
	"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
	"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n"

func read(t *testing.T, report string) []event.Credential {
	t.Helper()
	var got []event.Credential
	if err := readReport(strings.NewReader(report), func(c event.Credential) error {
		got = append(got, c)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestReportsLinesAreRead(t *testing.T) {
	t.Parallel()
	at := func(day int) time.Time { return time.Date(2026, 5, day, 1, 2, 3, 0, time.UTC) }
	got := read(t, reportHeader+
		"<root_account>,arn:aws:iam::123456789012:root,2026-05-01T01:02:03+00:00,not_supported,no_information,not_supported,not_supported,true,"+
		"false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"+
		"ada,arn:aws:iam::123456789012:user/ada,2026-05-01T01:02:03+00:00,true,2026-05-02T01:02:03+00:00,2026-05-03T01:02:03+00:00,2026-05-04T01:02:03+00:00,false,"+
		"true,2026-05-05T01:02:03+00:00,2026-05-06T01:02:03Z,us-east-1,s3,false,2026-05-07T01:02:03+00:00,N/A,N/A,N/A,true,2026-05-08T01:02:03+00:00,false,N/A\n")
	want := []event.Credential{
		{User: "<root_account>", ARN: "arn:aws:iam::123456789012:root", CreatedAt: at(1), MFAActive: true},
		{User: "ada", ARN: "arn:aws:iam::123456789012:user/ada", CreatedAt: at(1),
			PasswordEnabled: true, PasswordLastUsedAt: at(2), PasswordChangedAt: at(3), PasswordNextRotation: at(4),
			AccessKeys: []event.AccessKey{
				{Slot: 1, Active: true, RotatedAt: at(5), LastUsedAt: at(6), LastUsedRegion: "us-east-1", LastUsedService: "s3"},
				{Slot: 2, RotatedAt: at(7)},
			},
			Certificates: []event.Certificate{{Slot: 1, Active: true, RotatedAt: at(8)}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReportsColumnsAreFoundByName(t *testing.T) {
	t.Parallel()
	got := read(t, "something_new,arn,user,mfa_active\nx,arn:aws:iam::123456789012:user/ada,ada,true\n")
	if diff := cmp.Diff([]event.Credential{{User: "ada", ARN: "arn:aws:iam::123456789012:user/ada", MFAActive: true}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReportThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	for name, report := range map[string]string{
		"empty":            "",
		"other columns":    "a,b\n1,2\n",
		"field too many":   "user,arn\nada,arn:x,more\n",
		"quote left open":  "user,arn\n\"ada,arn:x\n",
		"nothing but HTML": "<html>\n",
	} {
		err := readReport(strings.NewReader(report), func(event.Credential) error { return nil })
		var bad *reportError
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := errors.New("publish")
	if err := readReport(strings.NewReader("user,arn\nada,arn:x\n"), func(event.Credential) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("the visitor's error became %v", err)
	}
}

// FuzzReport holds that no report makes the reader panic, and that whatever it
// makes of one can be written as an event.
func FuzzReport(f *testing.F) {
	f.Add(reportHeader + "ada,arn,2026-05-01T01:02:03+00:00,true,,,,,true,x,N/A,,,,,,,,,,,\n")
	f.Add("user,arn,user_creation_time\n\"a\nb\",c,0000-01-01T00:00:00+23:59\n")
	f.Fuzz(func(t *testing.T, report string) {
		_ = readReport(strings.NewReader(report), func(c event.Credential) error {
			if _, err := json.Marshal(c); err != nil {
				t.Errorf("%v", err)
			}
			return nil
		})
	})
}
