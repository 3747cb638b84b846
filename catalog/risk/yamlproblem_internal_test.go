package risk

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestWhatTheParserOfYAMLFindsIsKnown looks into the source of the package that is
// compiled in: of a problem that is new there the line would be wrong.
func TestWhatTheParserOfYAMLFindsIsKnown(t *testing.T) {
	t.Parallel()
	file, _ := runtime.FuncForPC(reflect.ValueOf(yaml.Marshal).Pointer()).FileLine(0)
	parser, err := os.ReadFile(filepath.Join(filepath.Dir(file), "parserc.go"))
	if err != nil {
		t.Skipf("the source is not here: %v", err)
	}
	scanner, err := os.ReadFile(filepath.Join(filepath.Dir(file), "scannerc.go"))
	if err != nil {
		t.Fatal(err)
	}
	problem := regexp.MustCompile(`"([^"]+)", *(?:token\.start_mark|tag_mark|mark)\)`)
	known := parserProblems()
	for _, found := range problem.FindAllStringSubmatch(string(parser), -1) {
		if !slices.Contains(known, found[1]) {
			t.Errorf("the parser finds %q", found[1])
		}
	}
	for _, p := range known {
		if !strings.Contains(string(parser), `"`+p+`"`) || strings.Contains(string(scanner), `"`+p+`"`) {
			t.Errorf("%q is not what the parser alone finds", p)
		}
	}
	calls := strings.Count(string(parser), "set_parser_error(parser,") + strings.Count(string(parser), "set_parser_error_context(parser,")
	if found := len(problem.FindAllString(string(parser), -1)); found == 0 || found != calls {
		t.Errorf("%d problems in %d places", found, calls)
	}
}
