package deploy_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// root is the repository's root, seen from this package.
const root = ".."

// compose is docker-compose.yml, as far as the tests look into it.
type compose struct {
	Services map[string]service `yaml:"services"`
	Networks map[string]struct {
		Internal bool `yaml:"internal"`
	} `yaml:"networks"`
	Volumes map[string]any `yaml:"volumes"`
}

type build struct {
	Context    string `yaml:"context"`
	Dockerfile string `yaml:"dockerfile"`
}

type service struct {
	Image       string             `yaml:"image"`
	Build       build              `yaml:"build"`
	Command     []string           `yaml:"command"`
	Environment map[string]*string `yaml:"environment"`
	Volumes     []string           `yaml:"volumes"`
	Ports       []string           `yaml:"ports"`
	Networks    []string           `yaml:"networks"`
	Restart     string             `yaml:"restart"`
	ReadOnly    bool               `yaml:"read_only"`
	CapDrop     []string           `yaml:"cap_drop"`
	SecurityOpt []string           `yaml:"security_opt"`
	DependsOn   map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	Healthcheck struct {
		Test    []string `yaml:"test"`
		Disable bool     `yaml:"disable"`
	} `yaml:"healthcheck"`
	Deploy struct {
		Resources struct {
			Limits struct {
				CPUs   string `yaml:"cpus"`
				Memory string `yaml:"memory"`
			} `yaml:"limits"`
		} `yaml:"resources"`
	} `yaml:"deploy"`
}

// workers are the services that run leastwise, by the command they run.
func workers() []string {
	return []string{"collect", "migrate", "policy", "process", "schedule", "sink"}
}

func readCompose(t *testing.T) compose {
	t.Helper()
	var c compose
	if err := yaml.Unmarshal(readFile(t, "docker-compose.yml"), &c); err != nil {
		t.Fatalf("read docker-compose.yml: %v", err)
	}
	if len(c.Services) == 0 {
		t.Fatal("docker-compose.yml has no services")
	}
	return c
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestEveryWorkerIsAServiceOfTheOneImage(t *testing.T) {
	t.Parallel()
	c := readCompose(t)
	want := append(workers(), "clickhouse", "grafana", "nats")
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(c.Services))); diff != "" {
		t.Fatalf("services (-want +got):\n%s", diff)
	}
	image := c.Services["collect"].Image
	for _, name := range workers() {
		s := c.Services[name]
		if diff := cmp.Diff([]string{name}, s.Command); diff != "" {
			t.Errorf("%s runs another command (-want +got):\n%s", name, diff)
		}
		if s.Image != image {
			t.Errorf("%s has another image: %q", name, s.Image)
		}
	}
}

// Services that are built at once and write the same tag get in each other's way.
func TestTheImageIsBuiltByOneService(t *testing.T) {
	t.Parallel()
	built := map[string]build{}
	for name, s := range readCompose(t).Services {
		if s.Build != (build{}) {
			built[name] = s.Build
		}
	}
	if diff := cmp.Diff(map[string]build{"migrate": {Context: ".", Dockerfile: "deploy/Dockerfile"}}, built); diff != "" {
		t.Errorf("built services (-want +got):\n%s", diff)
	}
}

func TestServicesAreHardenedAndBounded(t *testing.T) {
	t.Parallel()
	for name, s := range readCompose(t).Services {
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: read_only %v, cap_drop %v, security_opt %v", name, s.ReadOnly, s.CapDrop, s.SecurityOpt)
		}
		if limits := s.Deploy.Resources.Limits; limits.CPUs == "" || limits.Memory == "" {
			t.Errorf("%s has no limits: %+v", name, limits)
		}
		wantRestart := "unless-stopped"
		if name == "migrate" {
			wantRestart = "on-failure"
		}
		if s.Restart != wantRestart {
			t.Errorf("%s restarts %q, want %q", name, s.Restart, wantRestart)
		}
		if ends := name == "migrate"; s.Healthcheck.Disable != ends || (len(s.Healthcheck.Test) == 0) != ends && !ends {
			t.Errorf("%s: healthcheck %+v", name, s.Healthcheck)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s publishes %s beyond this machine", name, port)
			}
		}
	}
}

