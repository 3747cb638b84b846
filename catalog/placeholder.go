package catalog

import "strings"

// literalTagKey is what Secrets Manager and Systems Manager write for a placeholder.
const literalTagKey = "tag-key"

// CutPlaceholder cuts a condition key around the place where a policy puts a name
// of its own, the key of a tag for example. AWS's Service Authorization Reference
// writes such a place in four forms:
//
//   - ${TagKey}, anywhere: "aws:ResourceTag/${TagKey}", most of them;
//   - <key>, at the end: "s3:ExistingObjectTag/<key>", keys of S3 and S3 on Outposts;
//   - tag-key, at the end: "secretsmanager:ResourceTag/tag-key", also of Systems Manager;
//   - nothing, behind the slash: "glacier:ResourceTag/", also of Elastic Load Balancing
//     and SageMaker.
//
// The last three are what is behind the first slash as a whole, for the key of a tag
// can hold slashes. All other texts behind a slash are of the key itself:
// "apigateway:Request/ApiName". A key without such a place is not ok.
func CutPlaceholder(key string) (before, placeholder, after string, ok bool) {
	if open := strings.Index(key, "${"); open >= 0 {
		if length := strings.IndexByte(key[open:], '}') + 1; length > 0 {
			return key[:open], key[open : open+length], key[open+length:], true
		}
	}
	slash := strings.IndexByte(key, '/')
	if slash < 0 {
		return "", "", "", false
	}
	name := key[slash+1:]
	if name == "" || strings.EqualFold(name, literalTagKey) || name[0] == '<' && name[len(name)-1] == '>' {
		return key[:slash+1], name, "", true
	}
	return "", "", "", false
}

// keyMatches compares a key of a policy with one of the catalog, which can have a
// placeholder for a name that the policy chooses.
func keyMatches(pattern, key string) bool {
	if strings.EqualFold(pattern, key) {
		return true
	}
	before, _, after, ok := CutPlaceholder(pattern)
	return ok && len(key) > len(before)+len(after) &&
		strings.EqualFold(before, key[:len(before)]) && strings.EqualFold(after, key[len(key)-len(after):])
}
