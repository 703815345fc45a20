package operations

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// apolloFormat marks the manifests of Apollo, which ours are too:
// https://www.apollographql.com/docs/graphos/platform/security/persisted-queries#manifest-format
const apolloFormat = "apollo-persisted-query-manifest"

// Manifest is a list of documents in Apollo's format.
type Manifest struct {
	Format     string      `json:"format"`
	Version    int         `json:"version"`
	Operations []Operation `json:"operations"`
}

// Operation is one document of a manifest: its ID, the name and the type of its operation, its text.
type Operation struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Body string `json:"body"`
}

// maxID bounds the name of a document, in bytes.
const maxID = 128

// readManifest reads a manifest of any format that we know: Apollo's; the map of texts by ID that Relay's compiler
// writes (https://relay.dev/docs/guides/persisted-queries) and, by hash, the client preset of GraphQL Code Generator
// (https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#persisted-documents); and such a map as a list
// of pairs. It returns what can be used, and every fault.
func readManifest(content []byte) ([]*Document, []error) {
	pairs, err := pairsOf(content)
	if err != nil {
		return nil, []error{err}
	}
	var documents []*Document
	var faults []error
	texts := map[string]string{}
	for _, pair := range pairs {
		id, text := strings.TrimPrefix(pair[0], "sha256:"), pair[1]
		known, twice := texts[id]
		switch {
		case id == "" || len(id) > maxID:
			faults = append(faults, fmt.Errorf("an ID is empty or longer than %d bytes", maxID))
		case text == "":
			faults = append(faults, fmt.Errorf("document %s has no text", id))
		case id != pair[0] && id != Hash(text):
			faults = append(faults, fmt.Errorf("document %s is not the SHA-256 of its text", pair[0]))
		case twice && known != text:
			faults = append(faults, fmt.Errorf("document %s has two texts", id))
		case !twice:
			texts[id] = text
			documents = append(documents, &Document{ID: id, Text: text})
		}
	}
	return documents, faults
}

// pairsOf returns the IDs and texts of a manifest as they stand there.
func pairsOf(content []byte) ([][2]string, error) {
	var pairs [][2]string
	if bytes.HasPrefix(bytes.TrimSpace(content), []byte("[")) {
		var list [][]string
		if err := json.Unmarshal(content, &list); err != nil {
			return nil, errors.New("a manifest that is a list holds pairs of ID and text")
		}
		for _, pair := range list {
			if len(pair) != 2 {
				return nil, errors.New("a manifest that is a list holds pairs of ID and text")
			}
			pairs = append(pairs, [2]string(pair))
		}
		return pairs, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(content, &object); err != nil || object == nil {
		return nil, errors.New("the manifest is not JSON")
	}
	if _, ok := object["operations"]; ok {
		var manifest Manifest
		if err := json.Unmarshal(content, &manifest); err != nil || manifest.Format != apolloFormat || manifest.Version != 1 {
			return nil, fmt.Errorf("a manifest with operations must have the format %s, version 1", apolloFormat)
		}
		for _, operation := range manifest.Operations {
			pairs = append(pairs, [2]string{operation.ID, operation.Body})
		}
		return pairs, nil
	}
	for _, id := range slices.Sorted(maps.Keys(object)) {
		var text string
		if err := json.Unmarshal(object[id], &text); err != nil {
			return nil, fmt.Errorf("the manifest is none that is known here: %.40q has no text", id)
		}
		pairs = append(pairs, [2]string{id, text})
	}
	return pairs, nil
}
