package catalog_test

import (
	"fmt"
	"log"

	"github.com/leastwise/leastwise/catalog"
)

// The actions of a service at one access level.
func ExampleCatalog_LevelRange() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	sqs, _ := c.LookupService("sqs")
	first, end := c.LevelRange(sqs.ID, catalog.PermissionsManagement)
	for a := first; a < end; a++ {
		fmt.Println(c.FullName(a))
	}
	// Output:
	// sqs:AddPermission
	// sqs:RemovePermission
	// sqs:SetQueueAttributes
}

// What an action needs and where it can be restricted to.
func ExampleCatalog_Action() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	id, _ := c.LookupAction("lambda:createfunction")
	a := c.Action(id)
	fmt.Println(a.FullName(), "is", a.Level)
	for _, r := range a.Resources {
		fmt.Println("resource type:", r.Type, r.Required)
	}
	fmt.Println("needs:", a.Dependents)
	// Output:
	// lambda:CreateFunction is Write
	// resource type: function true
	// needs: [iam:PassRole lambda:PassCapacityProvider]
}

// Expanding wildcards, and counting by level what they grant.
func ExampleCatalog_AddMatches() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	granted, denied := c.NewSet(), c.NewSet()
	c.AddMatches(granted, "sns:*Topic*")
	c.AddMatches(denied, "sns:Delete*")
	granted.Subtract(denied)

	sns, _ := c.LookupService("sns")
	for l := range catalog.Level(catalog.LevelCount) {
		if n := granted.CountRange(c.LevelRange(sns.ID, l)); n > 0 {
			fmt.Println(l, n)
		}
	}
	// Output:
	// List 2
	// Read 1
	// Write 1
	// Permissions management 1
}

// The resource types that an ARN names.
func ExampleCatalog_MatchARN() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	matches, err := c.MatchARN("arn:aws:s3:::my-bucket/reports/2026.csv")
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range matches {
		fmt.Println(c.Service(m.Service).Prefix, m.Type)
	}
	// Output: s3 object
}

// The actions of all services that a condition key can restrict.
func ExampleCatalog_AddByConditionKey() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	set := c.NewSet()
	c.AddByConditionKey(set, "iam:PassedToService")
	for a := range set.All() {
		fmt.Println(c.FullName(a))
	}
	// Output: iam:PassRole
}

func ExampleCatalog_NearestActions() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.NearestActions("s3:GetObjcet", 1))
	// Output: [s3:GetObject]
}
