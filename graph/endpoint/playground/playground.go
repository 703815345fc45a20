// Package playground serves the page on which people ask the graph by hand: GraphiQL with a switch for who asks.
//
// The page and our own scripts are committed under page/. The libraries they need are pinned in libraries.json, built
// into assets/ by npm and embedded from there; where they were not built, the page says so and loads the very same
// files from a public network, held to the same hashes.
package playground

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
)

// Path is where the handler must be mounted, with everything below it.
const Path = "/playground"

//go:embed all:page
var pageFiles embed.FS

//go:embed all:assets
var assetFiles embed.FS

// Config says what the page talks to. Both addresses are paths on the page's own origin; the content policy refuses any
// other.
type Config struct {
	// Endpoint is the path of the GraphQL endpoint; empty means /graphql.
	Endpoint string
	// Personas is the path of the JSON list of {persona, audience, description, token}. Empty means there is none: the
	// page then asks for a bearer token.
	Personas string
}

// Handler serves the page at Path and its assets below it, to GET and HEAD. Whether there is a playground at all is for
// the caller to decide. It panics only when the files embedded in the binary are broken.
func Handler(cfg Config) http.Handler {
	page, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err)
	}
	built, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		panic(err)
	}
	handler, err := newHandler(cfg, page, built)
	if err != nil {
		panic(fmt.Errorf("embedded playground: %w", err))
	}
	return handler
}

// newHandler builds the handler from the page's own files and from the libraries that npm built, if it did.
func newHandler(cfg Config, page, built fs.FS) (http.Handler, error) {
	if cfg.Endpoint == "" {
		cfg.Endpoint = "/graphql"
	}
	libraries, err := pinnedLibraries()
	if err != nil {
		return nil, err
	}
	assets, hash, err := ownAssets(page)
	if err != nil {
		return nil, err
	}
	embedded := true
	for _, lib := range libraries {
		compressed, err := fs.ReadFile(built, lib.builtPath())
		if err != nil {
			embedded = false
			break
		}
		assets[lib.builtURL()] = &asset{name: path.Base(lib.File), hash: lib.shortHash(), compressed: compressed}
	}
	index, err := newIndex(page, cfg, libraries, hash, embedded)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, index)
	mux.Handle("GET "+Path+"/{$}", index)
	mux.HandleFunc("GET "+Path+"/assets/{hash}/{name}", func(w http.ResponseWriter, r *http.Request) {
		found, ok := assets[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		found.ServeHTTP(w, r)
	})
	return mux, nil
}

// ownAssets compresses our scripts and styles and maps them by URL. One hash over all of them stands in every URL, so
// that the scripts can import each other by relative name and may be kept by browsers for good.
func ownAssets(page fs.FS) (map[string]*asset, string, error) {
	entries, err := fs.ReadDir(page, ".")
	if err != nil {
		return nil, "", fmt.Errorf("list the page's own files: %w", err)
	}
	sum := sha256.New()
	files := map[string][]byte{}
	for _, entry := range entries {
		name := entry.Name()
		if ext := path.Ext(name); ext != ".js" && ext != ".css" {
			continue
		}
		content, err := fs.ReadFile(page, name)
		if err != nil {
			return nil, "", fmt.Errorf("read the page's %s: %w", name, err)
		}
		files[name] = content
		fmt.Fprintf(sum, "%s %d\n%s", name, len(content), content)
	}
	hash := hex.EncodeToString(sum.Sum(nil)[:8])
	assets := make(map[string]*asset, len(files))
	for name, content := range files {
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		if _, err := zip.Write(content); err != nil {
			return nil, "", fmt.Errorf("compress the page's %s: %w", name, err)
		}
		if err := zip.Close(); err != nil {
			return nil, "", fmt.Errorf("compress the page's %s: %w", name, err)
		}
		assets[assetURL(hash, name)] = &asset{name: name, hash: hash, compressed: packed.Bytes()}
	}
	return assets, hash, nil
}

// assetURL is where an asset is served; its hash changes with its content.
func assetURL(hash, name string) string {
	return Path + "/assets/" + hash + "/" + name
}
