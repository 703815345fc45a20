package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	lockName        = "lock"
	temporaryPrefix = "support-graph-"
)

// lock takes the folder for this process; the system gives it free when the process ends, however it ends.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the folder's lock: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		holder, _ := os.ReadFile(path)
		err = fmt.Errorf("another sandbox (process %s) uses %s: stop it first, or choose another folder",
			strings.TrimSpace(string(holder)), filepath.Dir(path))
	}
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = fmt.Fprintln(file, os.Getpid())
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	return file, nil
}

// temporaryFolder makes a folder that the server's user can enter.
func (p *place) temporaryFolder(ctx context.Context, installed programs) (string, error) {
	for _, parent := range slices.Compact([]string{os.TempDir(), "/var/tmp"}) {
		sweep(parent)
		dir, err := os.MkdirTemp(parent, temporaryPrefix)
		if err != nil {
			return "", fmt.Errorf("make a temporary folder: %w", err)
		}
		if p.as != nil { // what lies in it is private by itself
			err = os.Chmod(dir, 0o711)
		}
		if err == nil && p.reaches(ctx, installed, dir) {
			return dir, nil
		}
		if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
			return "", fmt.Errorf("prepare a temporary folder: %w", err)
		}
	}
	return "", fmt.Errorf("user %d can enter no temporary folder", p.uid())
}

// sweep removes the temporary folders of runs that were killed: ours, with a lock that nobody holds, and not so young that
// somebody may be about to take it.
func sweep(parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, temporaryPrefix+"*")) // the pattern is well-formed
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); !ok || stat.Uid != uint32(os.Geteuid()) {
			continue
		}
		left, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|syscall.O_NOFOLLOW, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(left.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(dir)
		}
		_ = left.Close()
	}
}
