package catalog

// A catalog file is Magic followed by sections in ascending order of their
// tag. A section is its tag (one byte), the length of its payload and the
// payload; readers skip tags that they do not know. Every number is an
// unsigned varint. A list of names is its length, the number of bytes of all
// names, then for each name the number of bytes that it shares with the one
// before, the number of bytes that follow, and those. A list of sets is its length, then for each set the
// number of its elements and the elements; ascending ones as differences.
//
//	info        package, versions and date of the facts
//	services    prefixes, display names; per service the number of actions at
//	            each level, of resource types and of condition keys
//	keys        names; per service its keys, ascending, as id<<4 | type
//	types       names, heads, tails; per type the head's number and a key set
//	key sets    of key ids
//	resources   of type<<1 | required, each followed by a key set
//	dependents  of action ids
//	actions     names; three columns: resources, key set, dependents
//	more        what only some sources say, and may be missing: where the rest
//	            comes from; no set, or one of the actions whose last use IAM tells
//
// A type's ARN is "arn:${Partition}:" + head + ":" + tail. Number 0 of every
// list of sets is the empty set.

// Magic opens a catalog file; its last byte is the version of the format.
const Magic = "LWCAT\x01"

// FormatVersion is the version of the format that this package reads.
const FormatVersion = 1

// The tags of the sections of a catalog file.
const (
	TagInfo = iota + 1
	TagServices
	TagKeys
	TagTypes
	TagKeySets
	TagResources
	TagDependents
	TagActions
	tagEnd
	// TagMore is the section that may be missing.
	TagMore = tagEnd
)

// ARNHead is what every resource type's ARN pattern begins with.
const ARNHead = "arn:${Partition}:"

// MaxActions is how many actions a catalog can hold: an [ActionID] has 16 bits
// and the half-open end of the last range must fit too.
const MaxActions = 1<<16 - 1
