package pg

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version that the migrations and the settings are written for.
const oldest = 13

// ErrNotInstalled tells what to install where no usable Postgres is found.
var ErrNotInstalled = errors.New("no PostgreSQL server (initdb and postgres, version " + strconv.Itoa(oldest) +
	" or newer) is installed: install it (apt-get install postgresql, dnf install postgresql-server," +
	" apk add postgresql, brew install postgresql) or name a database in DATABASE_URL")

// programs is one installed Postgres.
type programs struct {
	bin   string // its folder
	major int
}

func (p programs) path(name string) string { return filepath.Join(p.bin, name) }

// find lists the usable installations: what PATH says, then the usual places, the newest first.
func find(ctx context.Context) ([]programs, error) {
	var bins []string
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			bins = append(bins, filepath.Dir(real))
		}
		bins = append(bins, filepath.Dir(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",                      // Debian, Ubuntu
		"/usr/pgsql-*/bin",                               // the project's own RPMs
		"/usr/libexec/postgresql*",                       // Alpine
		"/usr/lib/postgresql*/bin",                       // Gentoo, SUSE
		"/usr/local/pgsql/bin",                           // built from source
		"/opt/homebrew/opt/postgresql*/bin",              // Homebrew on Apple silicon
		"/usr/local/opt/postgresql*/bin",                 // Homebrew on Intel
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin", // Homebrew on Linux
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("look for postgres in %s: %w", pattern, err)
		}
		slices.SortFunc(found, func(a, b string) int { return number(b) - number(a) })
		bins = append(bins, found...)
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		bins = append(bins, strings.TrimSpace(string(out)))
	}
	var installed []programs
	seen := map[string]bool{}
	for _, bin := range bins {
		if seen[bin] {
			continue
		}
		seen[bin] = true
		if candidate, ok := inspect(ctx, bin); ok {
			installed = append(installed, candidate)
		}
	}
	if len(installed) == 0 {
		return nil, ErrNotInstalled
	}
	return installed, nil
}

var firstNumber = regexp.MustCompile(`\d+`)

// number is the first number in a text, 0 where it has none.
func number(text string) int {
	n, _ := strconv.Atoi(firstNumber.FindString(text))
	return n
}

// inspect asks the programs of a folder for their version; false where they are not a usable pair.
func inspect(ctx context.Context, bin string) (programs, bool) {
	found := programs{bin: bin}
	for _, name := range []string{"initdb", "postgres"} {
		out, err := exec.CommandContext(ctx, found.path(name), "--version").Output()
		if err != nil {
			return programs{}, false
		}
		major := number(string(out))
		if found.major == 0 {
			found.major = major
		}
		if major < oldest || major != found.major {
			return programs{}, false
		}
	}
	return found, true
}
