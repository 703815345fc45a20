package pg

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"supportgraph/clients/postgres"
)

// holdEnv makes the test binary a program that starts a server in the named folder and waits to be killed.
const holdEnv = "PG_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdEnv); dir != "" {
		server, err := Start(context.Background(), Options{Dir: dir})
		if err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
		fmt.Println("ready", server.process.pid)
		select {}
	}
	goleak.VerifyTestMain(m)
}

func open(t *testing.T, config postgres.Config) *postgres.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

// folder is a temporary folder that the server's user can enter, also where the tests run as root.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// waitGone fails the test where the process lives on.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for syscall.Kill(pid, 0) == nil {
		if time.Now().After(deadline) {
			t.Fatalf("process %d still runs", pid)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestTemporaryServerLeavesNothing(t *testing.T) {
	t.Parallel()
	server, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	config, err := server.Database(t.Context(), "one", "")
	if err != nil {
		t.Fatal(err)
	}
	pool := open(t, config)
	if _, err := pool.Exec(t.Context(), "create table a (b text); insert into a values ('ÄÖÜ')"); err != nil {
		t.Fatal(err)
	}
	var lower string
	if err := pool.QueryRow(t.Context(), "select lower(b) from a").Scan(&lower); err != nil || lower != "äöü" {
		t.Errorf("lower = %q, %v: search must know letters beyond ASCII", lower, err)
	}
	pool.Close()

	copied, err := server.Database(t.Context(), "two", "one")
	if err != nil {
		t.Fatal(err)
	}
	pool = open(t, copied)
	var rows int
	if err := pool.QueryRow(t.Context(), "select count(*) from a").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("the copy has %d rows, %v", rows, err)
	}
	pool.Close()
	if _, err := server.Database(t.Context(), "two", ""); err != nil {
		t.Errorf("a database that is there: %v", err)
	}

	server.Stop()
	server.Stop()
	waitGone(t, server.process.pid)
	for _, dir := range []string{server.place.dir, server.place.home, server.place.socket} {
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", dir, err)
		}
	}
}

func TestNobodyElseEnters(t *testing.T) {
	t.Parallel()
	server, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	for _, dir := range []string{server.place.data, server.place.socket} {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", dir, info.Mode(), err)
		}
	}
	pool := open(t, server.Config("postgres"))
	defer pool.Close()
	var listens string
	if err := pool.QueryRow(t.Context(), "show listen_addresses").Scan(&listens); err != nil || listens != "" {
		t.Errorf("listens on %q, %v", listens, err)
	}
}

func TestDataIsKeptAndTheFolderIsTaken(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("deep/", 25)) // its socket's path would be too long
	server, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	pool := open(t, server.Config("postgres"))
	if _, err := pool.Exec(t.Context(), "create table kept (a int)"); err != nil {
		t.Fatal(err)
	}
	pool.Close()

	if _, err := Start(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("a second server in the folder: %v", err)
	}
	server.Stop()

	// A number that belongs to another process now must not keep the server from starting.
	stale := fmt.Sprintf("%d\n%s\n1700000000\n5432\n", os.Getpid(), server.place.data)
	if err := os.WriteFile(filepath.Join(server.place.data, "postmaster.pid"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop()
	pool = open(t, again.Config("postgres"))
	if _, err := pool.Exec(t.Context(), "select a from kept"); err != nil {
		t.Error(err)
	}
	pool.Close()
	again.Stop()

	version := filepath.Join(server.place.data, "PG_VERSION")
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "made by PostgreSQL 9") {
		t.Errorf("data of another version: %v", err)
	}
}

func TestServerEndsWithItsParent(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(self)
	parent.Env = append(os.Environ(), holdEnv+"="+dir)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "ready ") {
		_ = parent.Process.Kill()
		t.Fatalf("the parent says %q, %v", line, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "ready ")))
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()

	// At once, while the old server may still be on its way out.
	server, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	server.Stop()
	waitGone(t, pid)
}

// TestSweep: what a killed run left is removed, what is in use or young is not.
func TestSweep(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	old := time.Now().Add(-time.Hour)
	make := func(name string, age time.Time) string {
		dir := filepath.Join(parent, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, lockName), []byte("1"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, age, age); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	left, young, used, other := make("support-graph-1", old), make("support-graph-2", time.Now()), make("support-graph-3", old), make("else", old)
	held, err := lock(filepath.Join(used, lockName))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }()
	sweep(parent)
	for dir, kept := range map[string]bool{left: false, young: true, used: true, other: true} {
		if _, err := os.Stat(dir); (err == nil) != kept {
			t.Errorf("%s: kept %v, want %v", filepath.Base(dir), err == nil, kept)
		}
	}
}

func TestNoPrograms(t *testing.T) {
	t.Parallel()
	if _, ok := inspect(t.Context(), t.TempDir()); ok {
		t.Error("an empty folder counts as an installation")
	}
	if !strings.Contains(ErrNotInstalled.Error(), "apt-get install postgresql") {
		t.Errorf("%q does not tell what to do", ErrNotInstalled)
	}
}

func TestFolderOutOfReach(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root drops to another user, who may be kept out of a folder")
	}
	private := filepath.Join(t.TempDir(), "private")
	if err := os.Mkdir(private, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(private, "clone")
	for range 2 { // the second start finds the first one's folder
		server, err := Start(t.Context(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		server.Stop()
		if !strings.HasPrefix(server.place.home, "/var/tmp/support-graph-") {
			t.Errorf("the data lives in %s", server.place.home)
		}
		t.Cleanup(func() { _ = os.RemoveAll(server.place.home) })
	}
}
