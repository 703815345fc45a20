package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	maxToken      = 8 << 10          // bytes of a token
	leeway        = 30 * time.Second // of clocks that differ
	rememberFor   = time.Minute      // a verified token, at most
	rememberCount = 8192             // verified tokens, at most
)

// Verifier turns bearer tokens into viewers. It is safe for concurrent use.
type Verifier struct {
	issuers  map[string]*trusted
	parser   *jwt.Parser
	verified *lru.Cache[[sha256.Size]byte, verified]
	stop     context.CancelFunc
}

// trusted is an issuer with its keys and with the rules for its claims.
type trusted struct {
	Issuer
	keys    *keys
	keyfunc keyfunc.Keyfunc
	claims  *jwt.Validator
}

// verified is a token that passed, good until a moment and as long as its issuer publishes the same keys.
//
// The plain LRU holds it and not the expiring one of the same library, whose goroutine cannot be stopped
// (golang-lru v2.0.7, expirable.NewLRU).
type verified struct {
	viewer Viewer
	until  time.Time
	issuer *trusted
	set    *keySet
}

// NewVerifier checks the issuers and begins to fetch their keys in the background: an issuer that is down does not
// stop the start. A nil client means one of our own, a nil log none. It works until Close, or until ctx ends.
func NewVerifier(ctx context.Context, issuers []Issuer, client *http.Client, log *slog.Logger) (*Verifier, error) {
	if err := Issuers(issuers).Check(); err != nil {
		return nil, fmt.Errorf("check the issuers of tokens: %w", err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	cache, err := lru.New[[sha256.Size]byte, verified](rememberCount)
	if err != nil {
		return nil, fmt.Errorf("make the cache of verified tokens: %w", err)
	}
	life, stop := context.WithCancel(ctx)
	v := &Verifier{
		issuers: make(map[string]*trusted, len(issuers)),
		parser: jwt.NewParser(
			jwt.WithValidMethods(algorithms),
			jwt.WithStrictDecoding(),
			jwt.WithoutClaimsValidation(), // done with the rules of the token's issuer
		),
		verified: cache,
		stop:     stop,
	}
	fetcher := fetchClient(client)
	for _, issuer := range issuers {
		keys := newKeys(life, issuer, fetcher, log)
		read, err := keyfunc.New(keyfunc.Options{Ctx: life, Storage: keys})
		if err != nil {
			stop()
			return nil, fmt.Errorf("read the keys of issuer %q: %w", issuer.Issuer, err)
		}
		v.issuers[issuer.Issuer] = &trusted{
			Issuer:  issuer,
			keys:    keys,
			keyfunc: read,
			claims: jwt.NewValidator(
				jwt.WithIssuer(issuer.Issuer),
				jwt.WithAudience(issuer.Audience...),
				jwt.WithExpirationRequired(),
				jwt.WithIssuedAt(),
				jwt.WithLeeway(leeway),
			),
		}
	}
	for _, issuer := range v.issuers {
		issuer.keys.done.Go(issuer.keys.refresh)
	}
	return v, nil
}

// Close stops the fetching of keys and waits for its end. Tokens are still verified with the keys known by then.
func (v *Verifier) Close() {
	v.stop()
	for _, issuer := range v.issuers {
		issuer.keys.close()
	}
}

// Verify returns the viewer that the token proves, or an *Error.
func (v *Verifier) Verify(ctx context.Context, token string) (*Viewer, error) {
	if token == "" {
		return nil, refuse(Unauthenticated, nil)
	}
	if len(token) > maxToken {
		return nil, refuse(TokenMalformed, errors.New("the token is too long"))
	}
	now := time.Now()
	hash := sha256.Sum256([]byte(token))
	if known, ok := v.verified.Get(hash); ok {
		if now.Before(known.until) && known.set == known.issuer.keys.current.Load() {
			return &known.viewer, nil // a copy of the cache's: nobody can change who asks for the next request
		}
		v.verified.Remove(hash)
	}
	fresh, err := v.verify(ctx, token, now)
	if err != nil {
		return nil, err
	}
	if now.Before(fresh.until) {
		v.verified.Add(hash, *fresh)
	}
	return &fresh.viewer, nil
}

// verify checks a token that is not remembered.
func (v *Verifier) verify(ctx context.Context, token string, now time.Time) (*verified, error) {
	var (
		from   *trusted
		set    *keySet
		claims = jwt.MapClaims{}
	)
	_, err := v.parser.ParseWithClaims(token, claims, func(token *jwt.Token) (any, error) {
		var err error
		if from, err = v.issuerOf(token, claims); err != nil {
			return nil, err
		}
		set = from.keys.current.Load() // before the key is read: a set that changes meanwhile is not remembered
		return from.keyfunc.KeyfuncCtx(ctx)(token)
	})
	if err != nil {
		return nil, classify(err)
	}
	if err := from.claims.Validate(claims); err != nil {
		return nil, classify(err)
	}
	viewer, err := from.viewer(claims)
	if err != nil {
		return nil, err
	}
	expiry, err := claims.GetExpirationTime()
	if err != nil {
		return nil, refuse(TokenInvalid, err)
	}
	return &verified{viewer: *viewer, until: rememberUntil(now, expiry.Time), issuer: from, set: set}, nil
}

// rememberUntil is when a token that passed at now must be checked again: never after its expiry, leeway or not.
func rememberUntil(now, expiry time.Time) time.Time {
	if limit := now.Add(rememberFor); limit.Before(expiry) {
		return limit
	}
	return expiry
}

// issuerOf returns the issuer that the unverified claims name, when the header is one that it may write.
func (v *Verifier) issuerOf(token *jwt.Token, claims jwt.MapClaims) (*trusted, error) {
	name, err := claims.GetIssuer()
	if err != nil {
		return nil, fmt.Errorf("read the issuer: %w", err)
	}
	from := v.issuers[name]
	if from == nil {
		return nil, errors.New("the issuer is not configured")
	}
	if !slices.Contains(from.Algorithms, token.Method.Alg()) {
		return nil, errors.New("the issuer may not use this algorithm")
	}
	if _, ok := token.Header["crit"]; ok { // RFC 7515, section 4.1.11: refuse what we do not understand
		return nil, errors.New("the header has critical extensions")
	}
	if id, ok := token.Header["kid"].(string); !ok || id == "" {
		return nil, errors.New("the header names no key")
	}
	return from, nil
}

// viewer reads who asks from claims that are verified.
func (t *trusted) viewer(claims jwt.MapClaims) (*Viewer, error) {
	subjectClaim := t.SubjectClaim
	if subjectClaim == "" {
		subjectClaim = "sub"
	}
	subject, _ := claims[subjectClaim].(string)
	if subject == "" {
		return nil, refuse(TokenInvalid, fmt.Errorf("claim %q is no text or empty", subjectClaim))
	}
	audience, err := t.opens(claims)
	if err != nil {
		return nil, refuse(AudienceUnknown, err)
	}
	viewer := &Viewer{Audience: audience, Subject: subject}
	if t.NameClaim != "" {
		viewer.Name, _ = claims[t.NameClaim].(string)
	}
	return viewer, nil
}

// classify gives a refusal its code. An expired token that has another fault too is invalid: nothing is told of it.
func classify(err error) *Error {
	if ours, ok := errors.AsType[*Error](err); ok {
		return ours
	}
	var code Code
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		code = TokenMalformed
	case errors.Is(err, jwt.ErrTokenInvalidIssuer), errors.Is(err, jwt.ErrTokenInvalidAudience),
		errors.Is(err, jwt.ErrTokenRequiredClaimMissing), errors.Is(err, jwt.ErrInvalidType),
		errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenUnverifiable):
		code = TokenInvalid
	case errors.Is(err, jwt.ErrTokenExpired):
		code = TokenExpired
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		code = TokenNotYetValid
	default:
		code = TokenInvalid
	}
	return refuse(code, err)
}
