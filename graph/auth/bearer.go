package auth

import (
	"errors"
	"net/http"
	"strings"
)

// Bearer returns the token of a request's Authorization header, read strictly as in RFC 6750, section 2.1:
// one header, the scheme in any case, one token and nothing after it.
func Bearer(r *http.Request) (string, error) {
	values := r.Header.Values("Authorization")
	switch {
	case len(values) == 0:
		return "", refuse(Unauthenticated, errors.New("no Authorization header"))
	case len(values) > 1:
		return "", refuse(TokenMalformed, errors.New("more than one Authorization header"))
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", refuse(Unauthenticated, errors.New("the Authorization scheme is not Bearer"))
	}
	token = strings.TrimLeft(token, " ")
	if token == "" {
		return "", refuse(Unauthenticated, errors.New("the Authorization header has no token"))
	}
	if len(token) > maxToken || !isToken68(token) {
		return "", refuse(TokenMalformed, errors.New("the bearer token has a forbidden character or is too long"))
	}
	return token, nil
}

// isToken68 reports whether text fits the token68 form of RFC 9110, section 11.2.
func isToken68(text string) bool {
	body := strings.TrimRight(text, "=")
	for i := range len(body) {
		c := body[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '.', c == '_', c == '~', c == '+', c == '/':
		default:
			return false
		}
	}
	return body != ""
}
