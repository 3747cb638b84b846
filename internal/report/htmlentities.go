package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/count"
)

// entityRow is an entity in the table of all that have something to them.
type entityRow struct {
	entityView
	Counts       []counted // from Critical down
	Distance     string
	DistanceRank int
	Score        string
	ScoreRank    int
}

type unusedView struct {
	Entity   entityView
	Lead     string
	Levels   []string
	Services []serviceView
}

type serviceView struct {
	Name   string
	Partly bool
	LastAt string
	Counts []int
	Tags   []string
}

// entities fills the tables of entities: those with findings, with a way to
// administrator or with a score, and those with unused services.
func (p *page) entities(r *Report) {
	for i := range r.Entities {
		e := &r.Entities[i]
		if len(e.Unused) > 0 {
			p.Unused = append(p.Unused, newUnusedView(e, r.Account))
		}
		if total(&e.Severities) == 0 && e.Distance < 0 && e.Score == nil && (e.Excluded == 0 || e.ServiceLinked) {
			continue
		}
		p.HasPaths = p.HasPaths || e.Distance >= 0
		p.HasScores = p.HasScores || e.Score != nil
		p.Entities = append(p.Entities, newEntityRow(e, r.Account))
	}
	// The worst come first; a reader of paper cannot sort.
	slices.SortStableFunc(p.Entities, func(a, b entityRow) int {
		return cmp.Or(slices.CompareFunc(b.Counts, a.Counts, func(x, y counted) int { return x.N - y.N }), a.DistanceRank-b.DistanceRank)
	})
	if r.Files {
		p.EntitiesTitle, p.EntityColumn = "Policies", "Policy"
	}
}

func newEntityRow(e *Entity, account string) entityRow {
	row := entityRow{entityView: newEntityView(e.Entity, account), Distance: "", DistanceRank: 1 << 20, ScoreRank: 101}
	for s := risk.SeverityCount - 1; s >= 0; s-- {
		row.Counts = append(row.Counts, counted{risk.Severity(s).String(), e.Severities[s]})
	}
	switch {
	case e.Distance == 0:
		row.Distance, row.DistanceRank = "is one", 0
	case e.Distance > 0:
		row.Distance, row.DistanceRank = fmt.Sprint(e.Distance), e.Distance
	}
	if e.Score != nil {
		row.Score, row.ScoreRank = fmt.Sprintf("%.0f", *e.Score), int(*e.Score)
	}
	switch {
	case e.ServiceLinked:
		row.Note = "service-linked"
	case e.Excluded > 0:
		row.Note = count.Of(e.Excluded, "excluded", "excluded")
	}
	return row
}

func newUnusedView(e *Entity, account string) unusedView {
	v := unusedView{Entity: newEntityView(e.Entity, account), Lead: count.Of(len(e.Unused), "service", "services")}
	for l := range catalog.LevelCount {
		v.Levels = append(v.Levels, catalog.Level(l).String())
	}
	for _, u := range e.Unused {
		s := serviceView{Name: u.Service, Partly: u.Partly, LastAt: "never seen", Tags: u.Tags}
		if !u.LastAt.IsZero() {
			s.LastAt = u.LastAt.UTC().Format("2006-01-02")
		}
		for l := range catalog.LevelCount {
			s.Counts = append(s.Counts, int(u.Bound[l])+int(u.Unbound[l]))
		}
		v.Services = append(v.Services, s)
	}
	return v
}
