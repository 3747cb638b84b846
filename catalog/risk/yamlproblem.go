package risk

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// YAMLProblem returns what an error of the YAML package is about, in one line of text,
// and the line of the source where that is, 0 where the error has none. The package
// counts lines from 1 where its scanner finds a problem and from 0 where its parser
// does; then it names none for the first line, and takes the end of the source for a
// line of its own.
func YAMLProblem(source []byte, err error) (line int, problem string) {
	problem = strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: ")
	if n, _ := fmt.Sscanf(problem, "line %d: ", &line); n == 1 {
		_, problem, _ = strings.Cut(problem, ": ")
	}
	if slices.Contains(parserProblems(), problem) {
		last := 1 + bytes.Count(bytes.TrimRight(source, "\r\n"), []byte("\n"))
		line = min(line+1, last)
	}
	return line, problem
}

// parserProblems are what the parser of YAML can find. Its scanner finds nothing that
// is called the same.
func parserProblems() []string {
	return []string{
		"did not find expected <stream-start>", "did not find expected <document start>", "did not find expected node content",
		"did not find expected '-' indicator", "did not find expected key", "did not find expected ',' or ']'", "did not find expected ',' or '}'",
		"found undefined tag handle", "found duplicate %YAML directive", "found duplicate %TAG directive", "found incompatible YAML document",
	}
}
