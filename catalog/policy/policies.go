package policy

// Attachment is a document at the place where a principal has it from.
type Attachment struct {
	// Analysis of the document; nil where the document is not to be had. Such
	// an attachment grants nothing, and as a limit it does not limit.
	Analysis *Analysis
	// Document is the SHA-256 of the document in hex. It is for evidence only.
	Document string
	// Source is "managed" or "inline".
	Source string
	// Name is the policy's name, ARN that of a managed one.
	Name, ARN string
	// Group is the name of the group that a user has the policy from, or "".
	Group string
}

// Policies are all documents that decide what one principal may do.
type Policies struct {
	// Principal is the ARN of the user or role, or "" where it is not known. It
	// gives policy variables their values, and decides conditions of a Deny. A user
	// whose name has a colon, which IAM takes for nobody's, stands for any user.
	Principal string
	// Account is the account that the principal acts in, 12 digits, where only that
	// is known. With a Principal it is that of its ARN.
	Account string
	// Attachments are the managed and inline policies of the principal and, for
	// a user, of its groups.
	Attachments []Attachment
	// Boundary is the permissions boundary, nil where there is none.
	Boundary *Attachment
	// Controls are the service control policies that apply, a list for each
	// level from the root to the account. It is nil where none apply: in the
	// organization's management account, for a service-linked role, and where
	// they were not collected. A level without policies allows nothing.
	Controls [][]Attachment
}

func (p *Policies) caller() caller { return newCaller(p.Principal, p.Account) }

// Part says what part a document has in a judgement.
type Part uint8

// The parts that documents have.
const (
	RoleIdentity Part = iota // grants, and denies
	RoleBoundary             // limits, and denies
	RoleControl              // limits, and denies: one level of service control policies
)

// String returns the role as it is written in findings.
func (r Part) String() string {
	switch r {
	case RoleBoundary:
		return "boundary"
	case RoleControl:
		return "control"
	default:
		return "identity"
	}
}
