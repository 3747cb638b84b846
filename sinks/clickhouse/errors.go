package clickhouse

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// ErrNotMigrated says that a database or a table does not exist yet.
var ErrNotMigrated = errors.New("the warehouse is not set up; run `leastwise migrate` with this --clickhouse-dsn first")

// Codes of ClickHouse exceptions, from src/Common/ErrorCodes.cpp.
const (
	codeNoSuchColumn         = 16
	codeUnknownTable         = 60
	codeUnknownDatabase      = 81
	codeUnknownUser          = 192
	codeWrongPassword        = 193
	codeRequiredPassword     = 194
	codeAccessDenied         = 497
	codeAuthenticationFailed = 516
)

// code is the code of the ClickHouse exception in err, or 0.
func code(err error) int32 {
	var e *clickhouse.Exception
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// explain says where an error came from and what to do about it. A database or a
// table that does not exist is ErrNotMigrated.
func explain(err error, address string) error {
	switch c := code(err); c {
	case codeUnknownDatabase, codeUnknownTable:
		return fmt.Errorf("use ClickHouse at %s: %w (%w)", address, ErrNotMigrated, err)
	case 0:
		return fmt.Errorf("reach ClickHouse at %s: %w; %s", address, err, hint(c))
	default:
		return fmt.Errorf("use ClickHouse at %s: %w; %s", address, err, hint(c))
	}
}

// hint says what to do about an exception of a code, or about a connection (0).
func hint(code int32) string {
	switch code {
	case 0:
		return "check --clickhouse-dsn, which names the native port (9000, or 9440 with TLS), and that the server runs"
	case codeUnknownDatabase, codeUnknownTable, codeNoSuchColumn:
		return "run `leastwise migrate`"
	case codeUnknownUser, codeWrongPassword, codeRequiredPassword, codeAuthenticationFailed:
		return "check user and password of --clickhouse-dsn"
	case codeAccessDenied:
		return "grant it to the user of --clickhouse-dsn"
	}
	return "the server's log has more"
}

// refusedError marks rows that ClickHouse does not take, whatever one waits for.
type refusedError struct {
	table string
	cause error
}

func (r *refusedError) Error() string { return fmt.Sprintf("insert into %s: %v", r.table, r.cause) }
func (r *refusedError) Unwrap() error { return r.cause }

// isDataFault reports whether a code speaks of the rows themselves.
func isDataFault(code int32) bool {
	return slices.Contains([]int32{
		6, 27, 38, 41, 72, 467, 632, // CANNOT_PARSE_…
		53, 70, 349, 691, // TYPE_MISMATCH, CANNOT_CONVERT_TYPE, CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN, UNKNOWN_ELEMENT_OF_ENUM
		69, 321, 407, // ARGUMENT_OUT_OF_BOUND, VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE, DECIMAL_OVERFLOW
		117, 128, 131, 190, // INCORRECT_DATA, TOO_LARGE_ARRAY_SIZE, TOO_LARGE_STRING_SIZE, SIZES_OF_ARRAYS_DONT_MATCH
		395, 469, // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO, VIOLATED_CONSTRAINT
	}, code)
}

// isServerState reports whether a code speaks of the server and not of the rows.
// Such errors come and go.
func isServerState(code int32) bool {
	return slices.Contains([]int32{
		0, 3, 96, 209, 210, 735, 749, // no exception at all, or the connection
		codeUnknownTable, codeUnknownDatabase, codeNoSuchColumn, 218, // not migrated; TABLE_IS_DROPPED
		codeUnknownUser, codeWrongPassword, codeRequiredPassword, codeAccessDenied, codeAuthenticationFailed,
		164, 242, 774, // READONLY, TABLE_IS_READ_ONLY, TABLE_IS_PERMANENTLY_READ_ONLY
		74, 75, 76, 204, 243, 294, 499, // files, disks, object storage
		159, 160, 173, 201, 202, 241, 252, 364, 439, 473, 574, 700, 776, 777, 778, // overload and limits
		236, 373, 384, 394, 738, // shutdown, locks
		225, 244, 285, 286, 319, 999, // replication
		1000, 1001, 1002, // exceptions of libraries: out of file handles, for example
	}, code)
}
