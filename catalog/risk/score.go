package risk

import (
	"math"

	"github.com/leastwise/leastwise/catalog"
)

// excessHalf is the unused permission, in points, that halves a score: twenty-five
// actions that write, on any resource.
const excessHalf = 100

// weights are the points of an unused action on any resource by access level. On
// named resources only it counts half.
func weights() [catalog.LevelCount]float64 {
	return [...]float64{
		catalog.List: 1, catalog.Read: 2, catalog.Tagging: 2, catalog.Write: 4, catalog.PermissionsManagement: 8,
	}
}

// Score is the least-privilege score of a principal with unused permissions: 100
// where everything that it is granted is used, and towards 0 the more is not. With
//
//	excess = sum of weight(level) x (1 on any resource, 1/2 on named ones)
//
// over the unused actions, where weight is 1 for List, 2 for Read and Tagging, 4
// for Write and 8 for Permissions management, it is
//
//	score = 100 x 100 / (100 + excess)
//
// to one decimal. It is made of sets of actions, so the spelling of a policy does
// not matter; it depends on nothing that is used, so that taking away a grant, used
// or not, never lowers it.
func Score(unused []UnusedService) float64 {
	excess := 0.0
	for i := range unused {
		for level, weight := range weights() {
			excess += weight * (float64(unused[i].Unbound[level]) + float64(unused[i].Bound[level])/2)
		}
	}
	return math.Round(1000*excessHalf/(excessHalf+excess)) / 10
}

// mean collects the scores of principals into that of an account: their mean, to
// one decimal.
type mean struct {
	sum   float64
	count int
}

func (m *mean) add(score *float64) {
	if score != nil {
		m.sum += *score
		m.count++
	}
}

func (m *mean) score() *float64 {
	if m.count == 0 {
		return nil
	}
	score := math.Round(10*m.sum/float64(m.count)) / 10
	return &score
}
