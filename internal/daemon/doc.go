// Package daemon runs a process's services: it starts them in order, stops them
// in reverse with a bound, and serves health and metrics over HTTP.
package daemon
