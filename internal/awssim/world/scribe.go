package world

import "math/bits"

// scribe spells out the texts of one entity. It works out a variable when a
// text first needs it.
type scribe struct {
	r      resident
	values values
	filled uint32
}

// scribe returns a scribe that knows what all of the account's entities share.
func (r resident) scribe() *scribe {
	return &scribe{r: r, values: r.day.account.values, filled: 1<<varService - 1}
}

// document renders a policy document.
func (s *scribe) document(t text) []byte {
	s.fill(t.needs)
	size := 0
	for _, p := range t.parts {
		size += len(p.literal) + len(s.values[p.v])
	}
	return t.render(make([]byte, 0, size), &s.values)
}

// string renders a name or a path.
func (s *scribe) string(t text) string {
	if len(t.parts) == 1 {
		return t.parts[0].literal
	}
	return string(s.document(t))
}

// get returns the value of a variable.
func (s *scribe) get(v variable) string {
	s.fill(1 << v)
	return s.values[v]
}

func (s *scribe) fill(needs uint32) {
	for missing := needs &^ s.filled; missing != 0; missing = needs &^ s.filled {
		v := variable(bits.TrailingZeros32(missing))
		s.filled |= 1 << v
		s.set(v)
	}
}

// set works out a variable of the entity.
func (s *scribe) set(v variable) {
	vocabulary := &s.r.day.account.world.tables.vocabulary
	d := s.r.identity.of(forName, int(v))
	switch v {
	case varApp, varComponent, varEnv, varSerial:
		vocabulary.placeApp(s.r.ordinal, &s.values)
		s.filled |= 1<<varApp | 1<<varComponent | 1<<varEnv | 1<<varSerial
	case varFirst, varLast, varTwin:
		vocabulary.placePerson(s.r.ordinal, &s.values)
		s.filled |= 1<<varFirst | 1<<varLast | 1<<varTwin
	case varService:
		if s.r.kind != nil {
			s.values[v] = s.r.kind.service
		}
	case varStack:
		s.values[v] = d.token("", base36, 12)
	case varTeam:
		s.values[v] = pick(d, vocabulary.teams)
	case varPermSet:
		s.values[v] = d.token("", hexDigits, 16)
	case varCluster:
		s.values[v] = s.r.day.account.draw.of(forName).token("", base36, 32)
	case varUUID:
		s.values[v] = d.uuid()
	case varOrphan:
		s.values[v] = d.token("", base32, 17)
	case varOctet:
		s.values[v] = octet(s.r.gen.of(forName))
	case varVendor:
		s.values[v] = pick(d, vocabulary.vendors)
	case varPartner:
		s.values[v] = s.r.partner()
	}
}

// partner is the id of another active account, or of the account itself when it is alone.
func (r resident) partner() string {
	w := r.day.account.world
	i := r.day.account.index
	if n := w.cfg.Accounts; n > 1 {
		i = (i + 1 + r.identity.of(forPartner).below(n-1)) % n
	}
	return w.accountID(i)
}
