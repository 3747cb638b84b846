package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows how far long work is: bars on a terminal, a line now and then
// elsewhere.
type progress struct {
	out  io.Writer
	bars *mpb.Progress // nil where out is no terminal
	mu   sync.Mutex
	all  []*task
}

// newProgress writes to out. Where bars is false it writes plain lines.
func newProgress(out io.Writer, bars bool) *progress {
	p := &progress{out: out}
	if bars {
		p.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(40), mpb.WithRefreshRate(120*time.Millisecond))
	}
	return p
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// task is one piece of long work.
type task struct {
	name        string
	out         io.Writer
	bar         *mpb.Bar
	mu          sync.Mutex
	done, total int64
	told        time.Time
}

// lineEvery is how often a task without a bar says how far it is.
const lineEvery = 5 * time.Second

// task adds a piece of work; total is 0 where it is not known yet.
func (p *progress) task(name string, total int64) *task {
	t := &task{name: name, out: p.out, total: total, told: time.Now()}
	if p.bars != nil {
		t.bar = p.bars.AddBar(total,
			mpb.PrependDecorators(decor.Name(name, decor.WC{W: 12, C: decor.DindentRight}), decor.CountersNoUnit("%d/%d", decor.WC{W: 16})),
			mpb.AppendDecorators(decor.Percentage(decor.WC{W: 5}), decor.Elapsed(decor.ET_STYLE_GO, decor.WC{W: 8})),
		)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, t)
	return t
}

// set says how far the task is, of how much.
func (t *task) set(done, total int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done, t.total = done, total
	if t.bar != nil {
		t.bar.SetTotal(total, false)
		t.bar.SetCurrent(done)
		return
	}
	if time.Since(t.told) >= lineEvery {
		t.line()
	}
}

// finish ends the task.
func (t *task) finish() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.bar != nil {
		t.bar.SetTotal(t.done, true)
		return
	}
	t.line()
}

func (t *task) line() {
	t.told = time.Now()
	fmt.Fprintf(t.out, "%s %d/%d\n", t.name, t.done, t.total)
}

// close ends all tasks and leaves the terminal as it was.
func (p *progress) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars == nil {
		return
	}
	for _, t := range p.all {
		t.bar.Abort(false)
	}
	p.bars.Wait()
}
