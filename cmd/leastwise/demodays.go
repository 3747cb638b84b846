package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/schemas/stream"
)

// day is the step of the organization's clock.
const day = 24 * time.Hour

// demoStart is kept in the data directory, so that a later demo on it sees the
// same organization, grown older.
type demoStart struct {
	// Start is the organization's first day.
	Start time.Time `json:"start"`
}

// pastDays is how much older an organization is than the first day of its first
// demo, so that a later demo may go further back.
const pastDays = 365

// startOrganization serves the simulated organization.
func startOrganization(ctx context.Context, cfg demoConfig) (*awssim.Organization, error) {
	start, err := firstDay(filepath.Join(cfg.dataDir, "demo.json"), cfg.days)
	if err != nil {
		return nil, err
	}
	sim := awssim.DefaultConfig()
	sim.Seed, sim.Accounts, sim.Roles, sim.Start = cfg.seed, cfg.accounts, cfg.roles, start
	org, err := awssim.New(sim)
	if err != nil {
		return nil, usage(err)
	}
	return org, org.Start(ctx)
}

// firstDay reads the organization's first day, or sets it.
func firstDay(path string, days int) (time.Time, error) {
	wanted := today().Add(-day * time.Duration(days-1))
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		start := wanted.Add(-day * pastDays)
		return start, keepFirstDay(path, start)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read the demo's first day: %w", err)
	}
	var s demoStart
	if err := json.Unmarshal(raw, &s); err != nil || s.Start.IsZero() {
		return time.Time{}, fmt.Errorf("read %s: it is broken; use another --data-dir, or remove the file to begin a new organization", path)
	}
	if s.Start.After(wanted) {
		return time.Time{}, usage(fmt.Errorf("--days is %d, but the organization in this --data-dir began on %s; use at most %d, or another --data-dir",
			days, s.Start.Format(time.DateOnly), int(today().Sub(s.Start)/day)+1))
	}
	return s.Start, nil
}

func keepFirstDay(path string, start time.Time) error {
	raw, err := json.Marshal(demoStart{Start: start})
	if err == nil {
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		return fmt.Errorf("keep the demo's first day: %w", err)
	}
	return nil
}

func today() time.Time { return time.Now().UTC().Truncate(day) }

// collectDays has every account collected on each day, and waits until all that
// was collected is stored.
func (d *demo) collectDays(ctx context.Context, r *host, cfg pipelineConfig) error {
	scheduler, err := newScheduler(ctx, r, cfg.schedule)
	if err != nil {
		return err
	}
	bar := d.progress.task("runs", int64(d.cfg.accounts*d.cfg.days))
	flow := newFlow(d.progress, r.js)
	first := today().Add(-day * time.Duration(d.cfg.days-1))
	for n := range d.cfg.days {
		at := first.Add(day * time.Duration(n))
		d.org.SetNow(at)
		if _, err := scheduler.Schedule(ctx, at); err != nil {
			return err
		}
		err := poll(ctx, func() (bool, error) {
			waiting, err := pendingJobs(ctx, r.js)
			bar.set(int64((n+1)*d.cfg.accounts)-int64(waiting), int64(d.cfg.accounts*d.cfg.days))
			return waiting == 0, errors.Join(err, flow.update(ctx))
		})
		if err != nil {
			return err
		}
	}
	bar.finish()
	err = poll(ctx, func() (bool, error) {
		err := flow.update(ctx)
		return flow.drained(), err
	})
	if err != nil {
		return err
	}
	flow.finish()
	return nil
}

// poll calls done until it says so, fails, or ctx ends.
func poll(ctx context.Context, done func() (bool, error)) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// forgetJobs drops the jobs of a demo that was killed: they are for days that the
// organization's clock no longer shows.
func forgetJobs(ctx context.Context, js jetstream.JetStream) error {
	s, err := js.Stream(ctx, stream.Jobs)
	if err == nil {
		err = s.Purge(ctx)
	}
	if err != nil {
		return fmt.Errorf("empty stream %s: %w", stream.Jobs, err)
	}
	return nil
}

func pendingJobs(ctx context.Context, js jetstream.JetStream) (uint64, error) {
	s, err := js.Stream(ctx, stream.Jobs)
	if err != nil {
		return 0, fmt.Errorf("look at stream %s: %w", stream.Jobs, err)
	}
	return s.CachedInfo().State.Msgs, nil
}

// pipelineConfig points every stage at the simulated organization, which can
// take more calls than AWS would like.
func (d *demo) pipelineConfig() pipelineConfig {
	c := defaultPipelineConfig()
	key, secret := d.org.Credentials()
	base := aws.Config{
		Region:       d.org.World().Management().Region(),
		BaseEndpoint: aws.String(d.org.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider(key, secret, ""),
		HTTPClient:   awshttp.NewBuildableClient(),
	}
	sim := awssim.DefaultConfig()
	c.schedule.aws.Organization = true
	c.schedule.aws.RoleName, c.schedule.aws.ExternalID = sim.RoleName, sim.ExternalID
	c.schedule.aws.Rate, c.schedule.aws.AdvisorRate = demoRate, demoRate
	c.schedule.aws.PollInterval = time.Millisecond
	c.schedule.base, c.collect.base, c.collect.aws = &base, &base, c.schedule.aws
	c.collect.worker.Concurrency = min(d.cfg.accounts, 8)
	// One process does all the work here: smaller batches keep it small.
	c.process.enrich.Batch, c.process.enrich.Workers = 50, 1
	c.sink.Batch, c.sink.Workers, c.sink.Bytes = 1000, 1, 3<<20
	// Jobs are for the simulated day, however late that is by the real clock.
	c.collect.worker.StaleAfter = 0
	return c
}

// demoRate is the number of calls a second to a simulated account.
const demoRate = 10_000
