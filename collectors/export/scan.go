package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"

	"github.com/leastwise/leastwise/schemas/event"
)

// findings are what has to be known of a file before its entities are emitted.
type findings struct {
	account   string
	partition string
	truncated bool
	ids       map[string]uint64   // kind and id → hash of the first ARN that has it
	shared    map[string]struct{} // kind and id of those that several ARNs have
	seed      maphash.Seed
}

// scan reads the whole file and checks it. Account is the one that the file has
// to be of; empty when its ARNs decide.
func scan(ctx context.Context, in *input, account string) (*findings, error) {
	f := newFindings(account)
	lists := lists{
		userList:    decoded(func(u user) error { return f.entity(event.KindUser, u.UserID, u.ARN) }),
		groupList:   decoded(func(g group) error { return f.entity(event.KindGroup, g.GroupID, g.ARN) }),
		roleList:    decoded(func(r role) error { return f.entity(event.KindRole, r.RoleID, r.ARN) }),
		policyList:  decoded(func(p policy) error { return f.entity(event.KindPolicy, p.PolicyID, p.ARN) }),
		isTruncated: f.truncation,
	}
	if err := in.walk(ctx, lists); err != nil {
		return nil, err
	}
	return f, f.check(in.name)
}

func newFindings(account string) *findings {
	return &findings{account: account, ids: map[string]uint64{}, shared: map[string]struct{}{}, seed: maphash.MakeSeed()}
}

// truncation reads IsTruncated.
func (f *findings) truncation(raw json.RawMessage) error {
	if err := json.Unmarshal(raw, &f.truncated); err != nil {
		return &contentError{0, errors.New("IsTruncated is not true or false")}
	}
	return nil
}

// check says what is missing in the file of a name after all of it was read.
func (f *findings) check(name string) error {
	switch {
	case len(f.ids) == 0:
		return fmt.Errorf("read %s: holds no users, groups, roles or policies; it has to be the output of `aws iam get-account-authorization-details`", name)
	case f.account == "":
		return fmt.Errorf("read %s: no ARN in it names an account; say which with --account", name)
	}
	if f.partition == "" {
		f.partition = "aws"
	}
	return nil
}

// entity notes an entity's account and id.
func (f *findings) entity(kind event.Kind, id, arn string) error {
	if err := f.owner(arn); err != nil {
		return &contentError{0, fmt.Errorf("%s: %w", arn, err)}
	}
	key, hash := string(kind)+" "+id, maphash.String(f.seed, arn)
	if first, ok := f.ids[key]; ok && first != hash {
		f.shared[key] = struct{}{}
	}
	f.ids[key] = hash
	return nil
}

// owner checks that an ARN is of the file's account, and learns which that is.
// ARNs in which the account was blotted out, and those of AWS's own policies,
// say nothing.
func (f *findings) owner(arn string) error {
	parts := strings.SplitN(arn, ":", 6)
	switch {
	case len(parts) != 6 || parts[0] != "arn":
		return errors.New("is not an ARN (arn:<partition>:iam::<account>:<resource>)")
	case f.partition == "":
		f.partition = parts[1]
	}
	account := parts[4]
	switch {
	case !event.IsAccountID(account):
		return nil
	case f.account == "":
		f.account = account
	case f.account != account:
		return fmt.Errorf("is of account %s, not of %s: a file, and --account, is of one account", account, f.account)
	}
	return nil
}

// id returns an entity's unique id. One that is missing, that cannot be a token
// of a subject, or that several entities of the file have, is replaced by 32 hex
// digits made of the ARN, which no id of IAM's is like.
func (f *findings) id(kind event.Kind, id, arn string) string {
	if _, shared := f.shared[string(kind)+" "+id]; event.IsToken(id) && !shared {
		return id
	}
	sum := sha256.Sum256([]byte(arn))
	return hex.EncodeToString(sum[:16])
}