func TestWorkersStartAfterTheMigration(t *testing.T) {
	t.Parallel()
	c := readCompose(t)
	const healthy, done = "service_healthy", "service_completed_successfully"
	for name, want := range map[string]map[string]string{
		"migrate":  {"nats": healthy, "clickhouse": healthy},
		"schedule": {"nats": healthy, "migrate": done},
		"collect":  {"nats": healthy, "migrate": done},
		"process":  {"nats": healthy, "migrate": done},
		"policy":   {"nats": healthy, "migrate": done},
		"sink":     {"nats": healthy, "clickhouse": healthy, "migrate": done},
		"grafana":  {"clickhouse": healthy, "migrate": done},
	} {
		got := make(map[string]string)
		for dependency, d := range c.Services[name].DependsOn {
			got[dependency] = d.Condition
			if d.Condition == healthy && len(c.Services[dependency].Healthcheck.Test) == 0 {
				t.Errorf("%s waits for the health of %s, which has no check", name, dependency)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Each worker gets what it needs and no more: no policy service holds AWS keys,
// and only the migration is ClickHouse's administrator.
func TestWorkersHoldOnlyTheirOwnSecrets(t *testing.T) {
	t.Parallel()
	c := readCompose(t)
	for _, name := range workers() {
		env := c.Services[name].Environment
		if url := env["LEASTWISE_NATS_URL"]; url == nil || !strings.HasSuffix(*url, "@nats:4222") {
			t.Errorf("%s: LEASTWISE_NATS_URL is %v", name, url)
		}
		user := map[string]string{"migrate": "leastwise_admin", "sink": "leastwise_writer"}[name]
		dsn := env["LEASTWISE_CLICKHOUSE_DSN"]
		switch {
		case user == "" && dsn != nil:
			t.Errorf("%s has a ClickHouse DSN", name)
		case user != "" && (dsn == nil || !strings.HasPrefix(*dsn, "clickhouse://"+user+":") || !strings.HasSuffix(*dsn, "@clickhouse:9000/leastwise")):
			t.Errorf("%s: LEASTWISE_CLICKHOUSE_DSN is %v, want user %s", name, dsn, user)
		}
		reads := name == "schedule" || name == "collect"
		if _, keys := env["AWS_ACCESS_KEY_ID"]; keys != reads {
			t.Errorf("%s has AWS credentials: %v", name, keys)
		}
		if outside := slices.Contains(c.Services[name].Networks, "edge"); outside != reads {
			t.Errorf("%s reaches the outside: %v", name, outside)
		}
	}
	if !c.Networks["backend"].Internal {
		t.Error("the backend network is not internal")
	}
}

// variable is a reference to the environment: ${NAME}, ${NAME:-default} or
// ${NAME:?message}.
var variable = regexp.MustCompile(`\$\{([A-Z_]+)(:[-?][^}]*)?\}`)

func TestNoSecretIsInTheFile(t *testing.T) {
	t.Parallel()
	for name, s := range readCompose(t).Services {
		for key, value := range s.Environment {
			if value == nil {
				continue
			}
			secret := strings.Contains(key, "PASSWORD") || strings.Contains(*value, "@") && strings.Contains(*value, "://")
			refs := variable.FindAllStringSubmatch(*value, -1)
			if secret && (len(refs) != 1 || !strings.HasPrefix(refs[0][2], ":?")) {
				t.Errorf("%s: %s is not taken from a variable that must be set: %s", name, key, *value)
			}
		}
	}
}

func TestEnvExampleNamesEveryVariable(t *testing.T) {
	t.Parallel()
	used := make(map[string]bool)
	for _, ref := range variable.FindAllStringSubmatch(string(readFile(t, "docker-compose.yml")), -1) {
		used[ref[1]] = true
	}
	for _, s := range readCompose(t).Services {
		for key, value := range s.Environment {
			if value == nil {
				used[key] = true
			}
		}
	}
	var offered []string
	for _, m := range regexp.MustCompile(`(?m)^#?([A-Z_]+)=`).FindAllStringSubmatch(string(readFile(t, ".env.example")), -1) {
		offered = append(offered, m[1])
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(used)), slices.Sorted(slices.Values(offered))); diff != "" {
		t.Errorf("variables (-docker-compose.yml +.env.example):\n%s", diff)
	}
}

func TestMountedFilesExist(t *testing.T) {
	t.Parallel()
	c := readCompose(t)
	for name, s := range c.Services {
		for _, volume := range s.Volumes {
			source, rest, _ := strings.Cut(volume, ":")
			if _, named := c.Volumes[source]; named {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, source)); err != nil {
				t.Errorf("%s mounts what is not there: %v", name, err)
			}
			if !strings.HasSuffix(rest, ":ro") {
				t.Errorf("%s could change %s", name, source)
			}
		}
	}
}

// composeCommand finds a docker-compose of either generation.
func composeCommand(t *testing.T) []string {
	t.Helper()
	for _, command := range [][]string{{"docker-compose"}, {"docker", "compose"}} {
		if exec.CommandContext(t.Context(), command[0], append(command[1:], "version")...).Run() == nil {
			return command
		}
	}
	t.Skip("no docker-compose here")
	return nil
}

func TestDockerComposeTakesTheFile(t *testing.T) {
	t.Parallel()
	command := composeCommand(t)
	config := func(env string) (string, error) {
		file := filepath.Join(t.TempDir(), "env")
		if err := os.WriteFile(file, []byte(env), 0o600); err != nil {
			t.Fatal(err)
		}
		args := append(slices.Clone(command[1:]), "--env-file", file, "config")
		cmd := exec.CommandContext(t.Context(), command[0], args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	env := makeEnv(t)
	out, err := config(env)
	if err != nil {
		t.Errorf("docker-compose config: %v\n%s", err, out)
	}
	if out, err := config(strings.Replace(env, "LEASTWISE_NATS_PASSWORD=", "OTHER=", 1)); err == nil || !strings.Contains(out, "set it in .env") {
		t.Errorf("docker-compose config without a password: %v\n%s", err, out)
	}
}

// makeEnv runs env.sh.
func makeEnv(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "env.sh").Output()
	if err != nil {
		t.Fatalf("run env.sh: %v", err)
	}
	return string(out)
}

func TestEnvScriptMakesADifferentPasswordForEach(t *testing.T) {
	t.Parallel()
	passwords := make(map[string]bool)
	n := 0
	for _, m := range regexp.MustCompile(`(?m)^[A-Z_]+_PASSWORD=(.*)$`).FindAllStringSubmatch(makeEnv(t)+makeEnv(t), -1) {
		if !regexp.MustCompile(`^[0-9a-f]{48}$`).MatchString(m[1]) {
			t.Errorf("a password is %q", m[1])
		}
		passwords[m[1]] = true
		n++
	}
	if n != 12 || len(passwords) != n {
		t.Errorf("%d passwords, %d of them different, want 12", n, len(passwords))
	}
}
