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
// does, names none for the first, and takes the end of the source for a line of its own.
func YAMLProblem(source []byte, err error) (line int, problem string) {
	problem = strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: ")
	if n, _ := fmt.Sscanf(problem, "line %d: ", &line); n == 1 {
		_, problem, _ = strings.Cut(problem, ": ")
	}
	switch {
	case slices.Contains(parserProblems(), problem):
		line++
	case line == 0 && !isScanned(problem):
		return 0, problem
	}
	last := 1 + bytes.Count(bytes.TrimRight(source, "\r\n"), []byte("\n"))
	return min(max(line, 1), last), problem
}

// isScanned reports whether a problem is one that the scanner of YAML finds. What it
// does not is of an alias, of a value or of the bytes of the source.
func isScanned(problem string) bool {
	for _, begin := range []string{"found ", "did not find ", "could not find ", "mapping ", "block "} {
		if strings.HasPrefix(problem, begin) {
			return true
		}
	}
	return false
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
