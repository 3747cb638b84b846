package awssim

import (
	"strconv"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// maxAccounts is the largest page of ListAccounts, and its default (API
// reference of AWS Organizations).
const maxAccounts = 20

// organizationAccount is an account as ListAccounts returns it.
type organizationAccount struct {
	ID              string `json:"Id"`
	ARN             string `json:"Arn"`
	Email           string
	Name            string
	Status          string
	State           string
	JoinedMethod    string
	JoinedTimestamp float64 // seconds since 1970
}

func (c *call) listAccounts() (any, *apiError) {
	if !c.caller.account.Management() {
		return nil, errAccessDenied(c.request, c.caller.arn, "*")
	}
	var in struct {
		MaxResults int
		NextToken  string
	}
	if err := decodeJSON(c.body, &in); err != nil {
		return nil, errInvalid(c.request, err.Error())
	}
	if in.MaxResults < 0 || in.MaxResults > maxAccounts {
		return nil, errInvalid(c.request, "You provided a value for MaxResults that is not between 1 and "+strconv.Itoa(maxAccounts)+".")
	}
	if in.MaxResults == 0 {
		in.MaxResults = maxAccounts
	}
	at, ok := c.openMarker(in.NextToken)
	if !ok {
		return nil, errInvalid(c.request, "You provided a NextToken that is not valid.")
	}
	out := struct {
		Accounts  []organizationAccount
		NextToken string `json:",omitempty"`
	}{Accounts: []organizationAccount{}}
	limit := c.pageSize(at, in.MaxResults)
	for account := range c.org.world.Accounts(at.slot) {
		if len(out.Accounts) == limit {
			out.NextToken = c.sealMarker(at.next(at.kind, at.slot+limit))
			break
		}
		out.Accounts = append(out.Accounts, describeAccount(account))
	}
	return out, nil
}

func describeAccount(a *world.Account) organizationAccount {
	out := organizationAccount{
		ID: a.ID(), ARN: a.ARN(), Email: a.Email(), Name: a.Name(), Status: "ACTIVE", State: "ACTIVE",
		JoinedMethod: "CREATED", JoinedTimestamp: float64(a.Joined().Unix()),
	}
	if a.Suspended() {
		out.Status, out.State = "SUSPENDED", "SUSPENDED"
	}
	if a.Management() {
		out.JoinedMethod = "INVITED"
	}
	return out
}

func (c *call) describeOrganization() (any, *apiError) {
	w := c.org.world
	management := w.Management()
	return map[string]any{"Organization": map[string]any{
		"Id":                   w.OrganizationID(),
		"Arn":                  w.ARN("organizations", management.ID(), "organization/"+w.OrganizationID()),
		"FeatureSet":           "ALL",
		"MasterAccountArn":     management.ARN(),
		"MasterAccountId":      management.ID(),
		"MasterAccountEmail":   management.Email(),
		"AvailablePolicyTypes": []map[string]string{{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}},
	}}, nil
}
