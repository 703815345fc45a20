package playground

import (
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// serve runs the handler the way the server mounts it, with the given built libraries.
func serve(t *testing.T, cfg Config, built fs.FS) *httptest.Server {
	t.Helper()
	page, err := fs.Sub(pageFiles, "page")
	if err != nil {
		t.Fatal(err)
	}
	handler, err := newHandler(cfg, page, built)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/playground", handler)
	mux.Handle("/playground/", handler)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// builtLibraries stands for what npm builds: the right names with a short content each.
func builtLibraries(t *testing.T) fstest.MapFS {
	t.Helper()
	libraries, err := pinnedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"README.md": {Data: []byte("not served")}}
	for _, lib := range libraries {
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		if _, err := io.WriteString(zip, "/* "+lib.File+" */"); err != nil {
			t.Fatal(err)
		}
		if err := zip.Close(); err != nil {
			t.Fatal(err)
		}
		files[lib.builtPath()] = &fstest.MapFile{Data: packed.Bytes()}
	}
	return files
}

func ask(t *testing.T, method, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	// The transport would otherwise unpack in silence.
	request.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

var addresses = regexp.MustCompile(`(?:src|href)="([^"]+)"`)

func TestPageWithBuiltLibraries(t *testing.T) {
	t.Parallel()
	server := serve(t, Config{Endpoint: "/graph", Personas: "/demo/tokens"}, builtLibraries(t))
	for _, address := range []string{"/playground", "/playground/"} {
		response, page := ask(t, "GET", server.URL+address)
		if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %s, %s", address, response.Status, response.Header.Get("Content-Type"))
		}
		if got := response.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: a page with a nonce may be stored: %q", address, got)
		}
		policy := response.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "script-src 'self';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: the content policy allows more than it must: %s", address, policy)
		}
		if strings.Contains(page, network) || strings.Contains(page, `id="network"`) {
			t.Errorf("%s: the page speaks of the network", address)
		}
		for _, part := range []string{`"endpoint":"/graph"`, `"personas":"/demo/tokens"`, `query Inbox`} {
			if !strings.Contains(page, part) {
				t.Errorf("%s: the page lacks %s", address, part)
			}
		}
		for _, match := range addresses.FindAllStringSubmatch(page, -1) {
			if strings.HasPrefix(match[1], "data:") {
				continue
			}
			if asset, _ := ask(t, "GET", server.URL+match[1]); asset.StatusCode != http.StatusOK {
				t.Errorf("%s: %s is %s", address, match[1], asset.Status)
			}
		}
	}
}

func TestPageWithoutBuiltLibraries(t *testing.T) {
	t.Parallel()
	stale := builtLibraries(t)
	for name := range stale {
		if strings.HasSuffix(name, "react.production.min.js.gz") {
			stale["0000000000000000/"+path.Base(name)] = stale[name]
			delete(stale, name)
		}
	}
	for name, built := range map[string]fs.FS{"nothing built": fstest.MapFS{}, "an older build": stale} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, Config{}, built)
			response, page := ask(t, "GET", server.URL+"/playground")
			if !strings.Contains(page, `<p class="notice" id="network">`) || !strings.Contains(page, "loads its libraries from the network") {
				t.Errorf("the page does not say that it loads from the network")
			}
			policy := response.Header.Get("Content-Security-Policy")
			libraries, err := pinnedLibraries()
			if err != nil {
				t.Fatal(err)
			}
			for _, lib := range libraries {
				if !strings.Contains(page, `="`+lib.networkURL()+`" integrity="`+strings.ReplaceAll(lib.Integrity, "+", "&#43;")+`" crossorigin="anonymous"`) {
					t.Errorf("the page does not load %s by its hash", lib.networkURL())
				}
				if !strings.Contains(policy, " "+lib.networkURL()) {
					t.Errorf("the content policy refuses %s: %s", lib.networkURL(), policy)
				}
			}
			if strings.Contains(policy, "unsafe") || strings.Count(policy, "https:") != len(libraries) {
				t.Errorf("the content policy allows more than the libraries: %s", policy)
			}
		})
	}
}

func TestNonceIsFreshAndInThePolicy(t *testing.T) {
	t.Parallel()
	server := serve(t, Config{}, builtLibraries(t))
	find := regexp.MustCompile(`"nonce":"([^"]{20,})"`)
	seen := map[string]bool{}
	for range 2 {
		response, page := ask(t, "GET", server.URL+"/playground")
		match := find.FindStringSubmatch(page)
		if match == nil || seen[match[1]] {
			t.Fatalf("no fresh nonce: %q", match)
		}
		seen[match[1]] = true
		if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "style-src 'self' 'nonce-"+match[1]+"'") {
			t.Errorf("the content policy does not know the nonce: %s", policy)
		}
	}
}

