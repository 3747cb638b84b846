package grafana_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/leastwise/leastwise/grafana"
	"github.com/leastwise/leastwise/grafana/grafanatest"
)

func dashboards(t *testing.T) []grafanatest.Dashboard {
	t.Helper()
	all, err := grafanatest.Dashboards()
	if err != nil || len(all) == 0 {
		t.Fatalf("dashboards: %d, %v", len(all), err)
	}
	return all
}

// panels are the panels that show data.
func panels(d grafanatest.Dashboard) []grafanatest.Panel {
	return slices.DeleteFunc(slices.Clone(d.Panels), func(p grafanatest.Panel) bool { return p.Type == "row" })
}

func TestDashboardsAreDescribed(t *testing.T) {
	t.Parallel()
	uids := make(map[string]string)
	for _, d := range dashboards(t) {
		if d.UID == "" || d.Title == "" || d.Description == "" || d.SchemaVersion < 39 || d.Timezone != "utc" || d.Time.From == "" {
			t.Errorf("%s: uid %q, title %q, description %q, schema %d, timezone %q, from %q",
				d.File, d.UID, d.Title, d.Description, d.SchemaVersion, d.Timezone, d.Time.From)
		}
		if other, taken := uids[d.UID]; taken {
			t.Errorf("%s and %s have the uid %s", d.File, other, d.UID)
		}
		uids[d.UID] = d.File
		titles := make(map[string]bool)
		for _, p := range panels(d) {
			if p.Title == "" || titles[p.Title] || !strings.HasSuffix(p.Description, ".") || p.FieldConfig.Defaults.Unit == "" {
				t.Errorf("%s, panel %d: title %q, description %q, unit %q", d.File, p.ID, p.Title, p.Description, p.FieldConfig.Defaults.Unit)
			}
			titles[p.Title] = true
		}
	}
}

