package policy

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operator is a condition operator taken apart.
type operator struct {
	name string // as IAM spells it, with its prefix and suffix
	set  string // "ForAllValues", "ForAnyValue" or ""
	base string // "StringEquals" for example
	// ifExists says that a request without the key passes.
	ifExists bool
}

// operatorNames are IAM's condition operators without prefix and suffix (IAM User
// Guide, "IAM JSON policy elements: Condition operators").
const operatorNames = "StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike " +
	"NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals " +
	"DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals " +
	"Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike Null"

const (
	forAllValues = "ForAllValues"
	forAnyValue  = "ForAnyValue"
	ifExists     = "IfExists"
)

// parseOperator reads an operator in any case. One that it cannot read is the zero
// value.
func parseOperator(s string) (operator, bool) {
	var o operator
	rest := s
	if set, tail, ok := strings.Cut(s, ":"); ok {
		rest = tail
		switch {
		case strings.EqualFold(set, forAllValues):
			o.set = forAllValues
		case strings.EqualFold(set, forAnyValue):
			o.set = forAnyValue
		default:
			return operator{}, false
		}
	}
	if n := len(rest) - len(ifExists); n > 0 && strings.EqualFold(rest[n:], ifExists) {
		o.ifExists, rest = true, rest[:n]
	}
	for name := range strings.FieldsSeq(operatorNames) {
		if strings.EqualFold(name, rest) {
			o.base = name
		}
	}
	if o.base == "" || o.base == "Null" && (o.ifExists || o.set != "") {
		return operator{}, false
	}
	o.name = o.base
	if o.set != "" {
		o.name = o.set + ":" + o.name
	}
	if o.ifExists {
		o.name += ifExists
	}
	return o, true
}

// nearestOperator returns the operator whose name is s but for one slip, or nothing.
func nearestOperator(s string) []string {
	_, rest, ok := strings.Cut(s, ":")
	if !ok {
		rest = s
	}
	rest = strings.ToLower(rest)
	for name := range strings.FieldsSeq(operatorNames) {
		lower := strings.ToLower(name)
		if oneSlip(rest, lower) || rest == strings.ReplaceAll(lower, "equals", "equal") || rest == strings.TrimSuffix(lower, "equals") {
			return []string{name}
		}
	}
	return nil
}

// The types of condition keys, as the catalog has them, without ArrayOf.
const (
	typeString  = "String"
	typeARN     = "ARN"
	typeBool    = "Bool"
	typeNumeric = "Numeric"
	typeDate    = "Date"
	typeAddress = "IPAddress"
	typeBinary  = "Binary"
	typeNull    = "Null"

	arrayOf = "ArrayOf"
)

// compares returns the type of the values that the operator compares with.
func (o operator) compares() string {
	switch {
	case strings.HasPrefix(o.base, "String"):
		return typeString
	case strings.HasPrefix(o.base, "Numeric"):
		return typeNumeric
	case strings.HasPrefix(o.base, "Date"):
		return typeDate
	case strings.HasPrefix(o.base, "Arn"):
		return typeARN
	case strings.HasSuffix(o.base, "IpAddress"):
		return typeAddress
	case o.base == "BinaryEquals":
		return typeBinary
	case o.base == "Null":
		return typeNull
	default:
		return typeBool
	}
}

// suits reports whether the operator can compare with a key of a type. ARNs and
// booleans are texts too, and some services call keys that hold them texts.
func (o operator) suits(keyType string) bool {
	switch compared := o.compares(); keyType {
	case typeString, typeARN, typeBool:
		return compared == typeString || compared == typeARN || compared == typeBool || compared == typeNull || compared == typeBinary
	case typeDate:
		return compared == typeDate || compared == typeNumeric || compared == typeNull
	default:
		return compared == keyType || compared == typeNull
	}
}

// demandsKey reports whether a condition with the operator fails where a request
// does not have the key.
func (o operator) demandsKey() bool {
	return !o.ifExists && o.set != forAllValues && o.base != "Null" && !strings.Contains(o.base, "Not")
}

// checkValue returns what is wrong with a value, or "". A policy variable, such as
// ${aws:username}, can become any value.
func (o operator) checkValue(value string) string {
	if last := strings.LastIndex(value, "${"); last >= 0 {
		if !strings.Contains(value[last:], "}") {
			return fmt.Sprintf("%q has a policy variable without its }", value)
		}
		return ""
	}
	var err error
	switch o.compares() {
	case typeNumeric:
		if _, err = strconv.ParseFloat(value, 64); strings.Trim(value, "0123456789+-.eE") != "" { // no NaN, no 1_000
			err = strconv.ErrSyntax
		}
		return wrongValue(err, value, "a number")
	case typeDate:
		return wrongValue(checkDate(value), value, "a date such as 2026-01-31T00:00:00Z, or seconds since 1970")
	case typeBool, typeNull:
		if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") {
			return fmt.Sprintf("%q is neither true nor false", value)
		}
	case typeAddress:
		if _, err = netip.ParseAddr(value); err != nil {
			_, err = netip.ParsePrefix(value)
		}
		return wrongValue(err, value, "an address or a range such as 192.0.2.0/24")
	case typeARN:
		if value != everything && strings.Count(value, ":") < 5 && !strings.HasSuffix(value, "*") {
			return fmt.Sprintf("%q is not an ARN", value)
		}
	}
	return ""
}

func wrongValue(err error, value, want string) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%q is not %s", value, want)
}

// checkDate takes the forms that IAM names: the W3C's profile of ISO 8601
// (https://www.w3.org/TR/NOTE-datetime), and seconds since 1970.
func checkDate(value string) error {
	if _, err := strconv.ParseInt(value, 10, 64); err == nil {
		return nil
	}
	var err error
	for _, layout := range []string{"2006-01", time.DateOnly, "2006-01-02T15:04Z07:00", time.RFC3339} {
		if _, err = time.Parse(layout, value); err == nil {
			return nil
		}
	}
	return err
}
