package main

import (
	"bytes"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk"
)

// riskFlags say by which rules is judged, and what is not.
type riskFlags struct {
	// rules is a file of rules on top of, or in place of, the embedded ones; empty
	// for those alone.
	rules string
	// exclusions is a file that says what is not judged; empty for none.
	exclusions string
}

func (f *riskFlags) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&f.rules, "risk-rules", f.rules, "`FILE` of rules on top of, or in place of, the embedded ones")
	fs.StringVar(&f.exclusions, "exclusions", f.exclusions, "`FILE` that says which names, paths and patterns are not judged, and by which rules")
}

// rulebook is what judges: rules over a catalog, and what they are not applied to.
type rulebook struct {
	rules      *risk.Rules
	exclusions *risk.Exclusions // nil for none
}

// open reads the files that the flags name.
func (f *riskFlags) open(c *catalog.Catalog) (rulebook, error) {
	var b rulebook
	var err error
	if b.rules, err = risk.Load(c); err != nil {
		return b, err
	}
	if f.rules != "" {
		text, err := readInput("risk rules", f.rules, nil)
		if err != nil {
			return b, err
		}
		if b.rules, err = risk.Read(b.rules, f.rules, bytes.NewReader(text)); err != nil {
			return b, fmt.Errorf("read risk rules: %w", err)
		}
	}
	if f.exclusions == "" {
		return b, nil
	}
	text, err := readInput("exclusions", f.exclusions, nil)
	if err != nil {
		return b, err
	}
	if b.exclusions, err = risk.ReadExclusions(b.rules, f.exclusions, bytes.NewReader(text)); err != nil {
		return b, fmt.Errorf("read exclusions: %w", err)
	}
	return b, nil
}
