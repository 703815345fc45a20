package endpoint_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// TestCompression shows which coding a long answer has, and that it says the same.
func TestCompression(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	long := strings.Repeat("support ", 1000)
	want := `{"data":{"hello":"hello ` + long + `"}}`
	for accept, coding := range map[string]string{
		"":                           "",
		"identity":                   "",
		"br":                         "",
		"gzip;q=0":                   "",
		"gzip;q=nonsense":            "",
		"gzip":                       "gzip",
		"x-gzip, deflate":            "gzip",
		"GZIP ; q=0.5":               "gzip",
		"gzip, deflate, br, zstd":    "zstd",
		"zstd;q=0.5, gzip;q=0.8":     "gzip",
		"*":                          "zstd",
		"zstd;q=0, *;q=0.1":          "gzip",
		"gzip;q=1.0, identity; q=.5": "gzip",
	} {
		answer, packed := s.send(t, request{
			body:   `{"query":"{hello(name:\"` + long + `\")}"}`,
			header: map[string]string{"Accept-Encoding": accept + " "},
		})
		if got := answer.Header.Get("Content-Encoding"); got != coding || answer.StatusCode != http.StatusOK {
			t.Errorf("Accept-Encoding %q: got %d %q, want %q", accept, answer.StatusCode, got, coding)
			continue
		}
		if got := answer.Header.Get("Content-Length"); got != strconv.Itoa(len(packed)) {
			t.Errorf("Accept-Encoding %q: Content-Length %s of %d", accept, got, len(packed))
		}
		if got := unpacked(t, packed, coding); got != want {
			t.Errorf("Accept-Encoding %q: got %.80s", accept, got)
		}
	}
	if answer, _ := s.send(t, request{header: map[string]string{"Accept-Encoding": "gzip"}}); answer.Header.Get("Content-Encoding") != "" {
		t.Error("a short answer was compressed")
	}
}

func unpacked(t *testing.T, packed, coding string) string {
	t.Helper()
	var plain io.Reader = strings.NewReader(packed)
	var err error
	switch coding {
	case "gzip":
		plain, err = gzip.NewReader(plain)
	case "zstd":
		var r *zstd.Decoder
		r, err = zstd.NewReader(plain, zstd.WithDecoderConcurrency(1))
		defer r.Close()
		plain = r
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
