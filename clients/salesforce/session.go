package salesforce

import (
	"context"
	"errors"
	"net/url"
	"sync"

	"supportgraph/clients/upstream"
)

// openSession is the name of the call that opens a session.
const openSession = "oauth.token"

// session keeps the access token of the client-credentials flow. It comes without an end: the vendor refuses it one day, and
// then it is asked for anew, by one call however many wait for it.
type session struct {
	upstream *upstream.Client
	form     url.Values

	mu      sync.Mutex
	current string
	opening *opening // nil while nobody asks
}

// opening is one call for a token, and those who wait for it.
type opening struct {
	done  chan struct{}
	token string
	err   error
}

func newSession(calls *upstream.Client, id, secret string) *session {
	return &session{upstream: calls, form: url.Values{
		"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret},
	}}
}

// token is a token other than the refused one, which is empty for whoever has tried none. Each waits no longer than its own
// context; the call itself goes on for the others when the one who began it leaves.
func (s *session) token(ctx context.Context, refused string) (string, error) {
	s.mu.Lock()
	if s.current != "" && s.current != refused {
		defer s.mu.Unlock()
		return s.current, nil
	}
	flight := s.opening
	if flight == nil {
		flight = &opening{done: make(chan struct{})}
		s.opening = flight
		go s.open(context.WithoutCancel(ctx), flight) // ends within the client's timeout
	}
	s.mu.Unlock()
	select {
	case <-flight.done:
		return flight.token, flight.err
	case <-ctx.Done():
		reason := upstream.Timeout
		if errors.Is(ctx.Err(), context.Canceled) {
			reason = upstream.Canceled
		}
		return "", &upstream.Error{Service: s.upstream.Source(), Op: openSession, Reason: reason, Err: ctx.Err()}
	}
}

func (s *session) open(ctx context.Context, flight *opening) {
	var answer granted
	err := s.upstream.Post(ctx, openSession, "/services/oauth2/token", upstream.Form(s.form), &answer)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opening = nil
	if err == nil {
		s.current = answer.AccessToken
	}
	flight.token, flight.err = answer.AccessToken, err
	close(flight.done)
}

// granted is a token on the wire. The address that stands beside it is not used: the API answers under My Domain, and the
// token goes nowhere else.
type granted struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
}

// Check demands a bearer token.
func (g *granted) Check() error {
	if g.AccessToken == "" || g.TokenType != "Bearer" {
		return errors.New("the answer is no bearer token")
	}
	return nil
}
