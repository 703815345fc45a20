package endpoint

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// asked is a GraphQL request.
type asked struct {
	graphql.RawParams
	documentID string // names a document that we know, instead of its text or beside it
	wants      wants
}

// wants is what a request would be told beside the answer, in extensions of the same names.
type wants struct {
	sources bool
}

// readBody takes the body of a request, within its bound of bytes and time, and reads the GraphQL request in it.
func (h *handler) readBody(x *exchange, r *http.Request) (*asked, *refusal) {
	if r.ContentLength > h.MaxBody {
		return nil, refuseBeyond(http.StatusRequestEntityTooLarge, BodyTooLarge, int(r.ContentLength), int(h.MaxBody)).with("Connection", "close")
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
		return nil, refuseBeyond(http.StatusRequestEntityTooLarge, BodyTooLarge, 0, int(h.MaxBody))
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refuse(http.StatusRequestTimeout, BodyTooSlow).with("Connection", "close")
	case err != nil:
		return nil, refuse(http.StatusBadRequest, BadRequest).with("Connection", "close")
	}
	request, fault := decodeRequest(body)
	if fault != "" {
		refused := refuse(http.StatusBadRequest, BadRequest)
		refused.message = fault
		return nil, refused
	}
	return request, nil
}

// decodeRequest reads a GraphQL request strictly: keys in their exact case, each once, with values of their exact
// types. Keys that the specification does not know are ignored, as it asks. The fault, where there is one, says what
// is wrong and repeats nothing of the body.
func decodeRequest(body []byte) (*asked, string) {
	value, fault := decodeJSON(body)
	if fault != "" {
		return nil, "The body " + fault
	}
	request, ok := value.(map[string]any)
	if !ok {
		return nil, "The body must be a JSON object."
	}
	return askedBy(request, "The body")
}

// askedBy reads a GraphQL request from its decoded keys; where says where they stood.
func askedBy(object map[string]any, where string) (*asked, string) {
	request := &asked{}
	var ok bool
	if request.documentID, ok = optional[string](object, "documentId"); !ok {
		return nil, "The documentId must be a string or null."
	}
	if request.Query, ok = optional[string](object, "query"); !ok {
		return nil, where + " must have a query, a string that is not empty."
	}
	if request.OperationName, ok = optional[string](object, "operationName"); !ok {
		return nil, "The operationName must be a string or null."
	}
	if request.Variables, ok = optional[map[string]any](object, "variables"); !ok {
		return nil, "The variables must be an object or null."
	}
	if request.Extensions, ok = optional[map[string]any](object, "extensions"); !ok {
		return nil, "The extensions must be an object or null."
	}
	if request.wants.sources, ok = optional[bool](request.Extensions, "sources"); !ok {
		return nil, "The sources of the extensions must be true, false or null."
	}
	if request.Query == "" && request.documentID == "" && request.Extensions["persistedQuery"] == nil {
		return nil, where + " must have a query, a string that is not empty."
	}
	return request, ""
}

// optional returns the value of a key, the zero value where it is absent or null; false where it has another type.
func optional[T any](object map[string]any, key string) (T, bool) {
	value, present := object[key]
	typed, ok := value.(T)
	return typed, ok || !present || value == nil
}
