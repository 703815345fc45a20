package auth

import (
	"io"
	"net/http"
)

// maxKeys caps the answer of an issuer; real key sets have a few kilobytes.
const maxKeys = 512 << 10

// fetchClient returns a client for key sets: answers are capped and redirects refused, because keys come from the
// configured address and from nowhere else.
func fetchClient(client *http.Client) *http.Client {
	var fetcher http.Client
	if client != nil {
		fetcher = *client
	}
	next := fetcher.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	fetcher.Transport = capped{next}
	fetcher.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &fetcher
}

// capped cuts every answer at maxKeys, which leaves JSON that cannot be read.
type capped struct{ next http.RoundTripper }

func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = cappedBody{io.LimitReader(answer.Body, maxKeys), answer.Body}
	return answer, nil
}

type cappedBody struct {
	io.Reader
	io.Closer
}
