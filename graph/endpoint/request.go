package endpoint

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// read takes the body of a request, within its bound of bytes and time, and reads the GraphQL request in it.
func (h *handler) read(x *exchange, r *http.Request) (*graphql.RawParams, *refusal) {
	if r.ContentLength > h.MaxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, BodyTooLarge).with("Connection", "close")
	}
	// The connection's deadline is lifted once the body is in: left in place, it would end the request's context.
	connection := http.NewResponseController(x.w)
	bounded := connection.SetReadDeadline(time.Now().Add(h.Timeout)) == nil
	body, err := io.ReadAll(http.MaxBytesReader(x.w, r.Body, h.MaxBody))
	if bounded && err == nil {
		err = connection.SetReadDeadline(time.Time{})
	}
	x.read = len(body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refuse(http.StatusRequestEntityTooLarge, BodyTooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refuse(http.StatusRequestTimeout, BodyTooSlow).with("Connection", "close")
	case err != nil:
		return nil, refuse(http.StatusBadRequest, BadRequest).with("Connection", "close")
	}
	params, fault := decodeRequest(body)
	if fault != "" {
		refused := refuse(http.StatusBadRequest, BadRequest)
		refused.message = fault
		return nil, refused
	}
	return params, nil
}

// decodeRequest reads a GraphQL request strictly: keys in their exact case, each once, with values of their exact
// types. Keys that the specification does not know are ignored, as it asks. The fault, where there is one, says what
// is wrong and repeats nothing of the body.
func decodeRequest(body []byte) (*graphql.RawParams, string) {
	value, fault := decodeJSON(body)
	if fault != "" {
		return nil, fault
	}
	request, ok := value.(map[string]any)
	if !ok {
		return nil, "The body must be a JSON object."
	}
	params := &graphql.RawParams{}
	if params.Query, ok = request["query"].(string); !ok || params.Query == "" {
		return nil, "The body must have a query, a string that is not empty."
	}
	if params.OperationName, ok = optional[string](request, "operationName"); !ok {
		return nil, "The operationName must be a string or null."
	}
	if params.Variables, ok = optional[map[string]any](request, "variables"); !ok {
		return nil, "The variables must be an object or null."
	}
	if params.Extensions, ok = optional[map[string]any](request, "extensions"); !ok {
		return nil, "The extensions must be an object or null."
	}
	return params, ""
}

// optional returns the value of a key, the zero value where it is absent or null; false where it has another type.
func optional[T any](object map[string]any, key string) (T, bool) {
	value, present := object[key]
	typed, ok := value.(T)
	return typed, ok || !present || value == nil
}
