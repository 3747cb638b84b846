package details_test

import (
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/details"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
)

func TestAGroupThatWasNotListedMakesTheRunPartial(t *testing.T) {
	t.Parallel()
	const account = "111122223333"
	for name, tt := range map[string]struct {
		groups []string
		want   event.RunStatus
	}{
		"listed":     {[]string{"readers"}, event.RunComplete},
		"not listed": {[]string{"readers", "writers"}, event.RunPartial},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js := natstest.Start(t)
			e := collectors.NewEmitter(collectors.Dependencies{
				JetStream: js, Publisher: bus.NewPublisher(js, zap.NewNop()), Metrics: collectors.NewMetrics(nil), Log: zap.NewNop(),
			})
			job := event.NewJob(account, time.Now())
			job.Partition = "aws"
			run, err := e.Open(t.Context(), collectors.Pass{Job: job, Attempt: 1, Source: event.SourceImport})
			if err != nil {
				t.Fatal(err)
			}
			w := details.NewWriter(run, nil, nil)
			group := details.Group{Identity: details.Identity{Name: "readers", ID: "AGPA1", ARN: "arn:aws:iam::" + account + ":group/readers"}}
			if err := w.Group(t.Context(), group); err != nil {
				t.Fatal(err)
			}
			user := details.User{
				Identity: details.Identity{Name: "ann", ID: "AIDA1", ARN: "arn:aws:iam::" + account + ":user/ann"},
				Groups:   tt.groups,
			}
			if err := w.User(t.Context(), user); err != nil {
				t.Fatal(err)
			}
			s, err := run.Close(t.Context(), nil)
			if err != nil || s.Status != tt.want || s.Events[event.KindUser] != 1 {
				t.Errorf("%+v, %v; want %s", s, err, tt.want)
			}
		})
	}
}
