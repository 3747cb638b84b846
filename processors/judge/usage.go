package judge

import (
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/schemas/event"
)

// Access adds the last-accessed report of an entity.
func (f *Feed) Access(a event.Access) {
	if f.again(event.KindAccess, a.ID) {
		return
	}
	report := risk.Access{
		ID: f.text(a.ID), OK: a.State == event.StateOK, Actions: a.Granularity == event.GranularityAction,
		Services: make([]risk.ServiceAccess, len(a.Services)),
	}
	for i, s := range a.Services {
		service := risk.ServiceAccess{Service: f.text(s.Service), LastAt: s.LastAt}
		if len(s.Actions) > 0 {
			service.Actions = make([]risk.ActionAccess, len(s.Actions))
		}
		for j, action := range s.Actions {
			service.Actions[j] = risk.ActionAccess{Action: f.text(action.Action), LastAt: action.LastAt}
		}
		report.Services[i] = service
	}
	f.account.AddAccess(report)
}

// Credential adds a row of the credential report.
func (f *Feed) Credential(c event.Credential) {
	if f.again(event.KindCredential, c.ID) {
		return
	}
	row := risk.Credential{
		ID: f.text(c.ID), Name: f.text(c.User), ARN: f.text(c.ARN), CreatedAt: c.CreatedAt,
		PasswordEnabled: c.PasswordEnabled, PasswordLastUsedAt: c.PasswordLastUsedAt, PasswordChangedAt: c.PasswordChangedAt, MFA: c.MFAActive,
	}
	for _, k := range c.AccessKeys {
		row.Keys = append(row.Keys, risk.AccessKey{Slot: k.Slot, Active: k.Active, RotatedAt: k.RotatedAt, LastUsedAt: k.LastUsedAt})
	}
	f.account.AddCredential(row)
}

// Info is what the risk engine has to know of an account before its entities. The
// event may be the zero one, where a run has none.
func Info(id string, a event.Account) risk.AccountInfo {
	return risk.AccountInfo{ID: id, Partition: a.Partition, Name: a.Name, Summary: a.Summary}
}
