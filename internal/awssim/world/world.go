package world

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// World is an organization on all days. It is safe for concurrent use.
type World struct {
	cfg      Config
	root     draw
	tables   *tables
	accounts []*Account // the management account, the other active ones, the suspended ones
	byID     map[string]*Account
	units    []Unit
	controls []control // service control policies
	common   values    // what all accounts share
	indexes  *lru.Cache[indexKey, *index]
}

// cachedIndexes is how many account-days keep their index.
const cachedIndexes = 8

// New returns the world that cfg describes, or every fault of cfg, joined.
func New(cfg Config) (*World, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("create world: %w", err)
	}
	cfg.Start = cfg.Start.UTC().Truncate(time.Second)
	indexes, err := lru.New[indexKey, *index](cachedIndexes)
	if err != nil {
		return nil, fmt.Errorf("create world: %w", err)
	}
	w := &World{
		cfg: cfg, root: draw(mix(cfg.Seed)), indexes: indexes,
		byID: make(map[string]*Account, cfg.Accounts+cfg.Suspended),
	}
	if err := w.setCommon(); err != nil {
		return nil, fmt.Errorf("create world: %w", err)
	}
	if w.tables, err = newTables(cfg, &w.common); err != nil {
		return nil, fmt.Errorf("create world: %w", err)
	}
	w.units = w.newUnits()
	if w.controls, err = w.newControls(); err != nil {
		return nil, fmt.Errorf("create world: %w", err)
	}
	for i := range cfg.Accounts + cfg.Suspended {
		w.accounts = append(w.accounts, w.newAccount(i))
		w.byID[w.accounts[i].id] = w.accounts[i]
	}
	return w, nil
}

func (w *World) setCommon() error {
	actions, err := json.Marshal(append([]string{}, w.cfg.CollectorActions...))
	if err != nil {
		return fmt.Errorf("encode collector actions: %w", err)
	}
	w.common[varPartition] = w.cfg.Partition
	w.common[varElsewhere] = "aws-cn"
	if w.cfg.Partition == "aws-cn" {
		w.common[varElsewhere] = "aws"
	}
	w.common[varSuffix] = dnsSuffix(w.cfg.Partition)
	w.common[varOrganization] = w.OrganizationID()
	w.common[varManagement] = w.accountID(0)
	w.common[varCollector] = w.cfg.RoleName
	w.common[varExternal] = w.cfg.ExternalID
	w.common[varActions] = string(actions)
	regions, err := json.Marshal(newVocabulary(w.cfg.Partition).regions)
	if err != nil {
		return fmt.Errorf("encode regions: %w", err)
	}
	w.common[varRegions] = string(regions)
	w.common[varInstance] = w.root.of(forOrganization, 1).token("", hexDigits, 16)
	return nil
}

// OrganizationID returns the organization's id, such as o-a1b2c3d4e5.
func (w *World) OrganizationID() string {
	return w.root.of(forOrganization, 0).token("o-", lowerAlnum, 10)
}

// accountID returns the id of the i-th account. Different accounts have
// different ids, and the second one's begins with a zero, as a tenth of real ones do.
func (w *World) accountID(i int) string {
	const ids, stride = 1_000_000_000, 618_033_989 // without common divisor
	tail := (w.root.of(forAccountID).below(ids) + i*stride) % ids
	head := 100 + w.root.of(forAccountID, i).below(900)
	if i == 1 {
		head %= 100
	}
	return fmt.Sprintf("%03d%09d", head, tail)
}

// Management returns the management account.
func (w *World) Management() *Account { return w.accounts[0] }

// Account returns the account with the given id.
func (w *World) Account(id string) (*Account, bool) {
	a, ok := w.byID[id]
	return a, ok
}

// Accounts yields all accounts in the organization's order, from the given one on.
func (w *World) Accounts(from int) iter.Seq[*Account] {
	return func(yield func(*Account) bool) {
		for i := max(from, 0); i < len(w.accounts); i++ {
			if !yield(w.accounts[i]) {
				return
			}
		}
	}
}

// ARN returns the ARN of a global resource: arn:<partition>:<service>::<account>:<resource>.
func (w *World) ARN(service, account, resource string) string {
	return strings.Join([]string{"arn", w.cfg.Partition, service, "", account, resource}, ":")
}

// at returns the given day's beginning less some seconds.
func (w *World) at(day, secondsBefore int) time.Time {
	return w.cfg.Start.Add(time.Duration(day)*secondsPerDay*time.Second - time.Duration(secondsBefore)*time.Second)
}

const secondsPerDay = 24 * 60 * 60
