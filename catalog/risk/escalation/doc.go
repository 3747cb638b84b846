// Package escalation finds the shortest way from each principal of an account
// to administrator.
//
// It owns a graph of "can become" that is never written down as edges. Principals
// that can do the same share a Way: how (a method), what the target has to be
// (labels), and which ARNs are within reach. A target is matched with the ways
// that lead to it, so that an account where every role may assume every role
// costs one way and not a hundred million edges. Paths are searched breadth-first
// and backwards, from administrators: whoever can become one of those found so
// far is found in turn, once, and a way whose members are all found is looked at
// no more.
//
// It does not know policies, actions or rules. Package risk reads those, decides
// what a method needs, and gives names to labels and methods.
package escalation
