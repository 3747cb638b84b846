package world

import (
	"fmt"
	"math/bits"
	"strconv"
)

// draw is a node in the tree of all random decisions. Its children are named
// by a purpose and numbers, so decisions are independent of one another and of
// the order in which they are asked for.
type draw uint64

// purpose names a decision, so that no two decisions share their randomness.
type purpose uint64

const (
	forOrganization purpose = iota + 1
	forAccount
	forAccountID
	forScale
	forTrend
	forCampaign
	forSlot
	forPeriod
	forPhase
	forGeneration
	forIdentity
	forArchetype
	forGap
	forSnap
	forAge
	forID
	forName
	forPath
	forEpoch
	forAWSPolicy
	forCustomerPolicy
	forInline
	forBoundary
	forTrust
	forTag
	forGroup
	forHabit
	forStop
	forService
	forAction
	forSecond
	forRegion
	forTemplate
	forEdit
	forRollback
	forPassword
	forMFA
	forKey
	forPartner
	forAlias
	forRoot
	forUnit
	forControl
)

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable
// pseudorandom number generators, 2014).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// of returns the child of d that decides about p and the numbers n.
func (d draw) of(p purpose, n ...int) draw {
	h := mix(uint64(d) ^ mix(uint64(p)))
	for _, v := range n {
		h = mix(h ^ mix(uint64(v)))
	}
	return draw(h)
}

// below returns a number in [0, n); 0 when n is not positive.
func (d draw) below(n int) int {
	if n <= 0 {
		return 0
	}
	hi, _ := bits.Mul64(uint64(d), uint64(n))
	return int(hi)
}

// between returns a number in [lo, hi).
func (d draw) between(lo, hi int) int { return lo + d.below(hi-lo) }

// chance is true for the given percentage of draws.
func (d draw) chance(percent int) bool { return d.below(100) < percent }

// stretch is one of the equal parts that time is divided into: the n-th, of
// the days in [since, until).
type stretch struct{ n, since, until int }

// epoch divides time into stretches of one length, drawn from [lo, hi) days,
// and returns the one that day lies in.
func (d draw) epoch(day, lo, hi int) stretch {
	length := d.of(forPeriod).between(lo, hi)
	phase := d.of(forPhase).below(length)
	n := floorDiv(day+phase, length)
	return stretch{n: n, since: n*length - phase, until: (n+1)*length - phase}
}

// token appends n characters of alphabet to prefix.
func (d draw) token(prefix, alphabet string, n int) string {
	out := make([]byte, 0, len(prefix)+n)
	out = append(out, prefix...)
	for i := range n {
		out = append(out, alphabet[d.of(forID, i).below(len(alphabet))])
	}
	return string(out)
}

// The alphabets of the identifiers that AWS hands out.
const (
	hexDigits  = "0123456789abcdef"
	base32     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	base36     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowerAlnum = "0123456789abcdefghijklmnopqrstuvwxyz"
)

// uniqueID returns an IAM unique id: a four-letter prefix that says what it
// names (AIDA user, AGPA group, AROA role, ANPA policy, AIPA instance profile)
// and 17 further characters.
func (d draw) uniqueID(prefix string) string { return d.token(prefix, base32, 17) }

// uuid returns a random UUID (RFC 9562, version 4).
func (d draw) uuid() string {
	hi, lo := uint64(d.of(forID, 0)), uint64(d.of(forID, 1))
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xfff, lo>>48&0x3fff|0x8000, lo&0xffffffffffff)
}

// octet returns a number that can be the last of a host's IP address.
func octet(d draw) string { return strconv.Itoa(d.between(1, 255)) }

// pick returns one of the values.
func pick[T any](d draw, values []T) T { return values[d.below(len(values))] }

// floorDiv divides rounding towards negative infinity; b is positive.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// floorMod is the remainder that belongs to floorDiv, in [0, b).
func floorMod(a, b int) int { return a - floorDiv(a, b)*b }
