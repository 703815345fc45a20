// Package operations holds the documents that clients may ask for by name: those of the portal and the console, built
// in, and those of manifests that are given at start.
package operations

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"

	"supportgraph/graph/auth"
)

//go:embed portal.json console.json
var builtIn embed.FS

// Document is the text of operations under the name that clients have for it.
type Document struct {
	ID   string
	Text string
	From string // the manifest it stands in, for messages to operators
}

// Hash is the SHA-256 of a document's text in hexadecimal digits, the name that every document has.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Client is who asks: the name of an app and its release, both as it says them. Either may be empty.
type Client struct{ Name, Release string }

// scope is where a name of a document holds. An empty client is everybody of the audience, an empty release any.
type scope struct {
	audience auth.Audience
	client   Client
}

// shelf is what stands in one scope.
type shelf struct {
	byID   map[string]*Document
	byText map[string]*Document
}

// Library is the documents of every audience. It does not change.
type Library struct {
	shelves   map[scope]*shelf
	documents map[auth.Audience]map[string]*Document // by text
}

// BuiltIn is the file system of the manifests that are built in.
func BuiltIn() fs.FS { return builtIn }

// Load reads the manifests of file systems. At audience.json lies one whose documents every client of the audience may
// ask for, at audience/client/release.json one of a client; as long as it lies there, its documents are served. The
// error names every fault of every manifest.
func Load(systems ...fs.FS) (*Library, error) {
	l := &Library{shelves: map[scope]*shelf{}, documents: map[auth.Audience]map[string]*Document{}}
	var faults []error
	for _, system := range systems {
		names, err := manifestsOf(system)
		faults = append(faults, err)
		for _, name := range names {
			audience, client, ok := scopeOf(name)
			if !ok {
				faults = append(faults, fmt.Errorf("%s: a manifest lies at audience.json or at audience/client/release.json", name))
				continue
			}
			faults = append(faults, l.add(system, name, audience, client))
		}
	}
	return l, errors.Join(faults...)
}

// manifestsOf lists the files of a system in the order of their names, so that of an ID in two releases the later one is
// served to who names none.
func manifestsOf(system fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(system, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("read the manifests: %w", err)
		}
		// What begins with a dot is nobody's manifest, but how some systems swap whole directories.
		hidden := strings.HasPrefix(entry.Name(), ".") && name != "."
		switch {
		case hidden && entry.IsDir():
			return fs.SkipDir
		case !hidden && !entry.IsDir():
			names = append(names, name)
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

// scopeOf tells for whom a manifest is, by where it lies.
func scopeOf(name string) (auth.Audience, Client, bool) {
	bare, isJSON := strings.CutSuffix(name, ".json")
	parts := strings.Split(bare, "/")
	audience := auth.Audience(parts[0])
	switch {
	case !isJSON || !slices.Contains(auth.Audiences, audience):
		return "", Client{}, false
	case len(parts) == 1:
		return audience, Client{}, true
	case len(parts) == 3:
		return audience, Client{Name: parts[1], Release: parts[2]}, true
	default:
		return "", Client{}, false
	}
}

// add reads one manifest into its scope, and into that of its client in any release.
func (l *Library) add(from fs.FS, name string, audience auth.Audience, client Client) error {
	content, err := fs.ReadFile(from, name)
	if err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	documents, faults := readManifest(content)
	for i, fault := range faults {
		faults[i] = fmt.Errorf("%s: %w", name, fault)
	}
	if l.documents[audience] == nil {
		l.documents[audience] = map[string]*Document{}
	}
	for _, document := range documents {
		document.From = name
		if l.documents[audience][document.Text] == nil {
			l.documents[audience][document.Text] = document
		}
		l.put(scope{audience, client}, document)
		l.put(scope{audience, Client{Name: client.Name}}, document)
	}
	return errors.Join(faults...)
}

func (l *Library) put(in scope, document *Document) {
	s := l.shelves[in]
	if s == nil {
		s = &shelf{byID: map[string]*Document{}, byText: map[string]*Document{}}
		l.shelves[in] = s
	}
	s.byID[document.ID] = document
	s.byID[Hash(document.Text)] = document
	s.byText[document.Text] = document
}

// Find returns the document that a client knows by an ID: in its own release first, then in any release of it that is
// still kept, then among the built-in ones.
func (l *Library) Find(audience auth.Audience, client Client, id string) (*Document, bool) {
	for s := range l.of(audience, client) {
		if found, ok := s.byID[id]; ok {
			return found, true
		}
	}
	return nil, false
}

// Knows tells whether a text is one of a client's documents, to the letter.
func (l *Library) Knows(audience auth.Audience, client Client, text string) bool {
	for s := range l.of(audience, client) {
		if _, ok := s.byText[text]; ok {
			return true
		}
	}
	return false
}

// of gives the shelves that a client may take from, in their order.
func (l *Library) of(audience auth.Audience, client Client) iter.Seq[*shelf] {
	return func(yield func(*shelf) bool) {
		for _, c := range []Client{client, {Name: client.Name}, {}} {
			if s := l.shelves[scope{audience, c}]; s != nil && !yield(s) {
				return
			}
		}
	}
}

// Documents gives each text of an audience once, in no order.
func (l *Library) Documents(audience auth.Audience) iter.Seq[*Document] {
	return func(yield func(*Document) bool) {
		for _, document := range l.documents[audience] {
			if !yield(document) {
				return
			}
		}
	}
}