func TestAssetsAreCompressedCachedAndUnpackedOnDemand(t *testing.T) {
	t.Parallel()
	server := serve(t, Config{}, builtLibraries(t))
	_, page := ask(t, "GET", server.URL+"/playground")
	checked := 0
	for _, match := range addresses.FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(match[1], "/playground/assets/") {
			continue
		}
		checked++
		address := server.URL + match[1]
		kind := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}[path.Ext(match[1])]

		packed, body := ask(t, "GET", address, "Accept-Encoding", "br, gzip")
		if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Content-Type") != kind ||
			packed.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
			packed.Header.Get("Vary") != "Accept-Encoding" || packed.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", match[1], packed.Header)
		}
		zip, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Fatalf("%s: %v", match[1], err)
		}
		unpacked, err := io.ReadAll(zip)
		if err != nil {
			t.Fatalf("%s: %v", match[1], err)
		}

		plain, text := ask(t, "GET", address)
		if plain.Header.Get("Content-Encoding") != "" || text != string(unpacked) || text == "" {
			t.Errorf("%s: unpacked it is %d bytes with encoding %q", match[1], len(text), plain.Header.Get("Content-Encoding"))
		}
		if plain.Header.Get("ETag") == packed.Header.Get("ETag") {
			t.Errorf("%s: both encodings have the tag %s", match[1], plain.Header.Get("ETag"))
		}

		again, rest := ask(t, "GET", address, "Accept-Encoding", "gzip", "If-None-Match", packed.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified || rest != "" {
			t.Errorf("%s: asked again it is %s with %d bytes", match[1], again.Status, len(rest))
		}
		head, none := ask(t, "HEAD", address, "Accept-Encoding", "gzip")
		if head.StatusCode != http.StatusOK || none != "" || head.Header.Get("ETag") != packed.Header.Get("ETag") {
			t.Errorf("%s: HEAD is %s with %d bytes and tag %s", match[1], head.Status, len(none), head.Header.Get("ETag"))
		}
	}
	if checked < 5 {
		t.Errorf("the page has only %d assets", checked)
	}
}

func TestAcceptEncoding(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "gzip; q=0.0, *": false,
		"*": true, "*;q=0": false, "br": false, "identity": false, "gzip;q=often": false, "x-gzip": true,
	} {
		if got := acceptsGzip([]string{header}); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

func TestWhatIsNotThereIsNotServed(t *testing.T) {
	t.Parallel()
	server := serve(t, Config{}, builtLibraries(t))
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, address := range []string{
		"/playground/assets/", "/playground/assets/README.md", "/playground/assets/0000000000000000/main.js",
		"/playground/assets/..%2f..%2fplayground.go/x", "/playground/assets/../../page/index.html",
		"/playground/assets/%2e%2e/%2e%2e", "/playground/index.html", "/playground/libraries.json", "/playground/x/y/z",
	} {
		response, err := client.Get(server.URL + address)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		// A path with dots may be cleaned by a redirect; never is it served.
		if response.StatusCode != http.StatusNotFound && response.StatusCode/100 != 3 {
			t.Errorf("%s is %s", address, response.Status)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		if response, _ := ask(t, method, server.URL+"/playground"); response.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s is %s", method, response.Status)
		}
	}
	if response, body := ask(t, "HEAD", server.URL+"/playground"); response.StatusCode != http.StatusOK || body != "" {
		t.Errorf("HEAD is %s with %d bytes", response.Status, len(body))
	}
}

// What npm installs, what the page pins and what the network would serve are one version.
func TestPinsAgreeWithTheLockFile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var lock struct {
		Packages map[string]struct {
			Version   string `json:"version"`
			Resolved  string `json:"resolved"`
			Integrity string `json:"integrity"`
		} `json:"packages"`
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		t.Fatal(err)
	}
	for name, entry := range lock.Packages {
		if entry.Resolved != "" {
			t.Errorf("%s names the host that it came from", name)
		}
		if name != "" && entry.Integrity == "" {
			t.Errorf("%s has no hash", name)
		}
	}
	libraries, err := pinnedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, lib := range libraries {
		if locked := lock.Packages["node_modules/"+lib.Package].Version; locked != lib.Version {
			t.Errorf("%s is pinned at %s and locked at %s", lib.Package, lib.Version, locked)
		}
	}
}

// A build that is embedded must hold exactly the files that are pinned.
func TestEmbeddedLibrariesHaveTheirPinnedHashes(t *testing.T) {
	t.Parallel()
	built, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		t.Fatal(err)
	}
	libraries, err := pinnedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, lib := range libraries {
		compressed, err := fs.ReadFile(built, lib.builtPath())
		if err != nil {
			t.Skipf("the libraries are not built in (make playground, which needs npm): %v", err)
		}
		plain, err := (&asset{compressed: compressed}).plain()
		if err != nil {
			t.Fatal(err)
		}
		if digest := sha512.Sum384(plain); !bytes.Equal(digest[:], lib.digest) {
			t.Errorf("%s has not the hash that libraries.json pins", lib.File)
		}
	}
}
