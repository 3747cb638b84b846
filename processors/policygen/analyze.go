package policygen

import (
	"fmt"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/report"
	"github.com/leastwise/leastwise/schemas/event"
)

// codeMalformedAccount is the code of what is no account id.
const codeMalformedAccount = "malformed-account"

// codeNotJudged is the code of what no rule is about.
const codeNotJudged = "not-judged"

// Analyzed is the body of a successful answer of iam.policy.analyze. Its findings
// are those of 'leastwise analyze policy-file' in JSON.
type Analyzed struct {
	// Findings are the rules that hold, the most urgent first.
	Findings []AnalyzedFinding `json:"findings"`
	// Severities count them.
	Severities map[risk.Severity]int `json:"severities"`
	// Excluded is the number of findings that the service's exclusions leave out.
	Excluded int `json:"excluded,omitempty"`
	// Notes say what could not be judged: what IAM would refuse in the document,
	// and actions that the catalog does not know.
	Notes []policy.Fault `json:"notes,omitempty"`
}

// AnalyzedFinding is a finding with its key, and with all that readers look for, be
// it empty.
type AnalyzedFinding struct {
	Key string `json:"key"`
	risk.Finding
	Actions  []string        `json:"actions"`
	Evidence []risk.Evidence `json:"evidence"`
}

// analyze answers a policy with what is risky about it.
func (s *Service) analyze(request []byte) (any, error) {
	var sent policy.Sent
	var name, account string
	if err := read(request, policy.Field{Name: "policy", To: &sent}, policy.Field{Name: "name", To: &name}, policy.Field{Name: "account", To: &account}); err != nil {
		return nil, err
	}
	if account != "" && !event.IsAccountID(account) {
		return nil, policy.Faults{{Path: "account", Code: codeMalformedAccount, Reason: fmt.Sprintf("%q is not 12 digits", account)}}
	}
	doc, err := readable(sent)
	if err != nil {
		return nil, err
	}
	entity := risk.Entity{Account: account, Kind: "policy", ID: name, Name: name}
	analysis := policy.Analyze(s.catalog, doc)
	attachment := policy.Attachment{Analysis: analysis, Document: event.HashDocument(event.NormalizeDocument([]byte(sent.Text))), Name: name}
	findings, excluded := s.engine.Document(doc, attachment, entity)
	if err := s.mayFit(evidenceSize(findings), 1); err != nil {
		return nil, err
	}
	sorted := report.Report{Findings: findings}
	sorted.Sort()
	reply := Analyzed{Findings: make([]AnalyzedFinding, len(findings)), Severities: make(map[risk.Severity]int), Excluded: excluded}
	for i, f := range sorted.Findings {
		reply.Findings[i] = AnalyzedFinding{
			Key: f.Key(), Finding: f,
			Actions: append([]string{}, f.Actions...), Evidence: append([]risk.Evidence{}, f.Evidence...),
		}
		reply.Severities[f.Severity]++
	}
	for _, p := range doc.Problems {
		reply.Notes = append(reply.Notes, policy.Fault{Path: placeOf(p), Code: codeMalformedPolicy, Reason: p.Reason})
	}
	for _, p := range risk.NotJudged(doc) {
		reply.Notes = append(reply.Notes, policy.Fault{Path: placeOf(p), Code: codeNotJudged, Reason: p.Reason})
	}
	for _, unknown := range analysis.Unknown {
		reply.Notes = append(reply.Notes, policy.Fault{
			Path: "policy", Code: policy.CodeUnknownAction, Reason: fmt.Sprintf("the catalog has no action %q, so it was not judged", unknown),
		})
	}
	return reply, nil
}

// evidenceSize returns the least that the evidence of findings takes in a reply:
// many of them can quote one long statement.
func evidenceSize(findings []risk.Finding) int {
	size := 0
	for i := range findings {
		for j := range findings[i].Evidence {
			e := &findings[i].Evidence[j]
			for _, texts := range [][]string{e.Resources, e.NotResources} {
				for _, text := range texts {
					size += len(text)
				}
			}
			for _, c := range e.Conditions {
				size += len(c.Key)
				for _, value := range c.Values {
					size += len(value)
				}
			}
		}
	}
	return size
}
