package playground

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// asset is a file of the page, compressed once and served so.
type asset struct {
	name       string
	hash       string
	compressed []byte
}

func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Vary", "Accept-Encoding")
	header.Set("X-Content-Type-Options", "nosniff")
	switch path.Ext(a.name) {
	case ".css":
		header.Set("Content-Type", "text/css; charset=utf-8")
	default:
		header.Set("Content-Type", "text/javascript; charset=utf-8")
	}
	body, etag := a.compressed, a.hash+"-gzip"
	if acceptsGzip(r.Header.Values("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
	} else {
		plain, err := a.plain()
		if err != nil {
			http.Error(w, "the asset could not be unpacked", http.StatusInternalServerError)
			return
		}
		body, etag = plain, a.hash
	}
	header.Set("ETag", strconv.Quote(etag))
	http.ServeContent(w, r, a.name, time.Time{}, bytes.NewReader(body))
}

// plain unpacks the asset for the rare client that does not take it compressed.
func (a *asset) plain() ([]byte, error) {
	zip, err := gzip.NewReader(bytes.NewReader(a.compressed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(zip)
}

// acceptsGzip reads the Accept-Encoding header: gzip must be named, or everything be welcome, and not with a weight of
// zero (RFC 9110, section 12.5.3).
func acceptsGzip(headers []string) bool {
	named, any := -1.0, -1.0
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			coding, params, _ := strings.Cut(part, ";")
			weight := 1.0
			if q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q="); ok {
				parsed, err := strconv.ParseFloat(q, 64)
				if err != nil {
					continue
				}
				weight = parsed
			}
			switch strings.ToLower(strings.TrimSpace(coding)) {
			case "gzip", "x-gzip":
				named = weight
			case "*":
				any = weight
			}
		}
	}
	if named >= 0 {
		return named > 0
	}
	return any > 0
}
