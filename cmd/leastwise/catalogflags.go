package main

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/internal/pause"
)

// catalogFlags say which catalog a command answers from: the embedded one,
// unless told otherwise.
type catalogFlags struct {
	// file is a catalog file, as 'leastwise catalog refresh' writes; empty for
	// the embedded catalog.
	file string
	// overrides is a file in policy_sentry's form that gives actions other
	// access levels; empty for none.
	overrides string
}

func (f *catalogFlags) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&f.file, "catalog", f.file, "`FILE` of 'leastwise catalog refresh' to use in place of the embedded catalog")
	fs.StringVar(&f.overrides, "access-level-overrides", f.overrides, "YAML `FILE` of actions with other access levels, in the form of policy_sentry's access-level-overrides.yml")
}

// open returns the catalog that the flags name, with their access levels.
func (f *catalogFlags) open(ctx context.Context) (*catalog.Catalog, error) {
	c, _, err := f.openWithOverrides(ctx)
	return c, err
}

// openWithOverrides is open, and says how many actions have their level from
// the overrides.
func (f *catalogFlags) openWithOverrides(ctx context.Context) (c *catalog.Catalog, overridden int, err error) {
	c, err = f.openFile(ctx)
	if err != nil || f.overrides == "" {
		return c, 0, err
	}
	text, err := readInput(ctx, "access-level overrides", f.overrides, nil)
	if err != nil {
		return nil, 0, err
	}
	levels, err := readOverrides(c, text)
	if err != nil {
		return nil, 0, fmt.Errorf("read access-level overrides %s: %w", f.overrides, err)
	}
	if c, err = c.WithLevels(levels); err != nil {
		return nil, 0, fmt.Errorf("apply access-level overrides %s: %w", f.overrides, err)
	}
	return c, len(levels), nil
}

// name is what the catalog is called in answers.
func (f *catalogFlags) name() string { return cmp.Or(f.file, embeddedCatalog) }

func (f *catalogFlags) openFile(ctx context.Context) (*catalog.Catalog, error) {
	if f.file == "" {
		c, err := catalog.Open()
		if err != nil {
			return nil, fmt.Errorf("open catalog: %w", err)
		}
		return c, nil
	}
	return openCatalogFile(ctx, f.file)
}

// openCatalogFile reads a catalog file.
func openCatalogFile(ctx context.Context, path string) (*catalog.Catalog, error) {
	var data []byte
	err := pause.While(ctx, func() (err error) {
		data, err = os.ReadFile(path)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	c, err := catalog.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("open catalog %s: %w; make one with 'leastwise catalog refresh'", path, err)
	}
	return c, nil
}
