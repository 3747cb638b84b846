package risk

import "strings"

// accountOf returns the account that a value of a condition names: an account
// id, or the account of an ARN; "" where it names none, or several.
func accountOf(value string) string {
	if parts := strings.SplitN(value, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		value = parts[4]
	}
	if len(value) != 12 || strings.Trim(value, "0123456789") != "" {
		return ""
	}
	return value
}
