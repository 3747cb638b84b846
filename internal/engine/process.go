package engine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// logLimit is the size in bytes from which a start begins a new log file.
const logLimit = 8 << 20

// process is a child that runs an engine.
type process struct {
	cmd     *exec.Cmd
	logPath string
	logFrom int64 // where this child's part of the log begins

	parent   *os.File // the child stops when this is closed
	stopOnce sync.Once
	wanted   atomic.Bool // somebody here wanted the child to end

	done chan struct{}
	err  error // why it ended; set before done is closed
}

// startProcess starts a copy of this executable as a child, see [ChildMain].
func startProcess(args childArgs, logPath string) (*process, error) {
	log, from, err := openLog(logPath)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	self, err := executable()
	if err != nil {
		return nil, fmt.Errorf("find own executable: %w", err)
	}
	childEnd, parentEnd, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make pipe: %w", err)
	}
	defer childEnd.Close()
	p := &process{
		cmd: &exec.Cmd{
			Path:        self,
			Args:        args.strings(),
			Env:         append(engineEnv(args.dir), childEnv+"=1"),
			Dir:         args.dir,
			Stderr:      log, // libchdb's stdout is terminal decoration
			ExtraFiles:  []*os.File{childEnd},
			SysProcAttr: diesWithParent(syscall.SIGTERM),
		},
		logPath: logPath,
		logFrom: from,
		parent:  parentEnd,
		done:    make(chan struct{}),
	}
	// A session of its own keeps the terminal's Ctrl-C away from the child.
	p.cmd.SysProcAttr.Setsid = true
	started := make(chan error, 1)
	go func() {
		defer close(p.done)
		p.err = runLocked(p.cmd, started)
	}()
	if err := <-started; err != nil {
		return nil, errors.Join(fmt.Errorf("start engine: %w", err), parentEnd.Close())
	}
	return p, nil
}

// runLocked starts cmd and waits for it on one thread: Linux sends the signal
// of [diesWithParent] when the thread that started the child ends, not the
// process.
func runLocked(cmd *exec.Cmd, started chan<- error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	if started != nil {
		started <- err
	}
	if err != nil {
		return err
	}
	return cmd.Wait()
}

// stop asks the child to shut down in order; it does not wait.
func (p *process) stop() {
	p.stopOnce.Do(func() {
		select {
		case <-p.done: // too late to have wanted it
		default:
			p.wanted.Store(true)
		}
		_ = p.parent.Close()
	})
}

// kill ends the child at once and waits for that.
func (p *process) kill() {
	p.stop()
	_ = p.cmd.Process.Kill()
	<-p.done
}

// ended says why a child that nobody stopped is gone, with the last of what it
// wrote.
func (p *process) ended() error {
	cause := p.err
	if cause == nil {
		cause = errors.New("exit status 0")
	}
	return fmt.Errorf("run clickhouse: it ended: %w%s", cause, p.tail())
}

// tail is the end of an error message: the last of what this child wrote.
func (p *process) tail() string {
	tail := lastLines(p.output(), 20)
	if tail == "" {
		return ""
	}
	return fmt.Sprintf("; the last of %s:\n%s", p.logPath, tail)
}

// output is what this child wrote to the log, or the last 64 KiB of it.
func (p *process) output() string {
	f, err := os.Open(p.logPath)
	if err != nil {
		return ""
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	from := max(p.logFrom, info.Size()-64<<10)
	text, err := io.ReadAll(io.NewSectionReader(f, from, info.Size()-from))
	if err != nil {
		return ""
	}
	return string(text)
}

// openLog opens the log for appending; a large one moves out of the way.
func openLog(path string) (f *os.File, size int64, err error) {
	if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, 0, fmt.Errorf("rotate log: %w", err)
		}
	}
	f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open log: %w", err), f.Close())
	}
	return f, info.Size(), nil
}

// stackFrame is a line of a ClickHouse stack trace; libchdb has no symbols, so
// that it says nothing.
var stackFrame = regexp.MustCompile(`^\d+\. \?+ @ 0x[0-9a-f]+$`)

// lastLines returns the last n lines of text that say something.
func lastLines(text string, n int) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n "); line != "" && !stackFrame.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// executable is the path of this program, good even after an upgrade replaced
// the file.
func executable() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// waitFor reports whether the child ends within d.
func (p *process) waitFor(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}
