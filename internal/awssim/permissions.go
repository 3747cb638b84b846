package awssim

import (
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// permissions remembers what identities may do: who calls, calls often, and what
// it may do is the same for a whole day.
type permissions struct{ known *lru.Cache[permission, bool] }

// permission is a question that has one answer.
type permission struct {
	principal        string // ARN
	day              int
	action, resource string
}

// knownPermissions is how many answers are remembered, at some 200 bytes each: ten
// for each of the accounts of an organization of some hundreds.
const knownPermissions = 1 << 12

func newPermissions() (permissions, error) {
	known, err := lru.New[permission, bool](knownPermissions)
	return permissions{known}, err
}

// may is identity.may, worked out once.
func (p permissions) may(who *identity, day world.Day, action, resource string) bool {
	key := permission{who.principal, day.Number(), action, resource}
	if answer, known := p.known.Get(key); known {
		return answer
	}
	answer := who.may(day, action, resource)
	p.known.Add(key, answer)
	return answer
}
