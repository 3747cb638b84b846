package deploy_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pinned is an image with a version of at least two numbers.
var pinned = regexp.MustCompile(`^[a-z0-9./-]+:[0-9]+\.[0-9]+[a-z0-9.-]*$`)

func TestImagesArePinned(t *testing.T) {
	t.Parallel()
	for name, s := range readCompose(t).Services {
		if slices.Contains(workers(), name) {
			continue
		}
		if !pinned.MatchString(s.Image) {
			t.Errorf("%s runs %s, which names no version", name, s.Image)
		}
	}
	bases := regexp.MustCompile(`(?m)^FROM (?:--platform=\S+ )?(\S+)`).FindAllStringSubmatch(string(readFile(t, "deploy/Dockerfile")), -1)
	if len(bases) < 2 {
		t.Fatal("the Dockerfile has fewer than two stages")
	}
	for _, base := range bases {
		if base[1] != "scratch" && !pinned.MatchString(base[1]) {
			t.Errorf("the Dockerfile builds on %s, which names no version", base[1])
		}
	}
	if last := bases[len(bases)-1][1]; last != "scratch" {
		t.Errorf("the image is based on %s, want scratch", last)
	}
}

func TestGrafanasPluginIsPinned(t *testing.T) {
	t.Parallel()
	plugins := readCompose(t).Services["grafana"].Environment["GF_PLUGINS_PREINSTALL_SYNC"]
	if plugins == nil || !regexp.MustCompile(`^grafana-clickhouse-datasource@\d+\.\d+\.\d+$`).MatchString(*plugins) {
		t.Errorf("GF_PLUGINS_PREINSTALL_SYNC is %v", plugins)
	}
}

// The versions that tests run on are those that run in production.
func TestImagesAreOfTheVersionsThatAreTested(t *testing.T) {
	t.Parallel()
	module := string(readFile(t, "go.mod"))
	find := func(text, pattern string) string {
		m := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("no match for %s", pattern)
		}
		return m[1]
	}
	server := find(module, `github.com/nats-io/nats-server/v2 v(\S+)`)
	if got := readCompose(t).Services["nats"].Image; got != "nats:"+server+"-alpine" {
		t.Errorf("nats runs %s, the tests run on %s", got, server)
	}
	language := find(module, `(?m)^go (\d+\.\d+)`)
	if got := find(string(readFile(t, "deploy/Dockerfile")), `golang:(\S+)`); !strings.HasPrefix(got, language+".") {
		t.Errorf("the image is built with Go %s, go.mod asks for %s", got, language)
	}
}

func TestTheImageRunsLeastwiseAsNobody(t *testing.T) {
	t.Parallel()
	dockerfile := string(readFile(t, "deploy/Dockerfile"))
	for _, want := range []string{
		"CGO_ENABLED=0", "-trimpath", "ca-certificates.crt", "\nUSER 65532:65532\n", "\nENTRYPOINT [\"/leastwise\"]\n",
	} {
		if !strings.Contains(dockerfile, want) {
			t.Errorf("the Dockerfile lacks %q", want)
		}
	}
	for name, s := range readCompose(t).Services {
		if slices.Contains(workers(), name) && name != "migrate" && s.Healthcheck.Test[1] != "/bin/wget" {
			t.Errorf("%s checks its health with %v, which is not in the image", name, s.Healthcheck.Test)
		}
	}
}
