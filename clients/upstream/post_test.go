package upstream_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"supportgraph/clients/upstream"
)

func TestPostSendsABody(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	client, seen, _ := serve(t, upstream.Config{}, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.Store(fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.Header.Get("Content-Type"), " ", r.Header.Get("Authorization"), " ", string(body)))
		_, _ = w.Write([]byte(`{"id":"1"}`))
	})
	for _, test := range []struct {
		client *upstream.Client
		body   upstream.Body
		want   string
	}{
		{client, upstream.JSON(map[string]any{"ids": []string{"1", "2"}}), `POST /v1/things application/json Bearer ` + token + ` {"ids":["1","2"]}`},
		{client, upstream.Form(url.Values{"a": {"b c"}}), `POST /v1/things application/x-www-form-urlencoded Bearer ` + token + ` a=b+c`},
		{client.As("session"), upstream.JSON(1), `POST /v1/things application/json Bearer session 1`},
		{client.As(""), upstream.JSON(1), `POST /v1/things application/json  1`},
	} {
		if err := test.client.Post(t.Context(), "things.list", "/things", test.body, &thing{}); err != nil || got.Load() != test.want {
			t.Errorf("got  %v, %v\nwant %s", got.Load(), err, test.want)
		}
	}
	var failed *upstream.Error
	if err := client.Post(t.Context(), "things.list", "/things", upstream.JSON(func() {}), &thing{}); !errors.As(err, &failed) || failed.Status != 0 {
		t.Errorf("a body without JSON: %v", err)
	}
	if calls := seen.all(); len(calls) != 5 || calls[0].Op != "things.list" || calls[4].Err == nil {
		t.Errorf("observed %+v", calls)
	}
}

func TestSecretsAreNotSpoken(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		user, password, _ := r.BasicAuth()
		_, _ = fmt.Fprintf(w, "bad|%s %s %s", r.Header.Get("Authorization"), user, password)
	}))
	defer server.Close()
	vendor := upstream.Vendor{Service: upstream.Jira, Timeout: time.Second, Concurrency: 1, Explain: explain}
	client := upstream.New(vendor, upstream.Config{BaseURL: server.URL, User: "me@x.example", Token: token}, nil)
	defer client.Close()
	err := client.Get(t.Context(), "op", "/", nil, &thing{})
	encoded := base64.StdEncoding.EncodeToString([]byte("me@x.example:" + token))
	if text := fmt.Sprint(err); strings.Contains(text, token) || strings.Contains(text, encoded) || !strings.Contains(text, "me@x.example [token]") {
		t.Errorf("spoken: %s", text)
	}
	err = client.As("session_77").Get(t.Context(), "op", "/", nil, &thing{})
	if text := fmt.Sprint(err); strings.Contains(text, "session_77") || !strings.Contains(text, "Bearer [token]") {
		t.Errorf("spoken: %s", text)
	}
	vendor.Sessions = true
	shy := upstream.New(vendor, upstream.Config{BaseURL: server.URL, Token: token}, nil)
	defer shy.Close()
	if text := fmt.Sprint(shy.Get(t.Context(), "op", "/", nil, &thing{})); strings.Contains(text, "Bearer") {
		t.Errorf("the secret of sessions was sent: %s", text)
	}
}

func TestAllowanceAndQuota(t *testing.T) {
	t.Parallel()
	var left atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/silent" {
			w.Header().Set("X-Limit", "100")
			w.Header().Set("X-Left", fmt.Sprint(left.Add(-1)))
		}
		if r.URL.Path == "/spent" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("LIMIT|spent"))
			return
		}
		_, _ = w.Write([]byte(`{"id":"1"}`))
	}))
	defer server.Close()
	left.Store(3)
	client := upstream.New(upstream.Vendor{Service: upstream.Jira, Timeout: time.Second, Concurrency: 1, Explain: explain,
		Allowance: func(header http.Header) (int, int, bool) { return upstream.Counted(header, "X-Limit", "X-Left") },
		Quota:     func(status int, _ http.Header, code string) bool { return status == 403 && code == "LIMIT" },
	}, upstream.Config{BaseURL: server.URL}, nil)
	defer client.Close()
	if client.Allowance() != nil {
		t.Error("an allowance before anything was asked")
	}
	for _, want := range []int{2, 1, 0, 0} { // the last is told as -1
		if err := client.As("x").Get(t.Context(), "op", "/", nil, &thing{}); err != nil {
			t.Fatal(err)
		}
		if got := client.Allowance(); got == nil || got.Limit != 100 || got.Remaining != want {
			t.Errorf("got %+v, want %d left", got, want)
		}
	}
	before := client.Allowance()
	if err := client.Get(t.Context(), "op", "/silent", nil, &thing{}); err != nil || client.Allowance() != before {
		t.Errorf("an answer without headers: %v", err)
	}
	var failed *upstream.Error
	err := client.Get(t.Context(), "op", "/spent", nil, &thing{})
	if !errors.As(err, &failed) || failed.Reason != upstream.RateLimited || !failed.Quota || failed.Status != 403 || client.Allowance() == before {
		t.Errorf("spent: %+v", failed)
	}
}

func TestChunks(t *testing.T) {
	t.Parallel()
	keys := make([]int, 0, 500)
	for i := range 250 {
		keys = append(keys, i, i)
	}
	boom, alone := errors.New("boom"), errors.New("alone")
	var sizes [3]atomic.Int64
	found, failed := upstream.Chunks(t.Context(), client(t, 4), "op", 100, keys, func(_ context.Context, chunk []int) (map[int]*int, map[int]error, error) {
		if !slices.IsSorted(chunk) {
			t.Errorf("the order is lost: %v", chunk)
		}
		sizes[chunk[0]/100].Store(int64(len(chunk)))
		if chunk[0] == 100 {
			return map[int]*int{100: &chunk[0]}, nil, boom
		}
		found := map[int]*int{}
		for i := range chunk {
			if chunk[i] != 7 && chunk[i] != 8 {
				found[chunk[i]] = &chunk[i]
			}
		}
		return found, map[int]error{8: alone}, nil
	})
	if sizes[0].Load() != 100 || sizes[1].Load() != 100 || sizes[2].Load() != 50 {
		t.Error("the chunks are not as large as they may be")
	}
	if len(found) != 148 || *found[249] != 249 || found[7] != nil || found[100] != nil || len(failed) != 101 ||
		!errors.Is(failed[8], alone) || !errors.Is(failed[199], boom) || failed[7] != nil {
		t.Errorf("%d found, %d failed", len(found), len(failed))
	}
	if found, failed := upstream.Chunks(t.Context(), client(t, 4), "op", 100, nil, func(context.Context, []int) (map[int]*int, map[int]error, error) {
		panic("asked")
	}); len(found) != 0 || len(failed) != 0 {
		t.Error("nothing asked, something found")
	}
}
