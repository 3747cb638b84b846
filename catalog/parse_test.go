package catalog_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/source"
)

// smallFile is a catalog file of two services that uses every section.
func smallFile(t testing.TB) []byte {
	t.Helper()
	data, err := source.Encode(&source.Facts{
		Package: "test", Versions: []string{"1", "2"}, Date: time.Unix(1_800_000_000, 0),
		Services: []source.Service{{
			Prefix: "one", Name: "Service One",
			Actions: []source.Action{
				{Name: "ListThings", Level: catalog.List},
				{Name: "GetThing", Level: catalog.Read, Resources: []catalog.ActionResource{{Type: "thing", Required: true, ConditionKeys: []string{"one:Size"}}}},
				{Name: "PutThing", Level: catalog.Write, ConditionKeys: []string{"aws:Tag/${TagKey}"}, Dependents: []string{"two:Pass", "one:GetThing"},
					Resources: []catalog.ActionResource{{Type: "thing"}, {Type: "part"}}},
			},
			ResourceTypes: []catalog.ResourceType{
				{Name: "thing", ARN: "arn:${Partition}:one:${Region}:${Account}:thing/${Id}", ConditionKeys: []string{"aws:Tag/${TagKey}"}},
				{Name: "part", ARN: "arn:${Partition}:one:::${Id}/part, arn:${Partition}:two::aws:{Id}"},
			},
			ConditionKeys: []catalog.ConditionKey{{Service: "one", Name: "one:Size", Type: "Numeric"}, {Name: "aws:Tag/${TagKey}", Type: "String"}},
		}, {
			Prefix: "two", Name: "Service Two",
			Actions: []source.Action{{Name: "Pass", Level: catalog.PermissionsManagement}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// use calls everything that reads what a file says.
func use(c *catalog.Catalog) {
	c.Info()
	set := c.NewSet()
	for id := range c.Services() {
		s := c.Service(catalog.ServiceID(id))
		c.LookupService(s.Prefix)
		c.AddMatches(set, s.Prefix+":*e*")
		c.ConditionKeys(s.ID)
		for i, r := range c.ResourceTypes(s.ID) {
			c.AddByResourceType(set, s.ID, i)
			arn := strings.NewReplacer("${Partition}", "aws", "$", "", "{", "", "}", "").Replace(r.ARN)
			_, _ = c.MatchARN(arn)
		}
	}
	for a := range catalog.ActionID(c.Len()) {
		c.LookupAction(c.Action(a).FullName())
		c.LevelOf(a)
		c.LastAccessed(a)
		c.AddDependents(set, a)
	}
	c.AddByConditionKey(set, "aws:Tag/x")
	c.NearestActions("one:Get", 2)
}

func TestParseReadsASmallFile(t *testing.T) {
	t.Parallel()
	c, err := catalog.Parse(smallFile(t))
	if err != nil {
		t.Fatal(err)
	}
	use(c)
	a := action(t, c, "ONE:putthing")
	if got := strings.Join(a.Dependents, " "); got != "one:GetThing two:Pass" {
		t.Errorf("dependents %s", got)
	}
	if len(a.Resources) != 2 || a.Resources[0].Type != "part" || a.Resources[1].Type != "thing" || a.ConditionKeys[0] != "aws:Tag/${TagKey}" {
		t.Errorf("action %+v", a)
	}
	if got := action(t, c, "one:GetThing").Resources[0]; !got.Required || got.ConditionKeys[0] != "one:Size" {
		t.Errorf("resource %+v", got)
	}
	if got := c.ConditionKeys(0); len(got) != 2 || got[1] != (catalog.ConditionKey{Service: "one", Name: "one:Size", Type: "Numeric"}) {
		t.Errorf("condition keys %+v", got)
	}
	if got := matchNames(t, c, "arn:aws:two::aws:x"); len(got) != 1 || got[0] != "one part" {
		t.Errorf("the second pattern of a type matches %q", got)
	}
}

func TestParseRefusesEveryCutFile(t *testing.T) {
	t.Parallel()
	data := smallFile(t)
	for n := range data {
		if _, err := catalog.Parse(data[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are a catalog", n, len(data))
		}
	}
}

func TestParseSurvivesEveryChangedByte(t *testing.T) {
	t.Parallel()
	data := smallFile(t)
	for i := range data {
		for _, x := range []byte{0x01, 0x02, 0x10, 0x80, 0xff} {
			data[i] ^= x
			if c, err := catalog.Parse(data); err == nil {
				use(c)
			}
			data[i] ^= x
		}
	}
}

func TestParseSkipsSectionsThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	data := string(smallFile(t))
	more := catalog.Magic + "\xf0\x03abc" + strings.TrimPrefix(data, catalog.Magic) + "\xf1\x01z"
	if _, err := catalog.Parse([]byte(more)); err != nil {
		t.Error(err)
	}
}

func TestParseNamesTheBrokenSection(t *testing.T) {
	t.Parallel()
	data := smallFile(t)
	for name, broken := range map[string]string{
		"not a catalog of this version": "LWCAT\x02" + string(data[len(catalog.Magic):]),
		"read section info: missing":    catalog.Magic,
		"read section info: corrupt":    catalog.Magic + "\x01\x02\x09a",
		"read section services":         string(data[:len(data)/8]),
		"read section actions":          string(data[:len(data)-1]),
	} {
		_, err := catalog.Parse([]byte(broken))
		if err == nil || !strings.HasPrefix(err.Error(), "parse catalog: ") || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one that says %q", err, name)
		}
	}
}

func TestParseOfTheEmbeddedFileEqualsOpen(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("data/catalog.bin")
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Len(), embedded(t).Len(); got != want {
		t.Errorf("%d actions, want %d", got, want)
	}
	clear(data)
	if _, ok := c.LookupAction("s3:GetObject"); !ok {
		t.Error("the catalog depends on the caller's bytes")
	}
}

func FuzzParse(f *testing.F) {
	data := smallFile(f)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte(catalog.Magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := catalog.Parse(data)
		if err == nil {
			use(c)
		}
	})
}

// moreFile is smallFile with the section that may be missing.
func moreFile(t testing.TB) []byte {
	t.Helper()
	c, err := catalog.Parse(smallFile(t))
	if err != nil {
		t.Fatal(err)
	}
	f := source.FactsOf(c)
	f.KeptFrom, f.LastAccessedKnown = "other 3", true
	f.Services[0].Actions[1].LastAccessed = true
	data, err := source.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestParseReadsWhatOnlySomeSourcesSay(t *testing.T) {
	t.Parallel()
	plain, err := catalog.Parse(smallFile(t))
	if err != nil {
		t.Fatal(err)
	}
	if tracked, known := plain.LastAccessed(0); tracked || known {
		t.Errorf("without the section: %v %v", tracked, known)
	}
	data := moreFile(t)
	c, err := catalog.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if info := c.Info(); info.KeptFrom != "other 3" || info.LastAccessed != 1 {
		t.Errorf("info %+v", info)
	}
	for id, want := range []bool{false, true, false, false} {
		if tracked, known := c.LastAccessed(catalog.ActionID(id)); tracked != want || !known {
			t.Errorf("action %d: %v %v", id, tracked, known)
		}
	}
	for n := len(smallFile(t)) + 1; n < len(data); n++ {
		if _, err := catalog.Parse(data[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are a catalog", n, len(data))
		}
	}
	for i := len(smallFile(t)); i < len(data); i++ {
		for _, x := range []byte{0x01, 0x02, 0x10, 0x80, 0xff} {
			data[i] ^= x
			if c, err := catalog.Parse(data); err == nil {
				use(c)
			}
			data[i] ^= x
		}
	}
}

func TestFormatVersionIsThatOfTheMagic(t *testing.T) {
	t.Parallel()
	if got := int(catalog.Magic[len(catalog.Magic)-1]); got != catalog.FormatVersion {
		t.Errorf("%d, want %d", got, catalog.FormatVersion)
	}
}
