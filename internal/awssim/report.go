package awssim

import (
	"encoding/base64"
	"encoding/csv"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// reportLife is how long a credential report is good for (IAM User Guide,
// "Generate credential reports").
const reportLife = 4 * time.Hour

// report is the state of an account's credential report.
type report struct {
	begun time.Time // by the organization's clock
	polls int       // how often it has yet to be asked for
}

// reports are the accounts' credential reports.
type reports struct {
	mu        sync.Mutex
	byAccount map[string]*report
}

// reportState is what is there of a report.
type reportState uint8

const (
	reportAbsent reportState = iota
	reportExpired
	reportPending
	reportReady
)

// look returns the state of the account's report, and brings a pending one
// closer to its end.
func (r *reports) look(account string, now time.Time) (reportState, time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.byAccount[account]
	switch {
	case !ok || now.Before(found.begun):
		return reportAbsent, time.Time{}
	case now.Sub(found.begun) >= reportLife:
		return reportExpired, time.Time{}
	case found.polls > 0:
		found.polls--
		return reportPending, time.Time{}
	default:
		return reportReady, found.begun
	}
}

func (r *reports) begin(account string, now time.Time, polls int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byAccount[account] = &report{begun: now, polls: polls}
}

func (c *call) generateCredentialReport() (func(*xmlWriter), *apiError) {
	account, now := c.caller.account.ID(), c.org.Now()
	state, _ := c.org.reports.look(account, now)
	answer, description := "STARTED", "No report exists. Starting a new report generation task"
	switch state {
	case reportReady:
		answer, description = "COMPLETE", ""
	case reportPending:
		answer, description = "INPROGRESS", ""
	case reportAbsent, reportExpired:
		c.org.reports.begin(account, now, c.org.cfg.ReportPolls)
	}
	return func(x *xmlWriter) {
		x.text("State", answer)
		x.optional("Description", description)
	}, nil
}

func (c *call) getCredentialReport() (func(*xmlWriter), *apiError) {
	state, begun := c.org.reports.look(c.caller.account.ID(), c.org.Now())
	switch state {
	case reportAbsent:
		return nil, &apiError{http.StatusGone, "ReportNotPresent", "No report is available. Generate one first."}
	case reportExpired:
		return nil, &apiError{http.StatusGone, "ReportExpired", "The report has expired. Generate a new one."}
	case reportPending:
		return nil, &apiError{http.StatusNotFound, "ReportInProgress", "The report is still being generated."}
	case reportReady:
	}
	day := c.caller.account.Day(begun)
	return func(x *xmlWriter) {
		x.element("Content", func() { x.credentialReport(day) })
		x.text("ReportFormat", "text/csv")
		x.time("GeneratedTime", begun)
	}, nil
}

// reportColumns are the columns of a credential report.
func reportColumns() []string {
	return []string{
		"user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
		"password_next_rotation", "mfa_active", "access_key_1_active", "access_key_1_last_rotated",
		"access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
		"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
		"access_key_2_last_used_region", "access_key_2_last_used_service", "cert_1_active", "cert_1_last_rotated",
		"cert_2_active", "cert_2_last_rotated",
	}
}

// credentialReport writes the report, base64 over CSV, line by line.
func (x *xmlWriter) credentialReport(day world.Day) {
	encoder := base64.NewEncoder(base64.StdEncoding, x.w)
	lines := csv.NewWriter(encoder)
	_ = lines.Write(reportColumns())
	for credential := range day.Credentials() {
		_ = lines.Write(reportLine(credential))
	}
	lines.Flush()
	_ = encoder.Close()
}

// What a report says where there is no value.
const (
	notApplicable = "N/A"
	noInformation = "no_information"
	notSupported  = "not_supported"
)

func reportLine(c world.Credential) []string {
	line := []string{c.User, c.ARN, reportTime(c.Created, notApplicable)}
	line = append(line, reportPassword(c)...)
	line = append(line, strconv.FormatBool(c.MFA))
	for _, key := range c.Keys {
		line = append(line, strconv.FormatBool(key.Active), reportTime(key.Rotated, notApplicable), reportTime(key.LastUsed, notApplicable),
			orNotApplicable(key.Region), orNotApplicable(key.Service))
	}
	return append(line, "false", notApplicable, "false", notApplicable)
}

func reportPassword(c world.Credential) []string {
	switch {
	case c.Root:
		return []string{notSupported, reportTime(c.Password.LastUsed, noInformation), notSupported, notSupported}
	case !c.Password.Enabled:
		return []string{"false", notApplicable, notApplicable, notApplicable}
	default:
		return []string{
			"true", reportTime(c.Password.LastUsed, noInformation),
			reportTime(c.Password.Changed, notApplicable), reportTime(c.Password.NextRotation, notApplicable),
		}
	}
}

// reportTime spells a time as reports do, with an offset in place of Z.
func reportTime(t time.Time, absent string) string {
	if t.IsZero() {
		return absent
	}
	return t.UTC().Format("2006-01-02T15:04:05+00:00")
}

func orNotApplicable(s string) string {
	if s == "" {
		return notApplicable
	}
	return s
}
