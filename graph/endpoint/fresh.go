package endpoint

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// maxAge is how long a browser may show an answer again without asking: long enough for a page that asks twice as it
// opens, and too short for anybody to see their own change missing.
const maxAge = "private, max-age=2, must-revalidate"

// keepable lets the viewer's own browser keep the answer to a GET of a trusted document, if it is whole; nobody else's.
// It tells whether the browser has that very answer already, and then it needs no body.
func (x *exchange) keepable(r *http.Request, response *graphql.Response) (notModified bool) {
	if r.Method != http.MethodGet || !x.trusted || len(response.Errors) > 0 || len(response.Extensions) > 0 {
		return false
	}
	sum := sha256.Sum256(response.Data)
	// Weak, for the same answer may come compressed.
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	header := x.w.Header()
	header.Set("Cache-Control", maxAge)
	header.Set("ETag", tag)
	header.Add("Vary", "Authorization")
	for known := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if known = strings.TrimSpace(known); known == tag || known == "*" {
			return true
		}
	}
	return false
}
