package grafanatest

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/leastwise/leastwise/grafana"
)

// Dashboard is a dashboard's JSON, as far as it is checked.
type Dashboard struct {
	File          string `json:"-"`
	UID           string `json:"uid"`
	Title         string `json:"title"`
	Description   string `json:"description"`
	SchemaVersion int    `json:"schemaVersion"`
	Timezone      string `json:"timezone"`
	Time          struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"time"`
	Templating struct {
		List []Variable `json:"list"`
	} `json:"templating"`
	Panels []Panel `json:"panels"`
}

// Variable is a template variable.
type Variable struct {
	Name       string     `json:"name"`
	Label      string     `json:"label"`
	Type       string     `json:"type"`
	DataSource DataSource `json:"datasource"`
	Query      string     `json:"query"`
	IncludeAll bool       `json:"includeAll"`
	Multi      bool       `json:"multi"`
}

// DataSource says where a panel or a variable gets its data from.
type DataSource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// Panel is a panel, or a row of panels.
type Panel struct {
	ID          int        `json:"id"`
	Type        string     `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	DataSource  DataSource `json:"datasource"`
	GridPos     struct {
		X int `json:"x"`
		Y int `json:"y"`
		W int `json:"w"`
		H int `json:"h"`
	} `json:"gridPos"`
	FieldConfig struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
		Overrides []struct {
			Matcher struct {
				ID      string `json:"id"`
				Options any    `json:"options"`
			} `json:"matcher"`
		} `json:"overrides"`
	} `json:"fieldConfig"`
	Options struct {
		XField string `json:"xField"`
		SortBy []struct {
			DisplayName string `json:"displayName"`
		} `json:"sortBy"`
	} `json:"options"`
	Targets []Target `json:"targets"`
}

// Target is one query of a panel.
type Target struct {
	RefID      string     `json:"refId"`
	DataSource DataSource `json:"datasource"`
	EditorType string     `json:"editorType"`
	QueryType  string     `json:"queryType"`
	Format     int        `json:"format"`
	RawSQL     string     `json:"rawSql"`
}

// The values of Target.Format that the dashboards use.
const (
	FormatTimeSeries = 0
	FormatTable      = 1
)

// Dashboards reads every dashboard of the project.
func Dashboards() ([]Dashboard, error) {
	names, err := fs.Glob(grafana.Files(), "dashboards/*.json")
	if err != nil {
		return nil, err
	}
	var all []Dashboard
	for _, name := range names {
		raw, err := fs.ReadFile(grafana.Files(), name)
		if err != nil {
			return nil, fmt.Errorf("read dashboard %s: %w", name, err)
		}
		d := Dashboard{File: name}
		if err := json.Unmarshal(raw, &d); err != nil {
			return nil, fmt.Errorf("read dashboard %s: %w", name, err)
		}
		all = append(all, d)
	}
	return all, nil
}

// columns are the columns that the panel's configuration names.
func (p Panel) columns() []string {
	var names []string
	for _, o := range p.FieldConfig.Overrides {
		if name, ok := o.Matcher.Options.(string); ok && o.Matcher.ID == "byName" {
			names = append(names, name)
		}
	}
	for _, s := range p.Options.SortBy {
		names = append(names, s.DisplayName)
	}
	if p.Options.XField != "" {
		names = append(names, p.Options.XField)
	}
	return names
}
