package export_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/collectors/export"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/schemas/stream"
)

// aRole is a role on line 2 of a file whose fields are for the test to add.
func aRole(fields string) string {
	return "{\"RoleDetailList\": [\n  {\"Arn\": \"arn:aws:iam::123456789012:role/app\", \"RoleName\": \"app\"" + fields + "}\n]}"
}

func TestBrokenFileIsNamedWithItsPlaceAndOpensNoRun(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	for name, tc := range map[string]struct {
		text    string
		account string
		want    []string
	}{
		"empty":                {"", "", []string{"line 1, column 1 (byte 0): ends too early"}},
		"not JSON":             {"\n\n  hello", "", []string{"line 3, column 3 (byte 4)", "invalid character 'h'"}},
		"not an object":        {"[1]", "", []string{"line 1, column 1", "not a JSON object"}},
		"something else":       {`{"Statement": []}`, "", []string{"holds no users", "get-account-authorization-details"}},
		"UTF-16":               {"\xff\xfe{\x00", "", []string{"UTF-16"}},
		"cut off in an entity": {aRole("")[:60], "", []string{"line 2, column 40 (byte 60): ends too early"}},
		"cut off in a list":    {strings.TrimSuffix(aRole(""), "]}"), "", []string{"line 3, column 1 (byte 88): ends too early"}},
		"cut off in a gzip":    {"\x1f\x8b\x08", "", []string{"unpack"}},
		"comma too many":       {aRole(`, "Path": "/",`), "", []string{"line 2, column 80", "invalid character '}'"}},
		"brace missing":        {"{\"UserDetailList\": [],\n \"Policies\": ]}", "", []string{"line 2, column 14", "invalid character ']'"}},
		"list that is none":    {`{"Policies": {}}`, "", []string{"column 14", "Policies is not a list"}},
		"field of wrong type":  {aRole(`, "RoleId": 7`), "", []string{"line 2, column 78", "role/app", "RoleId may not be a JSON number"}},
		"entity of wrong type": {"{\"Policies\": [\n3]}", "", []string{"line 2, column 1", "may not be a JSON number"}},
		"date that is none":    {aRole(`, "CreateDate": "yesterday"`), "", []string{"line 2, column 3", "role/app", `"yesterday" is not a date`}},
		"entity without ARN":   {`{"UserDetailList": [{"UserName": "ada"}]}`, "", []string{"ada: has no Arn"}},
		"ARN that is none":     {`{"UserDetailList": [{"Arn": "ada"}]}`, "", []string{"ada: is not an ARN"}},
		"two accounts": {`{"UserDetailList": [{"Arn": "arn:aws:iam::111111111111:user/a"},
			{"Arn": "arn:aws:iam::222222222222:user/b"}]}`, "", []string{"line 2", "user/b", "222222222222", "111111111111"}},
		"other account than asked for": {aRole(""), "999999999999", []string{"line 2", "role/app", "123456789012", "999999999999", "--account"}},
		"account blotted out":          {`{"UserDetailList": [{"Arn": "arn:aws:iam:::user/a"}]}`, "", []string{"--account"}},
	} {
		path := file(t, []byte(tc.text))
		_, err := newImporter(js, export.Config{Account: tc.account}).Import(t.Context(), path)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, want := range append(tc.want, path) {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", name, err, want)
			}
		}
		if _, again := export.Read(t.Context(), export.Config{Account: tc.account}, path, nil); again == nil || again.Error() != err.Error() {
			t.Errorf("%s: reading into memory says %v, importing %v", name, again, err)
		}
	}
	if runs := natstest.Stored(t, js, stream.Raw); len(runs) != 0 {
		t.Errorf("%d events were published", len(runs))
	}
}

func TestPlaceIsThatOfThePackedText(t *testing.T) {
	t.Parallel()
	text := bytes.Repeat([]byte(" \n"), 5000)
	text = append(text, aRole(`, "Path": nothing`)...)
	_, err := newImporter(natstest.Start(t), export.Config{}).Import(t.Context(), file(t, text))
	if err == nil || !strings.Contains(err.Error(), "line 5002, column 77 (byte 10097)") {
		t.Errorf("%v", err)
	}
}

func TestFileThatCannotBeOpenedIsNamed(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	dir := t.TempDir()
	for path, want := range map[string]string{dir: "is a directory", filepath.Join(dir, "none.json"): "none.json"} {
		if _, err := newImporter(js, export.Config{}).Import(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestImportEndsWhenItIsStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	cancel()
	if _, err := newImporter(natstest.Start(t), export.Config{}).Import(ctx, "testdata/account.json"); err == nil {
		t.Error("no error")
	}
}
