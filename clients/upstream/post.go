package upstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Body is what a POST carries.
type Body struct {
	kind string
	text []byte
	err  error
}

// JSON is a body in JSON. A value that has no JSON makes the call fail.
func JSON(value any) Body {
	text, err := json.Marshal(value)
	return Body{kind: "application/json", text: text, err: err}
}

// Form is a body as HTML forms send it.
func Form(values url.Values) Body {
	return Body{kind: "application/x-www-form-urlencoded", text: []byte(values.Encode())}
}

// Post reads like Get does, where a vendor takes the keys in a body. It is for reads only: what it asks for must change
// nothing at the vendor, so that it may be asked again like a Get.
func (c *Client) Post(ctx context.Context, op, path string, body Body, answer Answer) error {
	return c.call(ctx, op, func(ctx context.Context) (*http.Request, error) {
		if body.err != nil {
			return nil, errors.New("the body has no JSON")
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(body.text))
		if err == nil {
			request.Header.Set("Content-Type", body.kind)
		}
		return request, err
	}, answer)
}

// As is the same client, with the same places and connections, that shows another bearer token: that of a session.
func (c *Client) As(token string) *Client {
	session := *c
	session.authorization = bearer(token)
	if token != "" {
		session.secrets = append(c.secrets[:len(c.secrets):len(c.secrets)], token)
	}
	return &session
}

// Base is the address below which all paths stand, without a slash at its end.
func (c *Client) Base() string { return c.base }

func bearer(token string) string {
	if token == "" {
		return ""
	}
	return "Bearer " + token
}

// authorization is the header that the configuration asks for: a name with its password, or a token alone.
func (c Config) authorization() string {
	if c.User == "" {
		return bearer(c.Token)
	}
	request := http.Request{Header: http.Header{}}
	request.SetBasicAuth(c.User, c.Token)
	return request.Header.Get("Authorization")
}

// secrets are the texts that must not be spoken, in the forms in which a vendor might echo them.
func (c Config) secrets() []string {
	if c.Token == "" {
		return nil
	}
	_, encoded, _ := strings.Cut(c.authorization(), " ")
	return []string{c.Token, encoded}
}
