package catalog_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// The actions of a service, policy_sentry's get_actions_for_service.
func ExampleCatalog_FindActions() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	set, err := c.FindActions(catalog.ActionFilter{Service: "cloudhsm", Name: "*Backup"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Join(c.Names(set), "\n"))
	// Output:
	// cloudhsm:DeleteBackup
	// cloudhsm:RestoreBackup
}

// The actions of an access level that support a resource type and a condition
// key: policy_sentry's get_actions_with_arn_type_and_access_level and
// get_actions_matching_condition_key in one.
func ExampleCatalog_FindActions_filters() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	set, err := c.FindActions(catalog.ActionFilter{
		Service: "ram", Levels: []catalog.Level{catalog.List},
		ResourceType: "resource-share", Condition: "ram:AllowsExternalPrincipals",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Names(set))
	// Output: [ram:ListResourceSharePermissions]
}

// The actions that can only be granted on every resource, policy_sentry's
// get_actions_that_support_wildcard_arns_only.
func ExampleCatalog_FindActions_wildcardOnly() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	set, err := c.FindActions(catalog.ActionFilter{Service: "sqs", WildcardOnly: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Names(set))
	// Output: [sqs:ListQueues]
}

// What is misspelt is an error with the nearest names.
func ExampleCatalog_FindServices() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.FindServices("dynamobd")
	fmt.Println(err)
	// Output: the catalog has no service "dynamobd"; did you mean dynamodb?
}

// The ARN pattern of a resource type, policy_sentry's get_arn_type_details.
func ExampleCatalog_FindResourceTypes() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	types, err := c.FindResourceTypes("cloud9", "environment")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(types[0].ARN, types[0].ConditionKeys)
	// Output: arn:${Partition}:cloud9:${Region}:${Account}:environment:${ResourceId} [aws:ResourceTag/${TagKey}]
}

// The type of a condition key's values, policy_sentry's
// get_condition_key_details.
func ExampleCatalog_FindConditionKeys() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	keys, err := c.FindConditionKeys("cloud9", "cloud9:Permissions")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(keys[0].Name, keys[0].Type)
	// Output: cloud9:Permissions String
}
