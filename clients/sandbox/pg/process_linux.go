package pg

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"syscall"
)

// endWithParent makes the system stop the child when the thread that starts it ends, as it does when we are killed.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// commandLine is what a process was started with, empty where there is none.
func commandLine(_ context.Context, pid int) string {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return ""
	}
	return string(bytes.ReplaceAll(line, []byte{0}, []byte{' '}))
}
