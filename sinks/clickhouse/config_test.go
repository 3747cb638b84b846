package clickhouse

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestDefaultConfigIsValid(t *testing.T) {
	t.Parallel()
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func TestFlagsSetEveryField(t *testing.T) {
	t.Parallel()
	c := DefaultConfig()
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	c.AddFlags(fs)
	if err := fs.Parse([]string{"--sink-batch=1", "--sink-workers=2", "--sink-rows=3", "--sink-bytes=4096"}); err != nil {
		t.Fatal(err)
	}
	if want := (Config{Batch: 1, Workers: 2, Rows: 3, Bytes: 4096}); c != want {
		t.Errorf("got %+v, want %+v", c, want)
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	t.Parallel()
	err := Config{Batch: 0, Workers: 65, Rows: -1, Bytes: 10}.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, flag := range []string{"--sink-batch is 0", "--sink-workers is 65", "--sink-rows is -1", "--sink-bytes is 10"} {
		if !strings.Contains(err.Error(), flag) {
			t.Errorf("%q does not say %q", err, flag)
		}
	}
}
