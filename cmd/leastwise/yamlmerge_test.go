package main

import "testing"

// TestYAMLMergeKeys compares with what PyYAML reads, with which policy_sentry reads
// its templates.
func TestYAMLMergeKeys(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n":                   `{"a":{"x":"1"},"b":{"y":"2","x":"1"}}`,
		"a: &a {x: 1}\nb:\n  x: 3\n  <<: *a\n":                   `{"a":{"x":"1"},"b":{"x":"3"}}`,
		"a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: [*a, *b]\n": `{"a":{"x":"1"},"b":{"x":"2","y":"2"},"c":{"x":"1","y":"2"}}`,
		"a: &a {x: 1}\nb: &b\n  <<: *a\n  y: 2\nc:\n  <<: *b\n":  `{"a":{"x":"1"},"b":{"y":"2","x":"1"},"c":{"y":"2","x":"1"}}`,
		"a: &a {x: 1}\nb: {<<: {z: 3}, <<: *a}\n":                `{"a":{"x":"1"},"b":{"z":"3","x":"1"}}`,
		"a: {'<<': 1}\n":                        `{"a":{"\u003c\u003c":"1"}}`,
		"a: &a\n  <<: *a\n  x: 1\n":             `{"a":{"x":"1"}}`,
		"a: &l [{x: 1}, {y: 2}]\nb: {<<: *l}\n": `{"a":[{"x":"1"},{"y":"2"}],"b":{"x":"1","y":"2"}}`,
	} {
		got, err := yamlToJSON([]byte(text))
		if err != nil || string(got) != want {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"a: {<<: 1}", "a: {<<: [1]}", "a: &a [{x: 1}]\nb: {<<: [*a]}"} {
		if got, err := yamlToJSON([]byte(text)); err == nil {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestFaultsOfMergedKeysHaveTheirPlaces(t *testing.T) {
	t.Parallel()
	const template = "mode: crud\n<<:\n  read:\n  - arn:bad\n"
	want := "leastwise: standard input:4:5: read[0]: "
	if got := leastwise(t.Context(), template, "write-policy"); got.code != exitFailure || len(got.stderr) < len(want) || got.stderr[:len(want)] != want {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}
