package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/leastwise/leastwise/catalog/risk"
)

// Report is what was found in one account, one document or one directory of
// documents.
type Report struct {
	// Title says what was judged, in a few words.
	Title string
	// Account is the 12-digit account id; empty where the report is of none, or
	// of several.
	Account string
	// ObservedAt is when the account was as it is judged; zero for documents.
	ObservedAt time.Time
	// Catalog names the catalog, and Tool the program that judged.
	Catalog, Tool string
	// Files says that the entities are documents of files: the ID of each is the
	// path of its file.
	Files bool
	// Entities are what was judged, with what was found of each.
	Entities []Entity
	// Findings are all of them, once Sort was called.
	Findings []risk.Finding
	// Paths are the shortest ways to administrator.
	Paths []risk.Path
	// Crossings are principals that may assume roles of other accounts.
	Crossings []risk.Crossing
	// Gaps are what could not be judged.
	Gaps []Gap
	// Titles are those of the rules, by id, for the steps of paths.
	Titles map[string]string
	// Documents hold the policy documents that evidence names, by their hashes.
	Documents map[string][]byte

	added [][]risk.Finding // of each entity
}

// Entity is one thing that was judged.
type Entity struct {
	risk.Entity
	// ServiceLinked says that it is shown and not judged.
	ServiceLinked bool
	// Score is the least-privilege score, 0 to 100; nil where usage is unknown.
	Score *float64
	// Unused are services that it was granted and has not used.
	Unused []risk.UnusedService
	// Excluded is the number of its findings that exclusions left out.
	Excluded int
	// Severities count its findings.
	Severities [risk.SeverityCount]int
	// Distance is the number of steps to administrator; 0 for one that is, and
	// -1 for one that cannot become it.
	Distance int
}

// Gap is something that could not be judged.
type Gap struct {
	What  string `json:"what"` // a noun phrase
	Why   string `json:"why"`  // one sentence
	Count int64  `json:"count,omitempty"`
}

// Add takes what was said of one entity.
func (r *Report) Add(j risk.Judgement) {
	e := Entity{
		Entity: j.Entity, ServiceLinked: j.ServiceLinked, Score: j.Score, Unused: j.Unused, Excluded: j.Excluded, Distance: -1,
	}
	for _, f := range j.Findings {
		if int(f.Severity) < risk.SeverityCount {
			e.Severities[f.Severity]++
		}
	}
	if j.Entity.Kind != KindAccount && len(j.Paths) > 0 {
		e.Distance = j.Paths[0].Length()
	}
	r.Entities = append(r.Entities, e)
	r.added = append(r.added, j.Findings)
	r.Paths = append(r.Paths, j.Paths...)
	r.Crossings = append(r.Crossings, j.Crossings...)
}

// KindAccount is the kind of the account itself, beside those of IAM's entities.
const KindAccount = "account"

// Sort brings everything into the order of reports: the most urgent first, and
// the same for the same input. It is to be called once all was added.
func (r *Report) Sort() {
	r.sortFindings()
	slices.SortStableFunc(r.Entities, func(a, b Entity) int { return compareEntities(&a.Entity, &b.Entity) })
	slices.SortStableFunc(r.Paths, func(a, b risk.Path) int {
		return cmp.Or(cmp.Compare(a.Length(), b.Length()), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	slices.SortStableFunc(r.Crossings, func(a, b risk.Crossing) int { return strings.Compare(a.Principal, b.Principal) })
}

// sortFindings gathers the findings in their order. They are large, so it is
// pointers that move.
func (r *Report) sortFindings() {
	ranks := map[risk.Category]int{}
	for i, c := range risk.Categories() {
		ranks[c] = i
	}
	sorted := make([]*risk.Finding, 0, len(r.Findings)+len(r.added))
	for _, findings := range append([][]risk.Finding{r.Findings}, r.added...) {
		for i := range findings {
			sorted = append(sorted, &findings[i])
		}
	}
	slices.SortStableFunc(sorted, func(a, b *risk.Finding) int {
		if c := cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(ranks[a.Category], ranks[b.Category]), strings.Compare(a.Rule, b.Rule)); c != 0 {
			return c
		}
		return cmp.Or(compareEntities(&a.Entity, &b.Entity), strings.Compare(a.Discriminator, b.Discriminator))
	})
	gathered := make([]risk.Finding, len(sorted))
	for i, f := range sorted {
		gathered[i] = *f
	}
	r.Findings, r.added = gathered, nil
}

func compareEntities(a, b *risk.Entity) int {
	if c := cmp.Or(strings.Compare(a.Account, b.Account), cmp.Compare(kindRank(a.Kind), kindRank(b.Kind)), strings.Compare(a.Name, b.Name)); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(a.ARN, b.ARN), strings.Compare(a.ID, b.ID))
}

// kinds are the kinds of entities in the order in which reports show them.
func kinds() [5]string { return [...]string{KindAccount, "user", "role", "group", "policy"} }

func kindRank(kind string) int {
	known := kinds()
	if i := slices.Index(known[:], kind); i >= 0 {
		return i
	}
	return len(known)
}
