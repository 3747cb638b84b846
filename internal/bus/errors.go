package bus

import "errors"

// ErrNotMigrated says that a stream or bucket does not exist yet.
var ErrNotMigrated = errors.New("stream does not exist; run `leastwise migrate` against this NATS first")

// poisonError marks a message that no retry can help.
type poisonError struct{ cause error }

func (p *poisonError) Error() string { return p.cause.Error() }
func (p *poisonError) Unwrap() error { return p.cause }

// Poison marks err as the message's own fault: it goes to the dead letters with
// err as its reason, and is not delivered again. Poison(nil) is nil.
func Poison(err error) error {
	if err == nil {
		return nil
	}
	return &poisonError{cause: err}
}

// IsPoison reports whether err was marked by Poison.
func IsPoison(err error) bool {
	var p *poisonError
	return errors.As(err, &p)
}
