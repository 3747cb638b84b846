package export

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
)

// The JSON of the command line's output. Its keys are IAM's.

type attached struct {
	Name string `json:"PolicyName"`
	ARN  string `json:"PolicyArn"`
}

type inline struct {
	Name     string   `json:"PolicyName"`
	Document document `json:"PolicyDocument"`
}

type tag struct{ Key, Value string }

type boundary struct {
	ARN string `json:"PermissionsBoundaryArn"`
}

type common struct {
	Path       string
	ARN        string `json:"Arn"`
	CreateDate date
	Tags       []tag
	Attached   []attached `json:"AttachedManagedPolicies"`
}

func (c common) arn() string { return c.ARN }

type user struct {
	common
	UserName  string
	UserID    string   `json:"UserId"`
	Inline    []inline `json:"UserPolicyList"`
	GroupList []string
	Boundary  boundary `json:"PermissionsBoundary"`
}

type group struct {
	common
	GroupName string
	GroupID   string   `json:"GroupId"`
	Inline    []inline `json:"GroupPolicyList"`
}

type role struct {
	common
	RoleName string
	RoleID   string   `json:"RoleId"`
	Trust    document `json:"AssumeRolePolicyDocument"`
	Inline   []inline `json:"RolePolicyList"`
	Boundary boundary `json:"PermissionsBoundary"`
	Profiles []struct {
		ARN string `json:"Arn"`
	} `json:"InstanceProfileList"`
	LastUsed struct {
		LastUsedDate date
		Region       string
	} `json:"RoleLastUsed"`
}

type policy struct {
	common
	PolicyName       string
	PolicyID         string `json:"PolicyId"`
	DefaultVersionID string `json:"DefaultVersionId"`
	UpdateDate       date
	AttachmentCount  int
	BoundaryCount    int `json:"PermissionsBoundaryUsageCount"`
	IsAttachable     bool
	Versions         []struct {
		VersionID        string `json:"VersionId"`
		IsDefaultVersion bool
		CreateDate       date
		Document         document
	} `json:"PolicyVersionList"`
}

// decoded visits elements of one type. An element that is not of that type is
// named in the error.
func decoded[T interface{ arn() string }](visit func(T) error) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		var v T
		err := json.Unmarshal(raw, &v)
		if err == nil && v.arn() == "" {
			err = errors.New("has no Arn")
		}
		if err != nil {
			return &contentError{offsetOf(err), fmt.Errorf("%s: %w", nameIn(raw), describe(err))}
		}
		return visit(v)
	}
}

func offsetOf(err error) int64 {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return max(wrong.Offset-1, 0) // it counts the bytes read, the last of which is of the value
	}
	return 0
}

// describe says in IAM's words what encoding/json says in Go's.
func describe(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s may not be a JSON %s", cmp.Or(wrong.Field, "an entity"), wrong.Value)
	}
	return err
}

// nameIn finds the name of an entity that cannot be decoded.
func nameIn(raw json.RawMessage) string {
	var n struct{ ARN, UserName, GroupName, RoleName, PolicyName string }
	_ = json.Unmarshal(raw, &n) // as much of it as there is
	return cmp.Or(n.ARN, n.UserName, n.GroupName, n.RoleName, n.PolicyName, "an entity without a name")
}
