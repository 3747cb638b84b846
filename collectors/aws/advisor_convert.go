package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/leastwise/leastwise/schemas/event"
)

func servicesOf(services []types.ServiceLastAccessed) []event.ServiceAccess {
	list := make([]event.ServiceAccess, 0, len(services))
	for _, s := range services {
		a := event.ServiceAccess{
			Service: aws.ToString(s.ServiceNamespace), LastAt: second(s.LastAuthenticated),
			LastARN: aws.ToString(s.LastAuthenticatedEntity), LastRegion: aws.ToString(s.LastAuthenticatedRegion),
			Entities: int(aws.ToInt32(s.TotalAuthenticatedEntities)),
		}
		for _, t := range s.TrackedActionsLastAccessed {
			a.Actions = append(a.Actions, event.ActionAccess{
				Action: aws.ToString(t.ActionName), LastAt: second(t.LastAccessedTime),
				LastARN: aws.ToString(t.LastAccessedEntity), LastRegion: aws.ToString(t.LastAccessedRegion),
			})
		}
		list = append(list, a)
	}
	return list
}
