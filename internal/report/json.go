package report

import (
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk"
)

// whole is a report's JSON.
type whole struct {
	Account    string         `json:"account,omitempty"`
	Title      string         `json:"title"`
	ObservedAt time.Time      `json:"observed_at,omitzero"`
	Catalog    string         `json:"catalog"`
	Tool       string         `json:"tool"`
	Summary    Summary        `json:"summary"`
	Findings   []finding      `json:"findings"`
	Paths      []path         `json:"paths"`
	Crossings  []crossing     `json:"crossings,omitempty"`
	Scores     []score        `json:"scores"`
	Unused     []unused       `json:"unused,omitempty"`
	Policies   []PolicyRow    `json:"policies,omitempty"`
	Excluded   []excludedFrom `json:"excluded,omitempty"`
}

// finding is a finding with the key under which its history is kept, and with
// all that readers look for, be it empty.
type finding struct {
	Key string `json:"key"`
	risk.Finding
	Actions  []string        `json:"actions"`
	Evidence []risk.Evidence `json:"evidence"`
}

type path struct {
	From        string `json:"from"`
	To          string `json:"to"`
	Length      int    `json:"length"`
	Conditional bool   `json:"conditional,omitempty"`
	Steps       []step `json:"steps"`
}

type step struct {
	From        string          `json:"from"`
	To          string          `json:"to"`
	Method      string          `json:"method"`
	Actions     []string        `json:"actions,omitempty"`
	Conditional bool            `json:"conditional,omitempty"`
	Note        string          `json:"note,omitempty"`
	Evidence    []risk.Evidence `json:"evidence,omitempty"`
}

type crossing struct {
	Principal string   `json:"principal"`
	Patterns  []string `json:"patterns"`
}

// score is an entity's least-privilege score; null where usage is unknown.
type score struct {
	Entity risk.Entity `json:"entity"`
	Score  *float64    `json:"score"`
	// Distance is the number of steps to administrator; null where there are none.
	Distance *int `json:"steps_to_administrator"`
}

type unused struct {
	Entity   risk.Entity     `json:"entity"`
	Services []unusedService `json:"services"`
}

type unusedService struct {
	Service  string         `json:"service"`
	LastAt   time.Time      `json:"last_at,omitzero"`
	Partly   bool           `json:"partly,omitempty"`
	Bound    map[string]int `json:"bound,omitempty"`
	Unbound  map[string]int `json:"unbound,omitempty"`
	RiskTags []string       `json:"risk_tags,omitempty"`
}

type excludedFrom struct {
	Entity        risk.Entity `json:"entity"`
	Findings      int         `json:"findings,omitempty"`
	ServiceLinked bool        `json:"service_linked,omitempty"`
}

// JSON writes the report as one JSON object.
func (r *Report) JSON(w io.Writer) error {
	v := whole{
		Account: r.Account, Title: r.Title, ObservedAt: r.ObservedAt, Catalog: r.Catalog, Tool: r.Tool,
		Summary: r.Summary(), Findings: make([]finding, len(r.Findings)), Paths: make([]path, len(r.Paths)), Scores: []score{},
		Policies: r.Policies(),
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		v.Findings[i] = finding{Key: f.Key(), Finding: *f, Actions: orEmpty(f.Actions), Evidence: orEmpty(f.Evidence)}
	}
	for i := range r.Paths {
		v.Paths[i] = pathOf(&r.Paths[i])
	}
	for _, c := range r.Crossings {
		v.Crossings = append(v.Crossings, crossing(c))
	}
	for i := range r.Entities {
		v.entity(&r.Entities[i])
	}
	err := json.MarshalWrite(w, &v, jsontext.WithIndent("    "), jsontext.AllowInvalidUTF8(true), json.Deterministic(true), jsonv1.OmitEmptyWithLegacySemantics(true))
	if err == nil {
		_, err = io.WriteString(w, "\n")
	}
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// orEmpty makes a list that JSON has as [] of one that it would have as null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (v *whole) entity(e *Entity) {
	switch e.Kind {
	case KindAccount, "user", "role":
		s := score{Entity: e.Entity, Score: e.Score}
		if e.Distance >= 0 {
			s.Distance = &e.Distance
		}
		v.Scores = append(v.Scores, s)
	}
	if e.Excluded > 0 || e.ServiceLinked {
		v.Excluded = append(v.Excluded, excludedFrom{Entity: e.Entity, Findings: e.Excluded, ServiceLinked: e.ServiceLinked})
	}
	if len(e.Unused) == 0 {
		return
	}
	u := unused{Entity: e.Entity}
	for _, s := range e.Unused {
		u.Services = append(u.Services, unusedService{
			Service: s.Service, LastAt: s.LastAt, Partly: s.Partly, Bound: levels(s.Bound), Unbound: levels(s.Unbound), RiskTags: s.Tags,
		})
	}
	v.Unused = append(v.Unused, u)
}

// levels names the counts by access level that are not 0.
func levels(counts [catalog.LevelCount]uint16) map[string]int {
	var named map[string]int
	for i, n := range counts {
		if n == 0 {
			continue
		}
		if named == nil {
			named = map[string]int{}
		}
		named[catalog.Level(i).String()] = int(n)
	}
	return named
}

func pathOf(p *risk.Path) path {
	out := path{From: p.From, To: p.To, Length: p.Length(), Conditional: p.Conditional, Steps: make([]step, len(p.Steps))}
	for i, s := range p.Steps {
		out.Steps[i] = step{
			From: s.From, To: s.To, Method: s.Method, Actions: s.Actions, Conditional: s.Conditional, Note: s.Note, Evidence: s.Evidence,
		}
	}
	return out
}
