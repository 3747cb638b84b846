package table_test

import (
	"fmt"
	"log"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/table"
)

// What is known of an action, policy_sentry's get_action_data.
func ExampleActions() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	filter := catalog.ActionFilter{Service: "ec2", Name: "AttachVolume"}
	set, err := c.FindActions(filter)
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range table.Actions(c, set, filter) {
		fmt.Println(row.Action, row.AccessLevel, row.ResourceType, row.ARN)
	}
	// Output:
	// ec2:AttachVolume Write instance arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}
	// ec2:AttachVolume Write volume arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}
}
