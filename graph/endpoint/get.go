package endpoint

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
)

// The bounds on what comes before a body. The server itself bounds the bytes of all headers.
const (
	maxQueryString = 16 << 10 // bytes
	maxHeaders     = 100      // lines
)

// checkEnvelope refuses a method that we do not serve and headers without end.
func checkEnvelope(r *http.Request) *refusal {
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		return refuse(http.StatusMethodNotAllowed, MethodNotAllowed).with("Allow", "GET, POST")
	}
	lines := 0
	for _, values := range r.Header {
		lines += len(values)
	}
	if lines > maxHeaders {
		return refuseBeyond(http.StatusRequestHeaderFieldsTooLarge, HeadersTooLarge, lines, maxHeaders)
	}
	return nil
}

// read takes the GraphQL request out of an HTTP request: out of its body, or out of the address of a GET.
func (h *handler) read(x *exchange, r *http.Request) (*asked, *refusal) {
	if r.Method == http.MethodGet {
		return readQueryString(r)
	}
	if refused := checkContent(r.Header); refused != nil {
		return nil, refused
	}
	return h.readBody(x, r)
}

// readQueryString reads a GraphQL request from the parameters of an address, as strictly as one from a body: names in
// their exact case, each once, variables and extensions as JSON objects. Other parameters are ignored.
func readQueryString(r *http.Request) (*asked, *refusal) {
	if len(r.URL.RawQuery) > maxQueryString {
		return nil, refuseBeyond(http.StatusRequestURITooLong, AddressTooLong, len(r.URL.RawQuery), maxQueryString)
	}
	request, fault := decodeQueryString(r.URL.RawQuery)
	if fault != "" {
		refused := refuse(http.StatusBadRequest, BadRequest)
		refused.message = fault
		return nil, refused
	}
	return request, nil
}

func decodeQueryString(text string) (*asked, string) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, "The parameters of the address cannot be read."
	}
	object := map[string]any{}
	for _, name := range []string{"query", "operationName", "variables", "extensions", "documentId"} {
		given := values[name]
		switch {
		case len(given) == 0:
			continue
		case len(given) > 1:
			return nil, "The address has a parameter twice."
		case !utf8.ValidString(given[0]):
			return nil, "The parameter " + name + " is not valid UTF-8."
		case strings.IndexByte(given[0], 0) >= 0:
			return nil, "The parameter " + name + " has a character that is not allowed in text."
		}
		object[name] = given[0]
		if name == "variables" || name == "extensions" {
			if given[0] == "" {
				delete(object, name)
				continue
			}
			value, fault := decodeJSON([]byte(given[0]))
			if fault != "" {
				return nil, "The parameter " + name + " " + fault
			}
			object[name] = value
		}
	}
	return askedBy(object, "The address")
}

// checkSafe refuses a mutation that comes by GET, even one that would not run: a GET is sent again by whoever likes.
func checkSafe(r *http.Request, document *ast.QueryDocument, operationName string) *refusal {
	if r.Method != http.MethodGet || document == nil {
		return nil
	}
	operation := document.Operations.ForName(operationName)
	if operation == nil || operation.Operation != ast.Mutation {
		return nil
	}
	refused := refuse(http.StatusMethodNotAllowed, MethodNotAllowed).with("Allow", http.MethodPost)
	refused.message = "Send mutations with POST."
	return refused
}
