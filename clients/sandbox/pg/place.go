package pg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// place is where a server lives, and the user that it runs as.
type place struct {
	dir       string // as asked for: holds the lock and the log
	home      string // holds the data and mostly the socket; the same folder where the server's user can enter it
	data      string
	socket    string
	temporary bool
	lock      *os.File
	as        *syscall.Credential // nil: as we run ourselves
}

// take makes the folder ready for one server and keeps others out of it.
func take(ctx context.Context, dir string, installed programs, log *slog.Logger) (_ *place, err error) {
	p := &place{temporary: dir == ""}
	defer func() {
		if err != nil {
			p.release()
		}
	}()
	if p.as, err = unprivileged(); err != nil {
		return nil, err
	}
	if p.temporary {
		if p.dir, err = p.temporaryFolder(ctx, installed); err != nil {
			return nil, err
		}
	} else if p.dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	} else if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	p.home = p.dir
	if p.lock, err = lock(filepath.Join(p.dir, lockName)); err != nil {
		return nil, err
	}
	if !p.reaches(ctx, installed, p.dir) {
		if p.home, err = p.elsewhere(p.dir); err != nil {
			return nil, err
		}
		log.Info("the database's user cannot enter this folder, so its data lives elsewhere", "folder", p.dir, "data", p.home)
		if !p.reaches(ctx, installed, p.home) {
			return nil, fmt.Errorf("user %d can run no postgres in %s", p.uid(), p.home)
		}
	}
	p.data = filepath.Join(p.home, "postgres")
	if err := p.settleOwner(); err != nil {
		return nil, err
	}
	return p, p.openSocket()
}

// release gives the folder free and removes what is not kept.
func (p *place) release() {
	if p.socket != "" {
		_ = os.RemoveAll(p.socket)
	}
	if p.temporary && p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
	if p.lock != nil {
		_ = p.lock.Close()
	}
}

// unprivileged is the user that a server runs as where we are root, which Postgres refuses; nil where we are not.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("postgres does not run as root, and there is no user postgres or nobody to run it as")
}

// reaches tells whether the server's user can run the programs inside the folder: the system itself is asked.
func (p *place) reaches(ctx context.Context, installed programs, dir string) bool {
	if p.as == nil {
		return true
	}
	command := p.program(ctx, installed, "postgres", "--version")
	command.Dir = dir
	return command.Run() == nil
}

// elsewhere is the folder that stands for one that the server's user cannot enter.
func (p *place) elsewhere(dir string) (string, error) {
	sum := sha256.Sum256([]byte(dir))
	home := "/var/tmp/support-graph-" + hex.EncodeToString(sum[:8])
	return home, p.private(home)
}

// private makes a folder that only the server's user enters. One that is there already must be that, as others can
// write beside it.
func (p *place) private(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		return p.own(dir)
	}
	if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at %s: %w", dir, err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || info.Mode().Perm() != 0o700 || stat.Uid != p.uid() {
		return fmt.Errorf("%s is not a private folder of user %d: remove it", dir, p.uid())
	}
	return nil
}

func (p *place) own(dir string) error {
	if p.as == nil {
		return nil
	}
	if err := os.Chown(dir, int(p.as.Uid), int(p.as.Gid)); err != nil {
		return fmt.Errorf("hand %s to user %d: %w", dir, p.as.Uid, err)
	}
	return nil
}

func (p *place) uid() uint32 {
	if p.as != nil {
		return p.as.Uid
	}
	return uint32(os.Geteuid())
}

// settleOwner makes sure that data which is there already belongs to the user that the server runs as: root follows
// the data's owner, anybody else cannot.
func (p *place) settleOwner() error {
	info, err := os.Stat(p.data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the data: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok || stat.Uid == p.uid():
		return nil
	case p.as == nil || stat.Uid == 0:
		return fmt.Errorf("the data in %s belongs to user %d: run as that user, or remove it", p.data, stat.Uid)
	default:
		p.as = &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}
		return nil
	}
}
