package risk

import (
	_ "embed"
	"io"

	"github.com/leastwise/leastwise/catalog"
)

// Load reads the embedded rules over the actions of a catalog.
func Load(c *catalog.Catalog) (*Rules, error) { return &Rules{catalog: c}, nil }

// Read reads a rule file of a user's own. Its rules come on top of base, and one
// with the id of one of base takes its place; the file's `disabled` ids are left
// out. A file that says `replace: true` stands alone. An error is Faults: all that
// is wrong with the file.
func Read(base *Rules, name string, r io.Reader) (*Rules, error) { return base, nil }
