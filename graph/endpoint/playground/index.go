package playground

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
)

// index is the page itself. It is rendered anew for each visit, because its content policy carries a fresh nonce.
type index struct {
	template *template.Template
	view     view
}

// view is what the page's template fills in.
type view struct {
	Embedded bool
	Styles   []tag
	Scripts  []tag
	Main     string
	Settings settings
}

// tag is one library as the page loads it.
type tag struct {
	Name      string // for people: package and version
	URL       string
	Integrity string
}

// settings is what the page's scripts read, as JSON in the page.
type settings struct {
	Endpoint string    `json:"endpoint"`
	Personas string    `json:"personas"`
	Nonce    string    `json:"nonce"`
	Examples []Example `json:"examples"`
}

func newIndex(page fs.FS, cfg Config, libraries []library, hash string, embedded bool) (*index, error) {
	parsed, err := template.ParseFS(page, "index.html")
	if err != nil {
		return nil, fmt.Errorf("parse the page: %w", err)
	}
	examples, err := readExamples(page)
	if err != nil {
		return nil, err
	}
	v := view{
		Embedded: embedded,
		Main:     assetURL(hash, "main.js"),
		Settings: settings{Endpoint: cfg.Endpoint, Personas: cfg.Personas, Examples: examples},
	}
	for _, lib := range libraries {
		t := tag{Name: lib.Package + " " + lib.Version, URL: lib.networkURL(), Integrity: lib.Integrity}
		if embedded {
			t.URL = lib.builtURL()
		}
		if path.Ext(lib.File) == ".css" {
			v.Styles = append(v.Styles, t)
		} else {
			v.Scripts = append(v.Scripts, t)
		}
	}
	// Ours comes last and may override.
	v.Styles = append(v.Styles, tag{URL: assetURL(hash, "page.css")})
	return &index{template: parsed, view: v}, nil
}

func (p *index) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := p.view
	v.Settings.Nonce = rand.Text()
	var body bytes.Buffer
	if err := p.template.Execute(&body, v); err != nil {
		http.Error(w, "the playground could not be rendered", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Security-Policy", v.policy())
	header.Set("Content-Type", "text/html; charset=utf-8")
	// A nonce that came out of a cache would be known before the page is loaded.
	header.Set("Cache-Control", "no-store")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	_, _ = w.Write(body.Bytes())
}
