package main

import (
	"bytes"
	"context"
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
func (f *riskFlags) open(ctx context.Context, c *catalog.Catalog) (rulebook, error) {
	rules, err := risk.Load(c)
	if err != nil {
		return rulebook{}, err
	}
	if f.rules != "" {
		if rules, err = readRules(ctx, f.rules, rules); err != nil {
			return rulebook{}, err
		}
	}
	b := rulebook{rules: rules}
	if f.exclusions != "" {
		b.exclusions, err = readExclusions(ctx, f.exclusions, rules)
	}
	return b, err
}

// readRules reads a file of rules on top of, or in place of, others.
func readRules(ctx context.Context, file string, base *risk.Rules) (*risk.Rules, error) {
	text, err := readInput(ctx, "risk rules", file, nil)
	if err != nil {
		return nil, err
	}
	rules, err := risk.Read(base, file, bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read risk rules: %w", err)
	}
	return rules, nil
}
