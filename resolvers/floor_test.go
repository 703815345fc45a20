package resolvers_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"supportgraph/clients"
	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
)

// floor is what the graph is measured against: two pages of the console by hand, without GraphQL, one address each. It
// checks the token, holds the same deadline, asks Postgres in one round trip and Stripe by the same client, and appends
// the very bytes that the graph answers. It has none of the graph's log, metrics, document, limits or typed errors.
type floor struct {
	clients *clients.All
	verify  func(context.Context, string) (*auth.Viewer, error)
}

// newFloor returns the pages, at /inbox, /inbox/unbilled and /tickets/{ref}; all take first.
func newFloor(tb testing.TB, h *house) http.Handler {
	tb.Helper()
	var issuers auth.Issuers
	if err := issuers.UnmarshalText([]byte(h.sandbox.Issuers)); err != nil {
		tb.Fatal(err)
	}
	verifier, err := auth.NewVerifier(context.Background(), issuers, http.DefaultClient, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(verifier.Close)
	f := &floor{h.clients, verifier.Verify}
	mux := http.NewServeMux()
	mux.Handle("GET /inbox", f.page(f.inbox))
	mux.Handle("GET /inbox/unbilled", f.page(f.unbilled))
	mux.Handle("GET /tickets/{ref}", f.page(f.ticket))
	return mux
}

// page serves agents only.
func (f *floor) page(answer func(ctx context.Context, r *http.Request, first int) ([]byte, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), endpoint.DefaultTimeout)
		defer cancel()
		token, err := auth.Bearer(r)
		if err != nil {
			http.Error(w, "unauthenticated", http.StatusUnauthorized)
			return
		}
		if viewer, err := f.verify(ctx, token); err != nil || viewer.Audience != auth.Console {
			http.Error(w, "unauthenticated", http.StatusUnauthorized)
			return
		}
		first, err := strconv.Atoi(r.URL.Query().Get("first"))
		if err != nil || first < 1 || first > 100 {
			http.Error(w, "first", http.StatusBadRequest)
			return
		}
		body, err := answer(ctx, r, first)
		if err != nil {
			http.Error(w, "unavailable", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}

// limited writes a limit into a statement: without a parameter for it Postgres keeps one plan, and plans no more.
func limited(sql string, rows int) string {
	return strings.Replace(sql, "{limit}", strconv.Itoa(rows), 1)
}

// screen is a page of the console: what the graph is asked for it, and where the floor has it.
type screen struct {
	name, query, path string
	variables         map[string]any
}

func inboxScreen() screen { return screen{"inbox", inboxQuery, "/inbox", nil} }

// unbilledScreen is the inbox without Stripe: all of it is ours.
func unbilledScreen() screen {
	return screen{"unbilled", strings.Replace(inboxQuery, inboxBilling, "", 1), "/inbox/unbilled", nil}
}

func ticketScreen(ref string) screen {
	return screen{"ticket", ticketQuery, "/tickets/" + ref, map[string]any{"ref": ref}}
}

// of is the screen's variables for a page size.
func (s screen) of(first int) map[string]any {
	variables := map[string]any{"first": first}
	maps.Copy(variables, s.variables)
	return variables
}

// same returns the floor's answer, and fails where the graph's differs in one byte.
func (h *house) same(tb testing.TB, floor http.Handler, screen screen, first int) string {
	tb.Helper()
	request := httptest.NewRequestWithContext(tb.Context(), http.MethodGet, screen.path+"?first="+strconv.Itoa(first), http.NoBody)
	request.Header.Set("Authorization", "Bearer "+h.tokens["agent"])
	recorder := httptest.NewRecorder()
	floor.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK {
		tb.Fatalf("the floor's %s: HTTP %d %s", screen.path, recorder.Code, recorder.Body)
	}
	for name, handler := range map[string]http.Handler{"compiled": h.planned, "look-ahead": h.walked, "plain": h.plain} {
		got := h.ask(tb, handler, "agent", screen.query, screen.of(first))
		if diff := cmp.Diff(recorder.Body.String(), string(got.body)); diff != "" {
			tb.Fatalf("%s of %d (-floor +%s):\n%s", screen.path, first, name, diff)
		}
	}
	return recorder.Body.String()
}

// TestFloor proves what the benchmarks rest on: the floor answers the graph's bytes.
func TestFloor(t *testing.T) {
	t.Parallel()
	floor := newFloor(t, theHouse)
	var seen strings.Builder
	for _, first := range []int{1, 10, 50, 100} {
		seen.WriteString(theHouse.same(t, floor, inboxScreen(), first))
		seen.WriteString(theHouse.same(t, floor, unbilledScreen(), first))
		for number := 1; number <= 2000; number += 97 { // among them references of no ticket
			seen.WriteString(theHouse.same(t, floor, ticketScreen("T-"+strconv.Itoa(number)), first))
		}
	}
	for kind, name := range entryTypes {
		if !strings.Contains(seen.String(), `"`+name+`"`) {
			t.Errorf("no page showed an entry of kind %s", kind)
		}
	}
	for _, part := range []string{`"ticketByRef":null`, `"NotLinked"`, `"hasNextPage":true`, `"hasNextPage":false`, `"Team"`, `\n`} {
		if !strings.Contains(seen.String(), part) {
			t.Errorf("no page showed %s", part)
		}
	}
}
