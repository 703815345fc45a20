package pg

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// How long the server may take to stop before the next, harder word.
const (
	gentle = 20 * time.Second // a fast shutdown: connections are cut, data is written
	rough  = 5 * time.Second  // an immediate one: nothing is written, the log makes good for it
)

// process is the server as our child.
type process struct {
	pid      int
	log      string        // where its words go
	ended    chan struct{} // closed when it is gone
	stopping atomic.Bool
}

// start runs the command. It gets a process group of its own, so that a Ctrl-C reaches us alone and the order of the stop
// is ours; where we are killed, the system tells it.
func start(command *exec.Cmd, path string, log *slog.Logger) (*process, error) {
	words, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database's log: %w", err)
	}
	command.Stdout, command.Stderr = words, words
	command.SysProcAttr.Setpgid = true
	endWithParent(command.SysProcAttr)

	p := &process{log: path, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		defer close(p.ended)
		defer func() { _ = words.Close() }()
		// Linux ties the word about our end to the thread that started the child, so that thread has to stay.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := command.Start(); err != nil {
			started <- fmt.Errorf("start postgres: %w", err)
			return
		}
		p.pid = command.Process.Pid
		started <- nil
		if err := command.Wait(); !p.stopping.Load() {
			log.Error("the database ended by itself", "error", err, "log", path)
		}
	}()
	if err := <-started; err != nil {
		<-p.ended
		return nil, err
	}
	return p, nil
}

// runBound runs a short command that must not outlive us either, and returns what it wrote.
func runBound(command *exec.Cmd) ([]byte, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	endWithParent(command.SysProcAttr)
	return command.CombinedOutput()
}

// stop ends the server and waits for it. Where the data is not kept, the rough way is good enough and quicker.
func (p *process) stop(kept bool) {
	p.stopping.Store(true)
	if kept && p.signal(p.pid, syscall.SIGINT, gentle) {
		return
	}
	if p.signal(p.pid, syscall.SIGQUIT, rough) {
		return
	}
	p.signal(-p.pid, syscall.SIGKILL, rough)
}

// signal tells whether the server is gone after a signal to it, or to all of its group.
func (p *process) signal(to int, signal syscall.Signal, wait time.Duration) bool {
	select {
	case <-p.ended:
		return true
	default:
	}
	_ = syscall.Kill(to, signal)
	select {
	case <-p.ended:
		return true
	case <-time.After(wait):
		return false
	}
}

// lastWords is the end of what the server wrote.
func (p *process) lastWords() string {
	words, err := os.ReadFile(p.log)
	if err != nil {
		return "its log cannot be read"
	}
	return string(bytes.TrimSpace(words[max(0, len(words)-2000):]))
}
