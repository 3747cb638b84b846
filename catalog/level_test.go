package catalog_test

import (
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
)

func TestParseLevelReadsEverySpelling(t *testing.T) {
	t.Parallel()
	for l := range catalog.Level(catalog.LevelCount) {
		name := l.String()
		for _, s := range []string{
			name, strings.ToLower(name), strings.ToUpper(name),
			strings.ReplaceAll(name, " ", "-"), strings.ReplaceAll(name, " ", "_"), strings.ReplaceAll(name, " ", ""),
		} {
			if got, err := catalog.ParseLevel(s); err != nil || got != l {
				t.Errorf("ParseLevel(%q) = %v, %v", s, got, err)
			}
		}
	}
}

func TestParseLevelRefusesOthers(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "lists", "permissions", "Tagging, Write", "Level(9)"} {
		if got, err := catalog.ParseLevel(s); err == nil || !strings.Contains(err.Error(), "parse access level") {
			t.Errorf("ParseLevel(%q) = %v, %v", s, got, err)
		}
	}
	if got := catalog.Level(9).String(); got != "Level(9)" {
		t.Errorf("an unknown level reads %q", got)
	}
}
