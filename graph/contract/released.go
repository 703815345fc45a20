package contract

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/graph/auth"
)

// What clients may rely on stands in a directory of its own, committed: the contracts as they were last released, and the
// breaks that somebody decided on. A copy, and not an older commit, for it is there in every checkout, however shallow,
// and without git; and what was never released may still change.
const (
	releasedDir = "released"
	allowedFile = "allowed"
)

// permission lets one contract break in one place.
type permission struct {
	audience    auth.Audience
	rule, place string
	line        int
	used        bool
}

// CheckReleased compares the contracts of the schema with those that were released, below a directory. Its error names
// every break that is not allowed, and every permission that allows nothing.
func CheckReleased(dir string, full *ast.Schema) error {
	permissions, err := readPermissions(filepath.Join(dir, releasedDir, allowedFile))
	if err != nil {
		return err
	}
	var faults []error
	for _, audience := range auth.Audiences {
		text, err := os.ReadFile(path(filepath.Join(dir, releasedDir), audience))
		if err != nil {
			return fmt.Errorf("read the released contract of %s: %w", audience, err)
		}
		old, err := gqlparser.LoadSchema(&ast.Source{Name: string(audience), Input: string(text)})
		if err != nil {
			return fmt.Errorf("load the released contract of %s: %w", audience, err)
		}
		now, err := Cut(full, audience)
		if err != nil {
			return err
		}
		for _, fault := range Breaking(old, now) {
			if !permitted(permissions, audience, fault) {
				faults = append(faults, fmt.Errorf("%s breaks: %s", audience, fault))
			}
		}
	}
	for _, p := range permissions {
		if !p.used {
			faults = append(faults, fmt.Errorf("%s:%d allows what does not break: %s %s %s", allowedFile, p.line, p.audience, p.rule, p.place))
		}
	}
	return errors.Join(faults...)
}

// Release takes the contracts of the schema for those that clients rely on from now on. It does not where one breaks in a
// way that is not allowed, and forgets the permissions, which were for this release.
func Release(dir string, full *ast.Schema) error {
	if err := CheckReleased(dir, full); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, releasedDir), 0o755); err != nil {
		return fmt.Errorf("release the contracts: %w", err)
	}
	if err := Write(filepath.Join(dir, releasedDir), full); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, releasedDir, allowedFile), []byte(explained), 0o644); err != nil {
		return fmt.Errorf("forget what was allowed: %w", err)
	}
	return nil
}

const explained = `# What may break with the next release, a line each: the audience, the rule and the place as the check names them, the day
# when it was decided, and why nobody is hurt. Released contracts are those beside; go run ./graph/contract/generate -release
# takes the present ones for released, and empties this list.
#
# portal FIELD_REMOVED Ticket.subject 2026-12-01 no release of the portal has asked for it since 4.2
`

// leastReason is how many words a reason has at least.
const leastReason = 3

func readPermissions(file string) ([]*permission, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read which breaks are allowed: %w", err)
	}
	var permissions []*permission
	scanner := bufio.NewScanner(bytes.NewReader(text))
	for line := 1; scanner.Scan(); line++ {
		words := strings.Fields(scanner.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) < 4+leastReason || !slices.Contains(auth.Audiences, auth.Audience(words[0])) {
			return nil, fmt.Errorf("%s:%d: a permission is an audience, a rule, a place, a day, and a reason of some words", file, line)
		}
		if _, err := time.Parse(time.DateOnly, words[3]); err != nil {
			return nil, fmt.Errorf("%s:%d: %q is no day", file, line, words[3])
		}
		permissions = append(permissions, &permission{audience: auth.Audience(words[0]), rule: words[1], place: words[2], line: line})
	}
	return permissions, scanner.Err()
}

func permitted(permissions []*permission, audience auth.Audience, fault Fault) bool {
	for _, p := range permissions {
		if p.audience == audience && p.rule == fault.Rule && p.place == fault.Place {
			p.used = true
			return true
		}
	}
	return false
}
