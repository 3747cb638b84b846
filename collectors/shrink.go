package collectors

import (
	"encoding/json"
	"fmt"

	"github.com/leastwise/leastwise/schemas/event"
)

// describe returns the kind and the common part of an event.
func describe(e Event) (event.Kind, event.Common, bool) {
	switch e := e.(type) {
	case event.Account:
		return event.KindAccount, e.Common, true
	case event.User:
		return event.KindUser, e.Common, true
	case event.Role:
		return event.KindRole, e.Common, true
	case event.Group:
		return event.KindGroup, e.Common, true
	case event.Policy:
		return event.KindPolicy, e.Common, true
	case event.Access:
		return event.KindAccess, e.Common, true
	case event.Credential:
		return event.KindCredential, e.Common, true
	}
	return "", event.Common{}, false
}

// shrink leaves details out of an event whose JSON is over limit bytes, and
// returns the JSON and what was left out; nil when the event has no details to
// leave out, or not enough of them.
//
// Only a last-accessed report at action level is known to grow that large: IAM
// lists up to some thousands of actions in it. Actions that were never used go
// first, because IAM tracks only some actions and their absence says little.
func shrink(e Event, limit int) (data []byte, left string, err error) {
	access, ok := e.(event.Access)
	if !ok {
		return nil, "", nil
	}
	for _, step := range []struct {
		left string
		keep func(event.ActionAccess) bool
	}{
		{"the actions without use", func(a event.ActionAccess) bool { return !a.LastAt.IsZero() }},
		{"the actions", func(event.ActionAccess) bool { return false }},
	} {
		smaller := withActions(access, step.keep)
		smaller.State = event.StateTruncated
		smaller.Reason = fmt.Sprintf("the report is over the %d bytes that NATS takes: %s are left out", limit, step.left)
		data, err = json.Marshal(smaller)
		if err != nil || len(data) <= limit {
			return data, step.left, err
		}
	}
	return nil, "", nil
}

// withActions returns a copy of a report with the actions that keep picks.
func withActions(a event.Access, keep func(event.ActionAccess) bool) event.Access {
	services := make([]event.ServiceAccess, len(a.Services))
	for i, s := range a.Services {
		var kept []event.ActionAccess
		for _, action := range s.Actions {
			if keep(action) {
				kept = append(kept, action)
			}
		}
		s.Actions = kept
		services[i] = s
	}
	a.Services = services
	return a
}

func tooLarge(what string, size, limit int) string {
	return fmt.Sprintf("%s takes %d bytes, NATS takes %d: raise its max_payload", what, size, limit)
}
