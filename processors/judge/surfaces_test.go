package judge

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/schemas/stream"
)

func newSurfaces(t *testing.T) surfaces {
	t.Helper()
	bucket, err := newRig(t).js.KeyValue(t.Context(), stream.SurfaceBucket)
	if err != nil {
		t.Fatal(err)
	}
	return surfaces{bucket: bucket, log: zap.NewNop()}
}

// keep keeps a surface of an account that says when it is of.
func (s surfaces) keep(t *testing.T, account string, at time.Time) {
	t.Helper()
	k := kept{Run: "r", ObservedAt: at, Surface: risk.Surface{Account: account, Entries: []risk.Entry{{Role: at.Format(time.DateTime)}}}}
	if left, err := s.put(t.Context(), k, 1<<20); left != 0 || err != nil {
		t.Fatal(left, err)
	}
}

func TestSurfacesAreThoseOfTheDaysBefore(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kept []time.Time
		want string
	}{
		"none":                   {nil, ""},
		"of the same day":        {[]time.Time{on(10).Add(-time.Hour)}, ""},
		"of the day before":      {[]time.Time{on(9)}, "2026-03-09 06:00:00"},
		"of both":                {[]time.Time{on(9), on(10)}, "2026-03-09 06:00:00"},
		"two of the day before":  {[]time.Time{on(9), on(9).Add(time.Hour), on(10)}, "2026-03-09 07:00:00"},
		"of a later day":         {[]time.Time{on(11)}, ""},
		"of a week before":       {[]time.Time{on(3)}, "2026-03-03 06:00:00"},
		"of longer ago":          {[]time.Time{on(3).AddDate(0, 0, -1)}, ""},
		"an old export comes in": {[]time.Time{on(8), on(9), on(1)}, "2026-03-09 06:00:00"},
		"judged again":           {[]time.Time{on(8), on(9), on(10), on(8), on(9)}, "2026-03-09 06:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSurfaces(t)
			for _, at := range test.kept {
				s.keep(t, bank, at)
				s.keep(t, shop, at)
			}
			got, err := s.before(t.Context(), shop, on(10))
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]risk.Surface{}
			if test.want != "" {
				want[bank] = risk.Surface{Account: bank, Entries: []risk.Entry{{Role: test.want}}}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSurfacesOfManyAccounts(t *testing.T) {
	t.Parallel()
	s := newSurfaces(t)
	var want []string
	for i := range 300 {
		account := fmt.Sprintf("%012d", i)
		s.keep(t, account, on(9))
		if account != "000000000007" {
			want = append(want, account)
		}
	}
	got, err := s.before(t.Context(), "000000000007", on(10))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Every account's runs read it, so that it may not hold them up.
func TestASurfaceThatCannotBeReadIsLeftOut(t *testing.T) {
	t.Parallel()
	s := newSurfaces(t)
	s.keep(t, bank, on(9))
	if _, err := s.bucket.Put(t.Context(), "000000000007", []byte("{")); err != nil {
		t.Fatal(err)
	}
	got, err := s.before(t.Context(), shop, on(10))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{bank}, slices.Collect(maps.Keys(got))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestASurfaceThatIsTooLargeLosesItsLastRoles(t *testing.T) {
	t.Parallel()
	s := newSurfaces(t)
	k := kept{Run: "r", ObservedAt: on(9), Surface: risk.Surface{Account: bank}}
	for i := range 100 {
		k.Surface.Entries = append(k.Surface.Entries, risk.Entry{Role: fmt.Sprintf("arn:aws:iam::%s:role/r%03d", bank, i)})
	}
	left, err := s.put(t.Context(), k, 4000)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.before(t.Context(), shop, on(10))
	if err != nil {
		t.Fatal(err)
	}
	entries := got[bank].Entries
	if left != 50 || len(entries) != 50 || entries[49].Role != k.Surface.Entries[49].Role {
		t.Errorf("%d are left out, %d are there", left, len(entries))
	}
}
