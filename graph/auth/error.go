package auth

import "net/http"

// Code says why a request has no viewer. Codes are part of the contract: clients branch on them.
type Code string

// The codes, in the order in which they are found out.
const (
	Unauthenticated  Code = "UNAUTHENTICATED"     // the request carries no bearer token
	TokenMalformed   Code = "TOKEN_MALFORMED"     // what it carries cannot be read as a token
	TokenInvalid     Code = "TOKEN_INVALID"       // signature, issuer, audience, algorithm or a claim is not accepted
	TokenExpired     Code = "TOKEN_EXPIRED"       // genuine, but its time is over
	TokenNotYetValid Code = "TOKEN_NOT_YET_VALID" // genuine, but its time has not come
	AudienceUnknown  Code = "AUDIENCE_UNKNOWN"    // genuine, but it opens no contract
	KeysUnavailable  Code = "KEYS_UNAVAILABLE"    // the issuer's keys could not be fetched so far: our fault, not the token's
)

// Error refuses a request. Code and Message may be shown to anybody; the cause is for logs alone.
type Error struct {
	Code    Code
	Message string
	cause   error
}

func (e *Error) Error() string {
	if e.cause == nil {
		return string(e.Code) + ": " + e.Message
	}
	return string(e.Code) + ": " + e.cause.Error()
}

// Unwrap returns the cause, which may name keys and issuers and must not be shown to a viewer.
func (e *Error) Unwrap() error { return e.cause }

// Status is the HTTP status that tells the refusal.
func (e *Error) Status() int {
	if e.Code == KeysUnavailable {
		return http.StatusServiceUnavailable
	}
	return http.StatusUnauthorized
}

// Retryable says whether the same token may be accepted a moment later.
func (e *Error) Retryable() bool { return e.Code == KeysUnavailable }

// refuse builds the error of a code. The message depends on the code alone, so that it cannot tell which check failed.
func refuse(code Code, cause error) *Error {
	return &Error{Code: code, Message: message(code), cause: cause}
}

func message(code Code) string {
	switch code {
	case Unauthenticated:
		return "A bearer token is required."
	case TokenMalformed:
		return "The token cannot be read."
	case TokenExpired:
		return "The token has expired."
	case TokenNotYetValid:
		return "The token is not valid yet."
	case AudienceUnknown:
		return "The token opens no part of this service."
	case KeysUnavailable:
		return "The token cannot be verified at the moment. Try again shortly."
	default:
		return "The token is not accepted."
	}
}
