//go:build !linux

package pg

import (
	"context"
	"os/exec"
	"strconv"
	"syscall"
)

// endWithParent does nothing: this system tells no child of its parent's end. The next start stops what was left.
func endWithParent(*syscall.SysProcAttr) {}

// commandLine is what a process was started with, empty where there is none.
func commandLine(ctx context.Context, pid int) string {
	line, err := exec.CommandContext(ctx, "ps", "-p", strconv.Itoa(pid), "-o", "args=").Output()
	if err != nil {
		return ""
	}
	return string(line)
}
