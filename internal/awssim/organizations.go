package awssim

import "github.com/leastwise/leastwise/internal/awssim/world"

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
	in, at, failure := c.organizationPage()
	if failure != nil {
		return nil, failure
	}
	accounts, next := page(c, c.org.world.Accounts(0), at, in.MaxResults)
	out := struct {
		Accounts  []organizationAccount
		NextToken string `json:",omitempty"`
	}{[]organizationAccount{}, next}
	for _, account := range accounts {
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
