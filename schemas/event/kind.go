package event

import "slices"

// Kind says what an event is about. It is a token of the event's subject.
type Kind string

// The kinds of events. Document and judgement exist on the enriched stream only:
// collectors put documents into the key-value bucket, processors say what is in
// them, and what the risk rules say of an entity.
const (
	KindAccount    Kind = "account"
	KindUser       Kind = "user"
	KindRole       Kind = "role"
	KindGroup      Kind = "group"
	KindPolicy     Kind = "policy"
	KindAccess     Kind = "access"
	KindCredential Kind = "credential"
	KindRun        Kind = "run"
	KindDocument   Kind = "document"
	KindJudgement  Kind = "judgement"
)

// CountedKinds lists the kinds that a run counts, in the order in which a
// summary shows them.
func CountedKinds() []Kind {
	return []Kind{KindAccount, KindUser, KindGroup, KindRole, KindPolicy, KindCredential, KindAccess}
}

// JudgedKinds lists the kinds of what the risk rules judge.
func JudgedKinds() []Kind {
	return []Kind{KindUser, KindGroup, KindRole, KindPolicy, KindAccount}
}

// Valid reports whether k is one of the kinds above.
func (k Kind) Valid() bool {
	return k == KindRun || k == KindDocument || k == KindJudgement || slices.Contains(CountedKinds(), k)
}

// State says how a part of a collection ended. Anything but StateOK is shown to
// the user with its reason; it is never an empty result.
type State string

// The states.
const (
	StateOK           State = "ok"
	StateFailed       State = "failed"
	StateTimedOut     State = "timed_out"
	StateThrottled    State = "throttled"
	StateTruncated    State = "truncated"
	StateAccessDenied State = "access_denied"
	// StateNotCollected marks a part that was left out on purpose or that the
	// source cannot know (a saved export holds no last-accessed data).
	StateNotCollected State = "not_collected"
)

// Valid reports whether s is one of the states above.
func (s State) Valid() bool {
	switch s {
	case StateOK, StateFailed, StateTimedOut, StateThrottled, StateTruncated, StateAccessDenied, StateNotCollected:
		return true
	}
	return false
}
