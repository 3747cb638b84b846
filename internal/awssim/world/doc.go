// Package world is the state of a simulated AWS organization: which users,
// groups, roles and policies each account has on each day, and how they were
// used. It knows nothing of HTTP; package awssim serves it.
//
// Nothing is stored. What an entity looks like is a pure function of the seed,
// the account, the entity's slot and the day, computed by hashing, so an
// account with 100,000 roles or a year of days costs no memory. Two worlds of
// one configuration are equal, and any day can be visited in any order.
//
// A slot is a place for an entity. Generations of entities follow one another
// in it with vacancies between; every generation has its own unique id, while
// two generations in a row share their name, so ARNs come back with new ids as
// they do in AWS when an entity is deleted and created anew.
//
// Days start at Config.Start, in steps of 24 hours. Whatever is seen on a day
// happened before that day began, so no timestamp ever lies in the future.
//
// The only thing kept is an index per account and day, a few bytes per slot:
// how many principals a policy is attached to, and which slot has a given name.
// The most recently used ones are cached.
//
// The exported structs are also the oracle of the end-to-end tests: the wire
// handlers render them, and a test can fold them independently.
package world
