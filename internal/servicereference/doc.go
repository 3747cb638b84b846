// Package servicereference fetches AWS's Service Reference, which says in JSON
// what actions, resource types and condition keys every service has:
// https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html.
//
// It reads the index and then one file a service, a few at once. What the files
// mean is for package [github.com/leastwise/leastwise/catalog/source].
package servicereference
