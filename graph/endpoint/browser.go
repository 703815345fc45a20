package endpoint

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Origin is where a page comes from, as browsers write it: https://portal.example, with a port where it is not the
// scheme's own. There are no patterns.
type Origin string

// UnmarshalText reads an origin, and refuses what no browser would send.
func (o *Origin) UnmarshalText(text []byte) error {
	u, err := url.Parse(string(text))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(u.Host, "*,") ||
		u.Scheme+"://"+u.Host != string(text) || strings.ToLower(u.Host) != u.Host {
		return errors.New("an origin is written as https://portal.example, one by one: no path, no pattern")
	}
	*o = Origin(text)
	return nil
}

// pages decides which pages may ask from within a browser: those of our own origin, and those of the origins listed.
// Viewers are known by a header that a page must set by itself, never by what a browser sends unasked. So a page of
// another origin needs a preflight for every request, GET included; refusing what browsers mark as cross-site is the
// second lock on the same door. Callers that are no browsers send no such mark.
type pages struct {
	origins []Origin
	headers string // that pages may send
	guard   *http.CrossOriginProtection
}

func newPages(config Config) *pages {
	p := &pages{
		origins: config.Origins,
		headers: strings.Join([]string{allowedHeaders, config.ClientHeader, config.ReleaseHeader}, ", "),
		guard:   http.NewCrossOriginProtection(),
	}
	for _, origin := range config.Origins {
		if err := p.guard.AddTrustedOrigin(string(origin)); err != nil {
			panic(err) // Origin holds none that it refuses
		}
	}
	return p
}

// What preflights are told. Browsers remember it for two hours at most.
const (
	preflightAge   = "7200"
	allowedMethods = "GET, POST"
	allowedHeaders = "Authorization, Content-Type, Traceparent, X-Request-Id, Support-Graph-Cost, Support-Graph-Explain, Support-Graph-Sources"
	exposedHeaders = "ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
)

// isPreflight tells whether a browser asks beforehand what a page may send.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// preflight answers a browser; for a page that may not ask, with nothing that lets it.
func (p *pages) preflight(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
	if !p.admit(header, r) {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	header.Set("Access-Control-Allow-Methods", allowedMethods)
	header.Set("Access-Control-Allow-Headers", p.headers)
	header.Set("Access-Control-Max-Age", preflightAge)
	w.WriteHeader(http.StatusNoContent)
}

// admit lets the page read the answer where its origin is listed, and tells whether it is. Cookies and the like are
// not let through: they mean nothing here.
func (p *pages) admit(header http.Header, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || !slices.Contains(p.origins, Origin(origin)) {
		return false
	}
	header.Set("Access-Control-Allow-Origin", origin)
	return true
}

// check refuses the requests of foreign pages, of any method, and lets listed ones read the answer.
func (p *pages) check(header http.Header, r *http.Request) *refusal {
	header.Add("Vary", "Origin")
	if p.admit(header, r) {
		header.Set("Access-Control-Expose-Headers", exposedHeaders)
	}
	unsafe := *r
	unsafe.Method = http.MethodPost // the guard lets every GET pass, for it is made for pages that are visited
	if p.guard.Check(&unsafe) != nil {
		return refuse(http.StatusForbidden, CrossOrigin)
	}
	return nil
}

// SecurityHeaders puts what browsers should know of us on every answer of next, which may say it more exactly: nothing
// that we send is a page with scripts, stands in a frame, or may be embedded elsewhere.
func SecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Strict-Transport-Security", "max-age=31536000") // of no effect where there is no TLS in front
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		next.ServeHTTP(w, r)
	})
}
