package pg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// choose picks the installation that can read the data, the preferred one where there is no data yet.
func (p *place) choose(installed []programs) (programs, error) {
	text, err := os.ReadFile(filepath.Join(p.data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return installed[0], nil
	}
	if err != nil {
		return programs{}, fmt.Errorf("read the data's version: %w", err)
	}
	made := number(string(text))
	for _, candidate := range installed {
		if candidate.major == made {
			return candidate, nil
		}
	}
	return programs{}, fmt.Errorf("the data in %s was made by PostgreSQL %d, but %d is installed: install version %d or remove the folder",
		p.data, made, installed[0].major, made)
}

// initialise makes the data where there is none, all of it or nothing.
func (p *place) initialise(ctx context.Context, installed programs, log *slog.Logger) error {
	if _, err := os.Stat(filepath.Join(p.data, "PG_VERSION")); err == nil {
		return nil
	}
	log.Info("making a database", "folder", p.data, "postgres", installed.major)
	fresh := p.data + ".new"
	var failed error
	for _, locale := range locales(installed.major) {
		if err := os.RemoveAll(fresh); err != nil {
			return fmt.Errorf("clear a database that was never finished: %w", err)
		}
		if err := p.private(fresh); err != nil {
			return err
		}
		args := append([]string{"--pgdata=" + fresh, "--username=" + superuser, "--auth=trust", "--encoding=UTF8", "--no-instructions"}, locale...)
		if p.temporary {
			args = append(args, "--no-sync")
		}
		out, err := runBound(p.program(ctx, installed, "initdb", args...))
		if err == nil {
			if err := os.RemoveAll(p.data); err != nil {
				return fmt.Errorf("clear the place of the database: %w", err)
			}
			if err := os.Rename(fresh, p.data); err != nil {
				return fmt.Errorf("put the database in place: %w", err)
			}
			return nil
		}
		failed = fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
		if ctx.Err() != nil {
			break
		}
	}
	_ = os.RemoveAll(fresh)
	return failed
}

// locales are initdb's arguments in the order to try: all sort by code point, the last knows letters of ASCII only.
func locales(major int) [][]string {
	plain := [][]string{{"--locale=C.UTF-8"}, {"--locale=C"}}
	if major >= 17 {
		return append([][]string{{"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"}}, plain...)
	}
	return plain
}

// clear deals with what a killed run left: a server that still runs is stopped, a note about one that does not is
// removed. We hold the folder's lock, so nobody uses that server.
func (p *place) clear(ctx context.Context, log *slog.Logger) error {
	path := filepath.Join(p.data, "postmaster.pid")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the note of an earlier server: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err == nil && pid > 1 && strings.Contains(commandLine(ctx, pid), p.data) {
		log.Info("stopping the database of a run that was killed", "process", pid)
		if err := awaitEnd(ctx, pid); err != nil {
			return err
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the note of an earlier server: %w", err)
	}
	return nil
}

// awaitEnd stops a server that is not our child.
func awaitEnd(ctx context.Context, pid int) error {
	ctx, cancel := context.WithTimeout(ctx, gentle+rough)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	harder := time.After(gentle)
	signal := syscall.SIGINT
	for syscall.Kill(pid, signal) == nil {
		signal = 0 // asks whether it still lives
		select {
		case <-ctx.Done():
			return fmt.Errorf("the database of an earlier run (process %d) does not stop", pid)
		case <-harder:
			signal = syscall.SIGQUIT
		case <-tick.C:
		}
	}
	return nil
}

// command is the server with its settings.
func (p *place) command(installed programs) *exec.Cmd {
	settings := []string{
		"listen_addresses=",
		"unix_socket_directories=" + p.socket,
		"unix_socket_permissions=0700",
		"port=" + port,
		"max_connections=200",
		"timezone=UTC",
		"log_timezone=UTC",
		"jit=off",
		"wal_level=minimal", // a table filled in the transaction that emptied it is not logged
		"max_wal_senders=0",
		"max_wal_size=1GB",
		"max_parallel_workers_per_gather=0", // small tables; and needs no shared memory beyond what a container has
	}
	if p.temporary {
		settings = append(settings, "shared_buffers=64MB", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
	} else {
		settings = append(settings, "shared_buffers=128MB", "synchronous_commit=off") // a crash may lose the last moment, never the data
	}
	args := []string{"-D", p.data}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return p.program(context.Background(), installed, "postgres", args...)
}

// program is a command as the server's user, with an environment of its own.
func (p *place) program(ctx context.Context, installed programs, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, installed.path(name), args...)
	command.Dir = "/"
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: p.as}
	return command
}

func (p *place) logFile() string { return filepath.Join(p.dir, "postgres.log") }
