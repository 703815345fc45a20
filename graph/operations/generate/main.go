// Command generate writes the manifests of the documents that are built in: one for each directory of package
// operations. It is run from the root of the module, after the contracts are written.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"supportgraph/graph/operations"
)

func main() {
	if err := errors.Join(write("portal"), write("console")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write makes the manifest of an audience. A document is the text of its file, printed in one way and without comments,
// so that its name changes with what it asks and with nothing else.
func write(audience string) error {
	sdl, err := os.ReadFile(filepath.Join("graph/contract", audience+".graphql"))
	if err != nil {
		return fmt.Errorf("read the contract: %w", err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: audience, Input: string(sdl)})
	if err != nil {
		return fmt.Errorf("load the contract of %s: %w", audience, err)
	}
	files, err := filepath.Glob(filepath.Join("graph/operations", audience, "*.graphql"))
	if err != nil {
		return fmt.Errorf("list the documents of %s: %w", audience, err)
	}
	manifest := operations.Manifest{Format: "apollo-persisted-query-manifest", Version: 1, Operations: []operations.Operation{}}
	var faults []error
	for _, file := range files {
		operation, err := read(schema, file)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", file, err))
			continue
		}
		manifest.Operations = append(manifest.Operations, operation)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(manifest); err != nil {
		return fmt.Errorf("encode the manifest of %s: %w", audience, err)
	}
	if err := os.WriteFile(filepath.Join("graph/operations", audience+".json"), text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the manifest of %s: %w", audience, err)
	}
	return nil
}

func read(schema *ast.Schema, file string) (operations.Operation, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return operations.Operation{}, err
	}
	document, faults := gqlparser.LoadQueryWithRules(schema, string(source), rules.NewDefaultRules())
	if len(faults) > 0 {
		return operations.Operation{}, faults
	}
	if len(document.Operations) != 1 || document.Operations[0].Name == "" {
		return operations.Operation{}, errors.New("a file holds one operation, with a name")
	}
	var printed bytes.Buffer
	formatter.NewFormatter(&printed, formatter.WithIndent("  ")).FormatQueryDocument(document)
	body := strings.TrimSpace(printed.String())
	operation := document.Operations[0]
	return operations.Operation{ID: operations.Hash(body), Name: operation.Name, Type: string(operation.Operation), Body: body}, nil
}
