// Package count writes numbers with their nouns.
package count

import "fmt"

// Of writes a number with its noun: "1 account", "2 accounts".
func Of[N int | int64 | uint64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Kind writes a number with a kind of entity: "1 policy", "2 policies".
func Kind[N int | int64 | uint64](n N, kind string) string {
	if kind == "policy" {
		return Of(n, kind, "policies")
	}
	return Of(n, kind, kind+"s")
}
