package main

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/catalog"
)

// catalogFlags say which catalog a command answers from: the embedded one,
// unless told otherwise.
type catalogFlags struct {
	// file is a catalog file, as 'leastwise catalog refresh' writes; empty for
	// the embedded catalog.
	file string
}

func (f *catalogFlags) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&f.file, "catalog", f.file, "catalog `FILE` of 'leastwise catalog refresh' to use in place of the embedded one")
}

// open returns the catalog that the flags name.
func (f *catalogFlags) open() (*catalog.Catalog, error) {
	if f.file == "" {
		c, err := catalog.Open()
		if err != nil {
			return nil, fmt.Errorf("open catalog: %w", err)
		}
		return c, nil
	}
	return openCatalogFile(f.file)
}

// openCatalogFile reads a catalog file.
func openCatalogFile(path string) (*catalog.Catalog, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	c, err := catalog.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("open catalog %s: %w; make one with 'leastwise catalog refresh'", path, err)
	}
	return c, nil
}