func TestPanelsHaveIDsAndRoom(t *testing.T) {
	t.Parallel()
	const width = 24
	for _, d := range dashboards(t) {
		ids := make(map[int]bool)
		taken := make(map[[2]int]string)
		for _, p := range d.Panels {
			if p.ID <= 0 || ids[p.ID] {
				t.Errorf("%s: %s has the id %d, which is not its own", d.File, p.Title, p.ID)
			}
			ids[p.ID] = true
			g := p.GridPos
			if g.W <= 0 || g.H <= 0 || g.X < 0 || g.Y < 0 || g.X+g.W > width {
				t.Errorf("%s: %s is outside the grid: %+v", d.File, p.Title, g)
			}
			for x := g.X; x < g.X+g.W; x++ {
				for y := g.Y; y < g.Y+g.H; y++ {
					if other, ok := taken[[2]int{x, y}]; ok {
						t.Fatalf("%s: %s covers %s at %d, %d", d.File, p.Title, other, x, y)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	}
}

func TestQueriesAreOfTheProvisionedDataSource(t *testing.T) {
	t.Parallel()
	want := grafanatest.DataSource{Type: provisioned(t).Type, UID: provisioned(t).UID}
	for _, d := range dashboards(t) {
		for _, v := range d.Templating.List {
			if v.DataSource != want || v.Type != "query" || v.Label == "" || !v.IncludeAll || !v.Multi {
				t.Errorf("%s: variable %+v", d.File, v)
			}
		}
		for _, p := range panels(d) {
			if p.DataSource != want || len(p.Targets) == 0 {
				t.Errorf("%s: %s has %d targets of %+v", d.File, p.Title, len(p.Targets), p.DataSource)
			}
			refs := make(map[string]bool)
			for _, target := range p.Targets {
				if target.DataSource != want || target.EditorType != "sql" || target.RefID == "" || refs[target.RefID] {
					t.Errorf("%s: %s: target %+v", d.File, p.Title, target)
				}
				refs[target.RefID] = true
				formats := map[int]string{grafanatest.FormatTimeSeries: "timeseries", grafanatest.FormatTable: "table"}
				if formats[target.Format] != target.QueryType {
					t.Errorf("%s: %s: format %d is not %s", d.File, p.Title, target.Format, target.QueryType)
				}
			}
		}
	}
}

// A panel that ignores the time range or the accounts shows something else than
// the rest of the dashboard.
func TestQueriesFollowRangeAndAccounts(t *testing.T) {
	t.Parallel()
	for _, d := range dashboards(t) {
		for _, p := range panels(d) {
			for _, target := range p.Targets {
				if !strings.Contains(target.RawSQL, "$__conditionalAll(") {
					t.Errorf("%s: %s does not look at $account", d.File, p.Title)
				}
				current := strings.Contains(target.RawSQL, "_current")
				if ranged := strings.Contains(target.RawSQL, "Filter("); ranged == current {
					t.Errorf("%s: %s looks at the time range: %v, at what is current: %v", d.File, p.Title, ranged, current)
				}
			}
		}
	}
}

// source is a data source as it is provisioned.
type source struct {
	Name           string            `yaml:"name"`
	UID            string            `yaml:"uid"`
	Type           string            `yaml:"type"`
	IsDefault      bool              `yaml:"isDefault"`
	JSONData       map[string]any    `yaml:"jsonData"`
	SecureJSONData map[string]string `yaml:"secureJsonData"`
}

func provisioned(t *testing.T) source {
	t.Helper()
	var file struct {
		APIVersion  int      `yaml:"apiVersion"`
		DataSources []source `yaml:"datasources"`
	}
	readYAML(t, "provisioning/datasources/clickhouse.yaml", &file)
	if file.APIVersion != 1 || len(file.DataSources) != 1 {
		t.Fatalf("version %d, %d data sources", file.APIVersion, len(file.DataSources))
	}
	return file.DataSources[0]
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := fs.ReadFile(grafana.Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, into); err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
}

func TestTheDataSourceReadsOnlyAndHoldsNoSecret(t *testing.T) {
	t.Parallel()
	s := provisioned(t)
	want := map[string]any{
		"host": "$LEASTWISE_CLICKHOUSE_HOST", "port": "$LEASTWISE_CLICKHOUSE_PORT", "defaultDatabase": "$LEASTWISE_CLICKHOUSE_DATABASE",
		"protocol": "native", "secure": false, "username": "leastwise_reader", "dialTimeout": "10", "queryTimeout": "60",
	}
	if diff := cmp.Diff(want, s.JSONData); diff != "" {
		t.Errorf("jsonData (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"password": "$LEASTWISE_CLICKHOUSE_READER_PASSWORD"}, s.SecureJSONData); diff != "" {
		t.Errorf("secureJsonData (-want +got):\n%s", diff)
	}
	if !s.IsDefault || s.Type != "grafana-clickhouse-datasource" {
		t.Errorf("data source %+v", s)
	}
}

func TestDashboardsAreProvidedFromTheEnvironment(t *testing.T) {
	t.Parallel()
	var file struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Type           string            `yaml:"type"`
			AllowUIUpdates bool              `yaml:"allowUiUpdates"`
			Options        map[string]string `yaml:"options"`
		} `yaml:"providers"`
	}
	readYAML(t, "provisioning/dashboards/leastwise.yaml", &file)
	if file.APIVersion != 1 || len(file.Providers) != 1 {
		t.Fatalf("%+v", file)
	}
	p := file.Providers[0]
	if p.Type != "file" || p.AllowUIUpdates || p.Options["path"] != "$LEASTWISE_DASHBOARDS" {
		t.Errorf("provider %+v", p)
	}
}

// Whatever the files take from the environment, docker-compose.yml gives.
func TestComposeSetsWhatProvisioningReads(t *testing.T) {
	t.Parallel()
	var compose struct {
		Services map[string]struct {
			Environment map[string]any `yaml:"environment"`
		} `yaml:"services"`
	}
	raw, err := os.ReadFile(filepath.Join("..", "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, &compose); err != nil {
		t.Fatal(err)
	}
	given := slices.Collect(maps.Keys(compose.Services["grafana"].Environment))
	s := provisioned(t)
	read := []string{"$LEASTWISE_DASHBOARDS", s.SecureJSONData["password"]}
	for _, value := range s.JSONData {
		if text, ok := value.(string); ok && strings.HasPrefix(text, "$") {
			read = append(read, text)
		}
	}
	for _, name := range read {
		if !slices.Contains(given, strings.TrimPrefix(name, "$")) {
			t.Errorf("docker-compose.yml does not give Grafana %s", name)
		}
	}
}
