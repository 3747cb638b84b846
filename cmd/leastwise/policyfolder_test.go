package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/collectors/aws"
)

func TestFileNamesAreSafeWhateverThePolicyIsCalled(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ReadOnly_2+a=b,c.d@e-f": "ReadOnly_2+a=b,c.d@e-f",
		".hidden":                "%2Ehidden",
		"..":                     "%2E.",
		"../../etc/passwd":       "%2E.%2F..%2Fetc%2Fpasswd",
		`a\b:c*`:                 "a%5Cb%3Ac%2A",
		"a%2Fb":                  "a%252Fb",
		"rôle":                   "r%C3%B4le",
		"nul":                    "%6Eul",
		"Con.x":                  "%43on.x",
		"LPT1":                   "%4CPT1",
		"com0":                   "com0",
		"console":                "console",
		"\x00\n":                 "%00%0A",
		"":                       "%e3b0c44298fc1c14",
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	long := fileName(strings.Repeat("é", 400))
	if len(long) > 230 || long == fileName(strings.Repeat("é", 401)) {
		t.Errorf("%d bytes: %s", len(long), long)
	}
}

func FuzzFileName(f *testing.F) {
	for _, name := range []string{"a", "..", "CON", "%41", "A", "\xff"} {
		f.Add(name, "b")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := fileName(a), fileName(b)
		if a != b && x == y {
			t.Errorf("%q and %q are both %q", a, b, x)
		}
		if x == "" || len(x) > 240 || strings.HasPrefix(x, ".") || strings.ContainsAny(x, "/\\:*?\"<>|\x00") || filepath.Base(x) != x {
			t.Errorf("%q becomes %q", a, x)
		}
	})
}

func TestPoliciesOfOneFileAreToldApart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := newPolicyFolder(dir, "111122223333", true)
	for _, p := range []struct {
		policy aws.ManagedPolicy
		want   string
	}{
		{aws.ManagedPolicy{ARN: "arn:1", Name: "Same", Document: []byte(` {"b": 1, "a": "<&>"} `)}, ""},
		{aws.ManagedPolicy{ARN: "arn:2", Name: "same", Document: []byte(`{}`)}, "its file would be that of arn:1"},
		{aws.ManagedPolicy{ARN: "arn:3", Name: "Same", AWSManaged: true, Document: []byte(`{}`)}, ""},
		{aws.ManagedPolicy{ARN: "arn:4", Name: "Odd", Document: []byte(`%7B`)}, "its document is no JSON"},
	} {
		err := folder.write(t.Context(), p.policy)
		if p.want == "" && err != nil || p.want != "" && (err == nil || !strings.Contains(err.Error(), p.want) || !strings.Contains(err.Error(), p.policy.ARN)) {
			t.Errorf("%s: %v", p.policy.ARN, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "111122223333", "customer-managed", "Same.json"))
	if err != nil || string(text) != "{\n    \"b\": 1,\n    \"a\": \"<&>\"\n}\n" {
		t.Errorf("%q, %v", text, err)
	}
	if folder.wrote != 2 || folder.there != 0 {
		t.Errorf("wrote %d, %d there", folder.wrote, folder.there)
	}
}

// What fails halfway leaves the file of the last time, and links stay what they are.
func TestFilesAreReplacedOnlyByWholeOnes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a.json"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(path, []byte("old"), 0o600), os.Symlink("a.json", link)); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("halfway")
	err := replaceFile(t.Context(), path, 0o600, func(w io.Writer) error {
		_, err := io.WriteString(w, "ne")
		return errors.Join(err, broken)
	})
	if text, _ := os.ReadFile(path); !errors.Is(err, broken) || string(text) != "old" {
		t.Errorf("%v: %s", err, text)
	}
	if err := writeAtomically(t.Context(), link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	target, err := os.Readlink(link)
	if text, _ := os.ReadFile(path); err != nil || target != "a.json" || string(text) != "new" {
		t.Errorf("%s, %v: %s", target, err, text)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestPipesAreWrittenTo(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := exec.CommandContext(t.Context(), "mkfifo", pipe).Run(); err != nil {
		t.Skipf("there are no pipes here: %v", err)
	}
	read := make(chan string)
	go func() {
		text, _ := os.ReadFile(pipe)
		read <- string(text)
	}()
	if err := writeAtomically(t.Context(), pipe, []byte("through")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode().Type() != os.ModeNamedPipe {
		t.Fatalf("the pipe became %v, %v", info, err)
	}
	if got := <-read; got != "through" {
		t.Errorf("got %q", got)
	}
}

func TestFilesAreWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	for _, text := range []string{"one", "two"} {
		if err := writeAtomically(t.Context(), path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	taken := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, "by a directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeAtomically(t.Context(), taken, []byte("x")); err == nil {
		t.Error("a directory was replaced")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
