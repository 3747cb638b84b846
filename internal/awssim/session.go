package awssim

import (
	"fmt"
	"sync"
	"time"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// identity is who calls.
type identity struct {
	account   *world.Account
	ref       world.Ref // the user or role whose policies count
	arn       string    // of the user, or of the role's session
	id        string    // AIDA…, or AROA…:session
	principal string    // ARN of the user or role
}

// credential is an access key that was handed out.
type credential struct {
	accessKey, secret string
	token             string    // empty for the user's own key
	expires           time.Time // zero for the user's own key
	identity          identity
}

// expired tells whether the credential is past its time.
func (c *credential) expired(now time.Time) bool {
	return !c.expires.IsZero() && !now.Before(c.expires)
}

// sessions are the access keys that work.
type sessions struct {
	seal sealer
	hub  *credential

	mu     sync.Mutex
	issued int
	byKey  map[string]*credential
}

func newSessions(seal sealer, hub identity) *sessions {
	s := &sessions{seal: seal, byKey: map[string]*credential{}}
	s.hub = &credential{accessKey: "AKIA" + seal.letters("key", 16), secret: seal.text("secret", 40), identity: hub}
	s.byKey[s.hub.accessKey] = s.hub
	return s
}

// issue hands out a session of a role, and forgets the expired ones.
func (s *sessions) issue(who identity, now time.Time, duration time.Duration) *credential {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, c := range s.byKey {
		// An hour's grace lets a late caller learn that the session expired.
		if c.expired(now.Add(-time.Hour)) {
			delete(s.byKey, key)
		}
	}
	s.issued++
	label := fmt.Sprintf("session %d", s.issued)
	c := &credential{
		accessKey: "ASIA" + s.seal.letters(label+" key", 16),
		secret:    s.seal.text(label+" secret", 40),
		token:     s.seal.text(label+" token", 200),
		expires:   now.Add(duration).UTC().Truncate(time.Second),
		identity:  who,
	}
	s.byKey[c.accessKey] = c
	return c
}

// find returns the credential with the access key.
func (s *sessions) find(accessKey string) (*credential, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.byKey[accessKey]
	return c, ok
}

// authenticate returns who signed the request.
func (o *Organization) authenticate(r *request) (*credential, *apiError) {
	sig, ok := parseSignature(r.http.Header.Get("Authorization"))
	if !ok {
		return nil, errMissingToken(r)
	}
	c, ok := o.sessions.find(sig.accessKey)
	if !ok || r.http.Header.Get("X-Amz-Security-Token") != c.token {
		return nil, errInvalidToken(r)
	}
	if !sig.verify(r.http, r.body, c.secret) {
		return nil, errSignature(r)
	}
	if c.expired(o.cfg.Clock()) {
		return nil, errExpiredToken(r)
	}
	return c, nil
}
