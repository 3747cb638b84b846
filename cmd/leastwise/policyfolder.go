package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/collectors/aws"
)

// policyFolder writes the policies of one account, in policy_sentry's layout.
type policyFolder struct {
	dir   string
	force bool
	// names are those written, in lower case: not every file system tells
	// cases apart.
	names        map[string]string
	wrote, there int
}

func newPolicyFolder(output, account string, force bool) *policyFolder {
	return &policyFolder{dir: filepath.Join(output, account), force: force, names: map[string]string{}}
}

// write writes one policy, unless its file is there with the same content.
func (f *policyFolder) write(ctx context.Context, p aws.ManagedPolicy) error {
	kind := "customer-managed"
	if p.AWSManaged {
		kind = "aws-managed"
	}
	path := filepath.Join(f.dir, kind, fileName(p.Name)+".json")
	if other, taken := f.names[strings.ToLower(path)]; taken {
		return fmt.Errorf("write policy %s: its file would be that of %s", p.ARN, other)
	}
	f.names[strings.ToLower(path)] = p.ARN
	var text bytes.Buffer
	if err := json.Indent(&text, bytes.TrimSpace(p.Document), "", "    "); err != nil {
		return fmt.Errorf("write policy %s: its document is no JSON: %w", p.ARN, err)
	}
	text.WriteByte('\n')
	old, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(old, text.Bytes()):
		f.there++
		return nil
	case err == nil && !f.force:
		return fmt.Errorf("write policy %s: %s exists with another content; --force overwrites it", p.ARN, path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("write policy %s: %w", p.ARN, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("write policy %s: %w", p.ARN, err)
	}
	if err := writeAtomically(ctx, path, text.Bytes()); err != nil {
		return fmt.Errorf("write policy %s: %w", p.ARN, err)
	}
	f.wrote++
	return nil
}

// maxFileName leaves room for an extension in the 255 bytes that file systems
// take. The names of IAM have 128 characters at most.
const maxFileName = 200

// fileName makes a file's name of a policy's, a different one of each. IAM's own
// names stay as they are, but for those that hide a file or that Windows keeps
// for itself; every other byte becomes its number, as in a URL.
func fileName(policy string) string {
	var name strings.Builder
	for i := range len(policy) {
		switch c := policy[i]; {
		case c == '.' && i == 0, !isNameByte(c):
			fmt.Fprintf(&name, "%%%02X", c)
		default:
			name.WriteByte(c)
		}
	}
	out := name.String()
	if isDevice(out) {
		out = fmt.Sprintf("%%%02X%s", out[0], out[1:])
	}
	if out == "" || len(out) > maxFileName {
		sum := sha256.Sum256([]byte(policy))
		out = out[:min(len(out), maxFileName)] + "%" + hex.EncodeToString(sum[:8])
	}
	return out
}

// isNameByte reports whether a byte may be in the name of a policy, by IAM's
// pattern [\w+=,.@-]+ (API reference, CreatePolicy).
func isNameByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("_+=,.@-", c) >= 0
}

// isDevice reports whether Windows takes a name for a device, which it does
// whatever its extension is.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	if len(stem) == 4 && (strings.HasPrefix(stem, "com") || strings.HasPrefix(stem, "lpt")) {
		return stem[3] >= '1' && stem[3] <= '9'
	}
	return slices.Contains([]string{"con", "prn", "aux", "nul"}, stem)
}
