package endpoint

import (
	"slices"

	"supportgraph/graph/auth"
	"supportgraph/graph/limits"
	"supportgraph/graph/model"
)

// Code is the stable name of an error, in its extensions.code. Clients decide by it, never by the message.
type Code string

// The codes of requests that are refused before anything runs.
const (
	MethodNotAllowed     Code = "METHOD_NOT_ALLOWED"        // 405: the endpoint takes POST, and GET for queries
	AddressTooLong       Code = "ADDRESS_TOO_LONG"          // 414: the parameters of a GET pass the bound
	CrossOrigin          Code = "CROSS_ORIGIN"              // 403: a page of an origin that is not listed asks
	HeadersTooLarge      Code = "HEADERS_TOO_LARGE"         // 431: there are too many headers
	UnsupportedMediaType Code = "UNSUPPORTED_MEDIA_TYPE"    // 415: the body must be application/json in UTF-8
	NotAcceptable        Code = "NOT_ACCEPTABLE"            // 406: Accept names nothing that we write
	BodyTooLarge         Code = "BODY_TOO_LARGE"            // 413: the body passes the bound
	BodyTooSlow          Code = "BODY_TOO_SLOW"             // 408: the body did not arrive in time
	BadRequest           Code = "BAD_REQUEST"               // 400: the body is not a GraphQL request
	ParseFailed          Code = "GRAPHQL_PARSE_FAILED"      // the document is not GraphQL
	ValidationFailed     Code = "GRAPHQL_VALIDATION_FAILED" // the document does not fit the viewer's contract
	OperationUnknown     Code = "OPERATION_UNKNOWN"         // the document has no operation of that name, or several
	RateLimited          Code = "RATE_LIMITED"              // 429: a budget is spent, Retry-After says for how long
	Overloaded           Code = "OVERLOADED"                // 503: the process has all that it can do

	// The codes of documents that are asked for by their name.
	DocumentRequired           Code = "DOCUMENT_REQUIRED"             // this audience asks by the ID of a document alone
	DocumentUnknown            Code = "DOCUMENT_UNKNOWN"              // no manifest of the client has the document
	DocumentMismatch           Code = "DOCUMENT_MISMATCH"             // the ID and the text are not of one document
	PersistedQueryNotFound     Code = "PERSISTED_QUERY_NOT_FOUND"     // send the text with the hash, as Apollo's clients do
	PersistedQueryNotSupported Code = "PERSISTED_QUERY_NOT_SUPPORTED" // send the text, as Apollo's clients do

	UnsupportedOperation Code = "UNSUPPORTED_OPERATION" // what the operation needs is not served: a subscription, @defer
)

// The codes of operations that are too large, such as DEPTH_LIMIT_EXCEEDED, are those of package limits.

// The codes about who asks, beside those that package auth has for tokens that are not accepted.
const (
	Unauthenticated      = Code(auth.Unauthenticated)
	ViewerUnknown   Code = "VIEWER_UNKNOWN" // the token is good, but nobody of that name is known here
	Forbidden       Code = "FORBIDDEN"      // known, and not allowed
)

// The codes of values that cannot be used; extensions.argument names the argument, extensions.variable the variable.
const (
	BadUserInput         = Code(model.BadUserInput)    // a value of the wrong form
	InvalidID            = Code(model.InvalidID)       // not a global ID, or one of another kind
	InvalidCursor        = Code(model.InvalidCursor)   // not a cursor of this list
	InvalidPageSize      = Code(model.InvalidPageSize) // not within the page sizes of the contract
	NotFound        Code = "NOT_FOUND"                 // nothing that this viewer may know of
	AnswerTooLarge  Code = "ANSWER_TOO_LARGE"          // the data of the answer pass the bound
)

// The codes of faults on our side. Their messages say nothing of the cause; the log does, under the same reference.
const (
	Internal    Code = "INTERNAL"    // a defect
	Timeout     Code = "TIMEOUT"     // no answer within the deadline
	Unavailable Code = "UNAVAILABLE" // a source that must answer did not
	Canceled    Code = "CANCELED"    // the caller went away
)

// Retryable tells whether the same request may succeed later.
func (c Code) Retryable() bool {
	switch c {
	case Timeout, Unavailable, Canceled, BodyTooSlow, RateLimited, Overloaded, Code(auth.KeysUnavailable):
		return true
	default:
		return false
	}
}

// public tells whether an error from below may speak to the viewer under this code. A code that is not of ours marks
// the error of a library, whose message was not written for viewers.
func (c Code) public() bool {
	switch c {
	case Unauthenticated, ViewerUnknown, Forbidden,
		BadUserInput, InvalidID, InvalidCursor, InvalidPageSize, NotFound, AnswerTooLarge,
		Timeout, Unavailable, ParseFailed, ValidationFailed, UnsupportedOperation:
		return true
	default:
		return slices.Contains(limits.Codes(), string(c))
	}
}

// sentence is what a viewer reads where nothing better is known.
func (c Code) sentence() string {
	switch c {
	case MethodNotAllowed:
		return "Send the request with POST, or a query with GET."
	case AddressTooLong:
		return "The address is too long. Send the request with POST."
	case CrossOrigin:
		return "Pages of this origin may not ask."
	case HeadersTooLarge:
		return "The request has too many headers."
	case UnsupportedMediaType:
		return "Send the body as application/json in UTF-8, without compression."
	case NotAcceptable:
		return "Accept application/graphql-response+json or application/json."
	case BodyTooLarge:
		return "The body of the request is too large."
	case BodyTooSlow:
		return "The body of the request did not arrive in time."
	case BadRequest:
		return "This is not a GraphQL request."
	case UnsupportedOperation:
		return "Subscriptions are not served over POST and GET."
	case OperationUnknown:
		return "The document has no operation of that name."
	case RateLimited:
		return "You have spent what you may for now."
	case Overloaded:
		return "The service has more to do than it can. Try again."
	case DocumentRequired:
		return "Ask for a document that is known here, by its ID."
	case DocumentUnknown:
		return "This document is not known here."
	case DocumentMismatch:
		return "The ID and the text are not of the same document."
	case PersistedQueryNotFound:
		return "PersistedQueryNotFound"
	case PersistedQueryNotSupported:
		return "PersistedQueryNotSupported"
	case Unauthenticated:
		return "Send a valid bearer token."
	case ViewerUnknown:
		return "The bearer of this token is not known here."
	case Forbidden:
		return "You are not allowed to do this."
	case Timeout:
		return "The answer took too long. Try again."
	case Unavailable:
		return "A part of the service is not available. Try again later."
	case Canceled:
		return "The request was given up before it was answered."
	default:
		return "Something went wrong on our side. Quote the reference when you report it."
	}
}
