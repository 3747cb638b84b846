package collectors

import (
	"errors"
)

// permanentError marks a failure that no other attempt would mend.
type permanentError struct{ cause error }

func (p *permanentError) Error() string { return p.cause.Error() }
func (p *permanentError) Unwrap() error { return p.cause }

// Permanent marks err as one that another attempt cannot mend, such as a role
// that may not be assumed: the run fails and the job is not tried again before
// its next time. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{cause: err}
}

// IsPermanent reports whether err was marked by Permanent.
func IsPermanent(err error) bool {
	var p *permanentError
	return errors.As(err, &p)
}
