package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog"
)

func TestCutPlaceholder(t *testing.T) {
	t.Parallel()
	tests := []struct{ key, before, placeholder, after string }{
		{"aws:ResourceTag/${TagKey}", "aws:ResourceTag/", "${TagKey}", ""},
		{"events:Metadata/${MetadataKey}/Matcher", "events:Metadata/", "${MetadataKey}", "/Matcher"},
		{"github.com/enterprises/${EnterpriseName}:actor", "github.com/enterprises/", "${EnterpriseName}", ":actor"},
		{"kms:EncryptionContext:${EncryptionContextKey}", "kms:EncryptionContext:", "${EncryptionContextKey}", ""},
		{"s3:ExistingObjectTag/<key>", "s3:ExistingObjectTag/", "<key>", ""},
		{"secretsmanager:ResourceTag/tag-key", "secretsmanager:ResourceTag/", "tag-key", ""},
		{"glacier:ResourceTag/", "glacier:ResourceTag/", "", ""},
	}
	for _, test := range tests {
		before, placeholder, after, ok := catalog.CutPlaceholder(test.key)
		if !ok || before != test.before || placeholder != test.placeholder || after != test.after {
			t.Errorf("%s: %q, %q, %q, %v", test.key, before, placeholder, after, ok)
		}
	}
	for _, key := range []string{
		"", "s3:prefix", "aws:ResourceTag/team", "aws:ResourceTag/a/", "aws:ResourceTag/a/tag-key", "aws:ResourceTag/a<b>",
		"apigateway:Request/ApiName", "aws:ResourceTag/a${b", "ssm:resourceTag/aws:ssmmessages:session-id",
	} {
		if before, placeholder, after, ok := catalog.CutPlaceholder(key); ok {
			t.Errorf("%s: %q, %q, %q", key, before, placeholder, after)
		}
	}
}

// TestPlaceholdersAreOfKnownForms fails where a newer catalog has a condition key with
// a slash that is not among those that were looked up: what is behind it can be a
// placeholder of another form.
func TestPlaceholdersAreOfKnownForms(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	keys, err := c.FindConditionKeys(catalog.AllServices, "")
	if err != nil {
		t.Fatal(err)
	}
	forms, literal := map[string][]string{}, []string{}
	for _, k := range keys {
		_, placeholder, _, ok := catalog.CutPlaceholder(k.Name)
		stem, _, slash := strings.Cut(k.Name, "/")
		switch {
		case ok && !strings.HasPrefix(placeholder, "${"):
			forms[placeholder] = append(forms[placeholder], k.Name)
		case !ok && slash:
			literal = append(literal, stem)
		}
	}
	for _, of := range forms {
		slices.Sort(of)
	}
	want := map[string][]string{
		"":        {"elasticloadbalancing:ResourceTag/", "glacier:ResourceTag/", "sagemaker:ResourceTag/"},
		"<key>":   {"s3-outposts:ExistingObjectTag/<key>", "s3-outposts:RequestObjectTag/<key>", "s3:ExistingObjectTag/<key>", "s3:RequestObjectTag/<key>"},
		"tag-key": {"secretsmanager:ResourceTag/tag-key", "ssm:resourceTag/tag-key"},
	}
	if diff := cmp.Diff(want, forms); diff != "" {
		t.Errorf("placeholders (-want +got):\n%s", diff)
	}
	slices.Sort(literal)
	wantLiteral := []string{
		"accounts.google.com:google", "apigateway:Request", "apigateway:Resource", "bedrock-agentcore:InboundJwtClaim",
		"ec2:Add", "ec2:Remove", "events:SystemMetadata", "rbin:Attribute", "rbin:Request", "secretsmanager:resource",
		"ssm:resourceTag", "wisdom:MessageTemplate", "wisdom:SearchFilter",
	}
	if diff := cmp.Diff(wantLiteral, slices.Compact(literal)); diff != "" {
		t.Errorf("keys with a slash and no placeholder (-want +got):\n%s", diff)
	}
}
