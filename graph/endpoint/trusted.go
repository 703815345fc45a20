package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/graph/auth"
	"supportgraph/graph/limits"
	"supportgraph/graph/operations"
)

// Level says which documents an audience may run.
type Level string

// The levels.
const (
	Log     Level = "log"     // any; those that are not known are told of in the log
	Prefer  Level = "prefer"  // those that are known, by ID or by their text
	Require Level = "require" // those that are known, by ID alone
)

// Levels is the level of each audience; Log for those that it does not name.
type Levels map[auth.Audience]Level

// UnmarshalText reads levels as portal=require,console=require,explorer=log.
func (l *Levels) UnmarshalText(text []byte) error {
	*l = Levels{}
	for part := range strings.SplitSeq(string(text), ",") {
		audience, level, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !slices.Contains(auth.Audiences, auth.Audience(audience)) || !slices.Contains([]Level{Log, Prefer, Require}, Level(level)) {
			return errors.New("levels are written as portal=require,console=prefer,explorer=log")
		}
		(*l)[auth.Audience(audience)] = Level(level)
	}
	return nil
}

// trusted is a library with each of its documents read for its audience: parsed, validated, measured and priced.
type trusted struct {
	library   *operations.Library
	documents map[auth.Audience]map[string]*document // by text
}

// trust reads every document of a library.
func (h *handler) trust(library *operations.Library) (*trusted, error) {
	t := &trusted{library: library, documents: map[auth.Audience]map[string]*document{}}
	var faults []string
	for audience, service := range h.services {
		t.documents[audience] = map[string]*document{}
		for named := range library.Documents(audience) {
			read := service.read(named.Text)
			t.documents[audience][named.Text] = read
			service.compile(read)
			for _, fault := range read.faults {
				faults = append(faults, fmt.Sprintf("%s: document %s for %s: %s", named.From, named.ID, audience, fault.Message))
			}
			for _, excess := range read.excesses {
				if limits.Refused([]limits.Excess{excess}) {
					faults = append(faults, fmt.Sprintf("%s: document %s for %s: %s", named.From, named.ID, audience, excess.Error()))
				}
			}
		}
	}
	if len(faults) > 0 {
		slices.Sort(faults)
		return nil, fmt.Errorf("trusted documents cannot be used:\n  %s", strings.Join(faults, "\n  "))
	}
	return t, nil
}

// compiler is a schema that compiles operations ahead of their first request.
type compiler interface {
	Compile(document *ast.QueryDocument, operation *ast.OperationDefinition) (uncovered string)
}

func (s *service) compile(read *document) {
	if ahead, ok := s.Schema.(compiler); ok && !read.isRefused() {
		for _, operation := range read.query.Operations {
			ahead.Compile(read.query, operation) // what cannot be is counted when it runs
		}
	}
}

// find reads the document that a request asks for, by its ID or by its text, as far as the audience's level lets it.
func (h *handler) find(ctx context.Context, x *exchange, s *service, request *asked) *refusal {
	id, persisted, refused := request.id(x.media)
	if refused != nil {
		return refused
	}
	audience, t := x.viewer.Audience, h.trusted.Load()
	level := h.Levels[audience]
	if id != "" {
		if named, ok := t.library.Find(audience, x.client, id); ok {
			if request.Query != "" && request.Query != named.Text {
				return refuseDocument(x.media, DocumentMismatch)
			}
			request.Query = named.Text
			x.document, x.trusted = t.documents[audience][named.Text], true
			return nil
		}
		if level == Prefer || level == Require {
			h.Metrics.observeStrange(audience, "refused")
			return refuseDocument(x.media, DocumentUnknown)
		}
		if refused := h.automatic(ctx, x, request, id, persisted); refused != nil {
			return refused
		}
	} else if level == Require {
		h.Metrics.observeStrange(audience, "refused")
		return refuseDocument(x.media, DocumentRequired)
	}
	if t.library.Knows(audience, x.client, request.Query) {
		x.document = t.documents[audience][request.Query]
		return nil
	}
	if level == Prefer {
		h.Metrics.observeStrange(audience, "refused")
		return refuseDocument(x.media, DocumentUnknown)
	}
	x.unknown = true
	h.Metrics.observeStrange(audience, "served")
	x.document = s.document(request.Query)
	return nil
}

// id returns the name that a request has for its document, empty where it has none, and whether it stands in
// extensions.persistedQuery, as Apollo's clients send it. A request may have both, if they say the same.
func (a *asked) id(as media) (id string, persisted bool, refused *refusal) {
	id = strings.TrimPrefix(a.documentID, "sha256:")
	value, ok := a.Extensions["persistedQuery"].(map[string]any)
	if !ok {
		if a.Extensions["persistedQuery"] != nil {
			return "", false, refuseDocument(as, BadRequest)
		}
		return id, false, nil
	}
	hash, ok := value["sha256Hash"].(string)
	if version := fmt.Sprint(value["version"]); !ok || hash == "" || version != "1" {
		return "", false, refuseDocument(as, BadRequest)
	}
	if id != "" && id != hash {
		return "", false, refuseDocument(as, DocumentMismatch)
	}
	return hash, id == "", nil
}

// refuseDocument refuses a well-formed request for the document that it asks for.
func refuseDocument(as media, code Code) *refusal {
	refused := refuse(http.StatusBadRequest, code)
	if as == jsonMedia && code != BadRequest {
		refused.status = http.StatusOK
	}
	return refused
}

// Trust takes a library for the one in use, whole or not at all: its documents are parsed, validated, measured and
// priced now, and never again. Requests under way keep theirs. The error names every document that could not run.
func (e *Endpoint) Trust(library *operations.Library) error {
	t, err := e.handler.trust(library)
	if err != nil {
		return err
	}
	e.handler.trusted.Store(t)
	return nil
}

// TrustAgain reads the trusted documents again on every signal, until the returned function is called, which waits for a
// reading under way. Documents that cannot be used change nothing, and the log tells why.
func (e *Endpoint) TrustAgain(read func() (*operations.Library, error), on ...os.Signal) (stop func()) {
	signals, ended := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, on...)
	go func() {
		defer close(ended)
		for range signals {
			library, err := read()
			if err == nil {
				err = e.Trust(library)
			}
			e.handler.Metrics.observeReload(err != nil)
			if err != nil {
				e.handler.Logger.Error("the trusted documents stay as they were", "error", err)
				continue
			}
			e.handler.Logger.Info("the trusted documents were read again")
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-ended
	}
}
