package endpoint

import (
	"net/http"

	"supportgraph/graph/operations"
)

// The headers in which an app says which one it is, where the configuration names no others.
const (
	DefaultClientHeader  = "X-Client-Name"
	DefaultReleaseHeader = "X-Client-Version"
)

// clientOf returns the app that asks, as far as it says so in a form that may stand in the log and in keys. Nothing is
// allowed for it: it chooses between documents, and between budgets that are all below the viewer's.
func (h *handler) clientOf(r *http.Request) operations.Client {
	client := operations.Client{Name: r.Header.Get(h.ClientHeader), Release: r.Header.Get(h.ReleaseHeader)}
	if !wellFormedID(client.Name) {
		return operations.Client{}
	}
	if !wellFormedID(client.Release) {
		client.Release = ""
	}
	return client
}
