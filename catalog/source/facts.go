package source

import (
	"time"

	"github.com/leastwise/leastwise/catalog"
)

// Facts are everything that a catalog file holds. Order does not matter.
type Facts struct {
	// Package and Versions say where the facts come from, see [catalog.Info].
	Package  string
	Versions []string
	Date     time.Time
	Services []Service
}

// Service is one service prefix.
type Service struct {
	Prefix, Name  string
	Actions       []Action
	ResourceTypes []catalog.ResourceType
	ConditionKeys []catalog.ConditionKey
}

// Action is one action of a service. Its resource types must be among the
// service's, its dependents among the actions of all services.
type Action struct {
	Name          string
	Level         catalog.Level
	Resources     []catalog.ActionResource
	ConditionKeys []string
	// Dependents are full names, "iam:PassRole".
	Dependents []string
}
