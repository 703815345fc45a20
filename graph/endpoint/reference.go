package endpoint

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
)

// The headers by which a request is known: the trace that it is part of, and the reference that a proxy gave it, which
// goes outwards to the caller, too.
const (
	traceHeader     = "Traceparent"
	requestIDHeader = "X-Request-Id"
)

// traceparent is the header of a trace, https://www.w3.org/TR/trace-context/: version, trace, parent, flags. A later
// version may have more behind them.
var traceparent = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$`)

// reference is what the log, the errors and the answer's header call a request by: its trace, what a proxy calls it, or a
// trace of its own.
func reference(header http.Header) string {
	if parts := traceparent.FindStringSubmatch(header.Get(traceHeader)); parts != nil && parts[1] != "ff" && (parts[1] != "00" || parts[4] == "") &&
		strings.Trim(parts[2], "0") != "" && strings.Trim(parts[3], "0") != "" {
		return parts[2]
	}
	if id := header.Get(requestIDHeader); wellFormedID(id) {
		return id
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// wellFormedID tells whether an inbound request id may go to the log and back to the caller as it is.
func wellFormedID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == ':':
		default:
			return false
		}
	}
	return true
}
