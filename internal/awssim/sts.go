package awssim

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// The bounds of DurationSeconds, in seconds: the API's minimum, and the
// default MaxSessionDuration of a role.
const minSession, maxSession = 900, 3600

func (c *call) getCallerIdentity() (func(*xmlWriter), *apiError) {
	return func(x *xmlWriter) {
		x.text("Arn", c.caller.arn)
		x.text("UserId", c.caller.id)
		x.text("Account", c.caller.account.ID())
	}, nil
}

func (c *call) assumeRole() (func(*xmlWriter), *apiError) {
	roleARN, name := c.params.Get("RoleArn"), c.params.Get("RoleSessionName")
	if !regexp.MustCompile(`^[\w+=,.@-]{2,64}$`).MatchString(name) {
		return nil, errInvalid(c.request, "Value '"+name+"' at 'roleSessionName' failed to satisfy constraint: "+
			`Member must satisfy regular expression pattern: [\w+=,.@-]*`)
	}
	duration, failure := c.sessionDuration()
	if failure != nil {
		return nil, failure
	}
	session, trusted := c.findRole(roleARN, name)
	if !trusted || !c.org.permissions.may(c.caller, c.day, actionAssumeRole, roleARN) {
		return nil, errAccessDenied(c.request, c.caller.arn, roleARN)
	}
	issued := c.org.sessions.issue(session, c.org.cfg.Clock(), duration)
	return func(x *xmlWriter) {
		x.element("Credentials", func() {
			x.text("AccessKeyId", issued.accessKey)
			x.text("SecretAccessKey", issued.secret)
			x.text("SessionToken", issued.token)
			x.time("Expiration", issued.expires)
		})
		x.element("AssumedRoleUser", func() {
			x.text("AssumedRoleId", session.id)
			x.text("Arn", session.arn)
		})
	}, nil
}

// sessionDuration reads DurationSeconds.
func (c *call) sessionDuration() (time.Duration, *apiError) {
	given := c.params.Get("DurationSeconds")
	if given == "" {
		return c.org.cfg.SessionDuration, nil
	}
	seconds, err := strconv.Atoi(given)
	if err != nil || seconds < minSession {
		return 0, errInvalid(c.request, "Value '"+given+"' at 'durationSeconds' failed to satisfy constraint: "+
			"Member must have value greater than or equal to "+strconv.Itoa(minSession))
	}
	if seconds > maxSession {
		return 0, &apiError{
			http.StatusBadRequest, "ValidationError",
			"The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
		}
	}
	return time.Duration(seconds) * time.Second, nil
}

// findRole returns the session of the role that the caller would get, if the
// role is there and its trust policy lets the caller in.
func (c *call) findRole(arn, sessionName string) (identity, bool) {
	parts := strings.Split(arn, ":")
	if len(parts) != 6 {
		return identity{}, false
	}
	account, found := c.org.world.Account(parts[4])
	if !found || account.Suspended() {
		return identity{}, false
	}
	day := account.Day(c.org.Now())
	ref, found := day.Find(arn)
	if !found || ref.Kind != world.KindRole {
		return identity{}, false
	}
	role, _ := day.Role(ref.Slot)
	session := identity{
		account: account, ref: ref, id: role.ID + ":" + sessionName, principal: role.ARN,
		arn: c.org.world.ARN("sts", account.ID(), "assumed-role/"+role.Name+"/"+sessionName),
	}
	question := ask{action: actionAssumeRole, context: c.trustContext(), caller: c.caller}
	return session, question.allowed([]json.RawMessage{role.Trust})
}

// trustContext is what a trust policy's conditions can look at.
func (c *call) trustContext() map[string]string {
	context := map[string]string{
		"aws:principalorgid":         c.org.world.OrganizationID(),
		"aws:principalarn":           c.caller.principal,
		"aws:principalaccount":       c.caller.account.ID(),
		"aws:multifactorauthpresent": "false",
		"sts:rolesessionname":        c.params.Get("RoleSessionName"),
	}
	if id := c.params.Get("ExternalId"); id != "" {
		context["sts:externalid"] = id
	}
	return context
}
