package endpoint

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// refusal ends a request of which nothing has run.
type refusal struct {
	status  int
	code    Code
	message string
	header  http.Header
	errors  gqlerror.List // the signed errors of an operation; empty where code and message say it all
	// A bound of the transport that the request passes, and by how much where that is known; 0 where it is another reason.
	bound, figure int
}

func refuse(status int, code Code) *refusal {
	return &refusal{status: status, code: code, message: code.sentence(), header: http.Header{}}
}

// refuseBeyond refuses a request for its size; figure is 0 where nobody read on to know it.
func refuseBeyond(status int, code Code, figure, bound int) *refusal {
	r := refuse(status, code)
	r.figure, r.bound = figure, bound
	return r
}

func (r *refusal) with(name, value string) *refusal {
	r.header.Set(name, value)
	return r
}

// refuse writes a refusal: errors, and no data entry.
func (h *handler) refuse(x *exchange, refused *refusal) {
	for name, values := range refused.header {
		x.w.Header()[name] = values
	}
	errs := refused.errors
	if len(errs) == 0 {
		errs = gqlerror.List{x.sign(&gqlerror.Error{Message: refused.message}, refused.code, "", "")}
		if refused.bound > 0 {
			errs[0].Extensions["bound"] = refused.bound
		}
		if refused.figure > 0 {
			errs[0].Extensions["figure"] = refused.figure
		}
	}
	switch {
	case refused.code == Canceled:
		x.outcome = outcomeCanceled
	case refused.status == http.StatusUnauthorized, refused.status == http.StatusForbidden:
		x.outcome = outcomeDenied
	case refused.status >= http.StatusInternalServerError:
		x.outcome = outcomeFailed
	default:
		x.outcome = outcomeRefused
	}
	x.write(refused.status, nil, errs, nil)
}

// refuseOperation answers an operation that cannot be parsed, does not fit the contract, or whose variables do not
// fit it.
func (h *handler) refuseOperation(ctx context.Context, x *exchange, errs gqlerror.List) *refusal {
	refused := refuse(http.StatusBadRequest, ValidationFailed)
	if x.media == jsonMedia {
		refused.status = http.StatusOK
	}
	for _, err := range errs[:min(len(errs), maxErrors)] {
		shown := &gqlerror.Error{Message: clip(err.Message), Locations: err.Locations}
		code := ValidationFailed
		if own, ok := err.Extensions["code"].(string); ok && Code(own).public() {
			code = Code(own)
		}
		variable := ""
		if len(err.Path) > 1 && err.Path[0] == ast.PathName("variable") {
			code, variable = BadUserInput, err.Path[1:].String()
			shown.Message = clip("Variable $" + variable + " " + variableFault(err.Message))
		}
		shown = x.sign(shown, code, "variable", variable)
		for _, detail := range []string{"figure", "bound"} {
			if value, ok := err.Extensions[detail]; ok {
				shown.Extensions[detail] = value
			}
		}
		refused.errors = append(refused.errors, shown)
	}
	return refused
}

// refuseUnanswered answers an operation that gave no data: its deadline passed before it began, or it has no root.
func (h *handler) refuseUnanswered(ctx context.Context, x *exchange, response *graphql.Response) *refusal {
	err := errors.New("the executor gave no data")
	if response != nil && len(response.Errors) > 0 {
		err = response.Errors
	} else if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	code, message := h.classify(ctx, err, "")
	status := http.StatusInternalServerError
	if code != Internal {
		status = http.StatusServiceUnavailable
	}
	refused := refuse(status, code)
	refused.message = message
	return refused
}

// answer writes what an operation gave. Its data goes out as it came, byte for byte.
func (h *handler) answer(ctx context.Context, x *exchange, response *graphql.Response) {
	for i, err := range response.Errors {
		if _, signed := err.Extensions["reference"]; !signed {
			response.Errors[i] = h.present(ctx, err)
		}
	}
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled):
		x.outcome = outcomeCanceled
	case len(response.Errors) == 0:
		x.outcome = outcomeOK
	case string(response.Data) == "null":
		x.outcome = outcomeFailed
	default:
		x.outcome = outcomePartial
	}
	x.write(http.StatusOK, response.Data, response.Errors, response.Extensions)
}

// write sends the answer in one go, with its length. data is nil where nothing ran.
func (x *exchange) write(status int, data []byte, errs gqlerror.List, extensions map[string]any) {
	var parts [][]byte
	open := "{"
	part := func(name string, value []byte) {
		parts = append(parts, []byte(open+`"`+name+`":`), value)
		open = ","
	}
	if data != nil {
		part("data", data)
	}
	if len(errs) > 0 {
		part("errors", encode(errs))
	}
	if len(extensions) > 0 {
		part("extensions", encode(extensions))
	}
	parts = append(parts, []byte("}"))
	length := 0
	for _, p := range parts {
		length += len(p)
	}
	header := x.w.Header()
	if length >= minCompressed && x.coding != plainCoding {
		packed := x.pack.compress(parts, x.coding)
		parts, length = [][]byte{packed}, len(packed)
		header.Set("Content-Encoding", string(x.coding))
	}
	header.Set("Content-Type", string(x.media)+"; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(length))
	x.status = status
	// A caller who stops reading is cut off; where there is no connection, nobody has to wait for one.
	_ = http.NewResponseController(x.w).SetWriteDeadline(time.Now().Add(x.reading))
	x.w.WriteHeader(status)
	for _, p := range parts {
		n, err := x.w.Write(p)
		x.written += n
		if err != nil {
			x.outcome = outcomeCanceled
			return
		}
	}
}

// encode writes errors and extensions, which hold only strings, numbers and locations.
func encode(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
