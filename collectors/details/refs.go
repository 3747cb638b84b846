package details

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/schemas/event"
)

// refs lists what an entity carries, with its documents stored: managed policies
// first and in the order of their names, because sources list them in none.
func (w *Writer) refs(ctx context.Context, attached []Attached, inline []Inline) ([]event.PolicyRef, error) {
	refs := make([]event.PolicyRef, 0, len(attached)+len(inline))
	for _, a := range attached {
		ref, err := w.managed(ctx, a)
		if err != nil {
			return nil, err
		}
		refs = append(refs, ref)
	}
	for _, p := range inline {
		hash, err := w.run.Document(ctx, p.Document)
		if err != nil {
			return nil, err
		}
		refs = append(refs, event.PolicyRef{Source: event.SourceInline, Name: p.Name, Document: hash})
	}
	slices.SortFunc(refs, func(a, b event.PolicyRef) int {
		return cmp.Or(strings.Compare(b.Source, a.Source), strings.Compare(a.Name, b.Name), strings.Compare(a.ARN, b.ARN))
	})
	return refs, nil
}

// managed refers to a managed policy, which is looked for, once, if it was not
// listed. Without its document it is referred to all the same.
func (w *Writer) managed(ctx context.Context, a Attached) (event.PolicyRef, error) {
	if _, known := w.policies[a.ARN]; !known && w.resolve != nil {
		p, ok, err := w.resolve(ctx, a.ARN)
		if err != nil {
			return event.PolicyRef{}, err
		}
		w.policies[a.ARN] = ""
		if ok {
			if err := w.Policy(ctx, p); err != nil {
				return event.PolicyRef{}, err
			}
		}
	}
	return event.PolicyRef{Source: event.SourceManaged, Name: cmp.Or(a.Name, NameOf(a.ARN)), ARN: a.ARN, Document: w.policies[a.ARN]}, nil
}

func (w *Writer) boundary(ctx context.Context, arn string) (*event.PolicyRef, error) {
	if arn == "" {
		return nil, nil
	}
	ref, err := w.managed(ctx, Attached{ARN: arn})
	return &ref, err
}

// memberships refers to a user's groups. One that was not listed, because it came
// while the account was read or is not in the file, carries nobody knows what.
func (w *Writer) memberships(names []string) []event.Membership {
	groups := make([]event.Membership, 0, len(names))
	for _, name := range slices.Sorted(slices.Values(names)) {
		policies, listed := w.groups[name]
		if !listed {
			w.run.Problem("groups", event.StateNotCollected, fmt.Sprintf("a user is in group %q, which was not listed", name))
		}
		groups = append(groups, event.Membership{Name: name, Policies: policies})
	}
	return groups
}

// NameOf is the last part of an ARN's resource ("Boundary" of
// arn:aws:iam::123456789012:policy/path/Boundary).
func NameOf(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }

// Owner says whose a managed policy is: AWS's have "aws" for their account.
func Owner(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && parts[4] == "aws" {
		return event.OwnerAWS
	}
	return event.OwnerCustomer
}
