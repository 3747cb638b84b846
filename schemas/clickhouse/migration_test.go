package clickhouse_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/leastwise/leastwise/schemas/clickhouse"
)

func TestMigrationsReadsFilesInOrder(t *testing.T) {
	t.Parallel()
	got, err := clickhouse.Migrations(fstest.MapFS{
		"0001_b.sql": {Data: []byte("B")},
		"0000_a.sql": {Data: []byte("A")},
		"README.md":  {Data: []byte("not SQL")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []clickhouse.Migration{{Number: 0, Name: "a", SQL: "A"}, {Number: 1, Name: "b", SQL: "B"}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Fatalf("got %v, want %v", got, want)
	}
	if got[1].String() != "0001_b" {
		t.Errorf("String() = %q", got[1])
	}
	// printf A | sha256sum
	if sum := got[0].SHA256(); sum != "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd" {
		t.Errorf("SHA256() = %s", sum)
	}
}

func TestMigrationsNamesEveryFault(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		folder fstest.MapFS
		want   []string
	}{
		"no files": {fstest.MapFS{}, []string{"there are none"}},
		"bad name, gap and nothing in it": {
			fstest.MapFS{"0000_a.sql": {Data: []byte("A")}, "0002_b.sql": {Data: []byte("B")}, "3_c.sql": {Data: []byte("C")}, "0003_d.sql": {Data: []byte(" \n")}},
			[]string{"0002_b.sql: its number should be 0001", "3_c.sql: its name is not", "0003_d.sql: it is empty"},
		},
		"number twice": {
			fstest.MapFS{"0000_a.sql": {Data: []byte("A")}, "0000_b.sql": {Data: []byte("B")}},
			[]string{"0000_b.sql: its number should be 0001"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := clickhouse.Migrations(test.folder)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range test.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
		})
	}
}

// A file has one statement, which makes or changes what the file is named after and
// may be applied twice.
func TestFilesFollowTheRules(t *testing.T) {
	t.Parallel()
	all, err := clickhouse.Migrations(clickhouse.Files())
	if err != nil {
		t.Fatal(err)
	}
	comments := regexp.MustCompile(`(?m)^--.*\n`)
	repeatable := regexp.MustCompile(`^(?:CREATE (?:MATERIALIZED VIEW|VIEW|TABLE) IF NOT EXISTS|CREATE OR REPLACE VIEW|ALTER TABLE) ([a-z_]+)\b`)
	end := regexp.MustCompile(`;\s*(?:\n|$)`)
	for _, m := range all {
		statement := comments.ReplaceAllString(m.SQL, "")
		made := repeatable.FindStringSubmatch(statement)
		if made == nil || !strings.HasPrefix(m.Name, made[1]) {
			t.Errorf("%s does not change what it is named after, in a way that may be repeated: %.60q", m, statement)
		}
		if end.MatchString(statement) {
			t.Errorf("%s ends a statement with a semicolon; it needs none", m)
		}
	}
}
