package endpoint

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"supportgraph/clients/upstream"
	"supportgraph/graph/compiled"
)

// sourcesHeader asks for extensions.sources in the answer, with any value, as {"sources": true} in the request's own
// extensions does.
const sourcesHeader = "Support-Graph-Sources"

// maxProvenances is of how many places of an answer is told where they came from; a page of 100 accounts with every vendor
// has 600.
const maxProvenances = 2000

// provenance tells where the value at one place of an answer came from.
type provenance struct {
	Path      ast.Path            `json:"path"`
	Source    upstream.Service    `json:"source"`
	FetchedAt *time.Time          `json:"fetchedAt"`
	Age       *int                `json:"age"` // seconds
	Freshness *upstream.Freshness `json:"freshness"`
	Reason    *upstream.Reason    `json:"reason,omitempty"`

	origin upstream.Source
}

// provenances gathers where the values of one answer came from, while its fields run. The zero value is ready.
type provenances struct {
	mu    sync.Mutex
	found []provenance
}

// noteSources has an operation note where its values come from, if its request asks for that, and returns what tells it
// with the answer. An operation that is not asked runs as it is.
func noteSources(r *http.Request, request *asked, operation *graphql.OperationContext) (tell func(*graphql.Response)) {
	if !request.wants.sources && r.Header.Get(sourcesHeader) == "" {
		return func(*graphql.Response) {}
	}
	compiled.Watch(operation)
	noted, within := &provenances{}, operation.ResolverMiddleware
	operation.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
		value, err := within(ctx, next) // what leaves behind every wall
		if err == nil && value != nil {
			noted.note(ctx, value)
		}
		return value, err
	}
	return func(response *graphql.Response) { extend(response, "sources", noted.told(response)) }
}

// note keeps where a field's value came from, or each element of a list.
func (p *provenances) note(ctx context.Context, value any) {
	list := reflect.ValueOf(value)
	if list.Kind() != reflect.Slice {
		if source, ok := sourceOf(list); ok {
			p.add(graphql.GetFieldContext(ctx).Path(), source)
		}
		return
	}
	for i := range list.Len() {
		if source, ok := sourceOf(list.Index(i)); ok {
			p.add(append(graphql.GetFieldContext(ctx).Path(), ast.PathIndex(i)), source)
		}
	}
}

func (p *provenances) add(path ast.Path, source upstream.Source) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found = append(p.found, provenance{Path: path, Source: source.Name, FetchedAt: source.FetchedAt, Age: source.Age(),
		Freshness: source.Freshness, Reason: source.Reason, origin: source})
}

var (
	sourceType  = reflect.TypeFor[upstream.Source]()
	sourceField sync.Map // reflect.Type of a struct to the index of its Source, nil where it has none
)

// sourceOf finds the provenance that a vendor's value carries, as all do that the contract gives a `source`.
func sourceOf(value reflect.Value) (upstream.Source, bool) {
	for value.Kind() == reflect.Interface || value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	if value.Kind() != reflect.Struct {
		return upstream.Source{}, false
	}
	index, known := sourceField.Load(value.Type())
	if !known {
		var at []int
		if field, ok := value.Type().FieldByName("Source"); ok && field.Type == sourceType {
			at = field.Index
		}
		index, _ = sourceField.LoadOrStore(value.Type(), at)
	}
	if len(index.([]int)) == 0 {
		return upstream.Source{}, false
	}
	source := value.FieldByIndex(index.([]int)).Interface().(upstream.Source)
	return source, source.Name != "" // what is kept within another value has none of its own
}

// told lists where the values of the answer came from, in the order of their paths. What stands below a path came from
// there too, unless it has one of its own; what stands below none is our own. Only places that are in the answer are told:
// where something failed, what it took with it is left out.
func (p *provenances) told(response *graphql.Response) []provenance {
	p.mu.Lock()
	defer p.mu.Unlock()
	var data any
	if len(response.Errors) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(response.Data))
		decoder.UseNumber()
		if decoder.Decode(&data) != nil {
			return []provenance{}
		}
	}
	slices.SortStableFunc(p.found, func(a, b provenance) int { return comparePaths(a.Path, b.Path) })
	told := make([]provenance, 0, len(p.found))
	var above []provenance // those that lie over the place that is looked at, the nearest last
	for _, at := range p.found {
		if len(response.Errors) > 0 && !stands(data, at.Path) {
			continue
		}
		for len(above) > 0 && !under(at.Path, above[len(above)-1].Path) {
			above = above[:len(above)-1]
		}
		if len(above) > 0 && sameOrigin(at.origin, above[len(above)-1].origin) {
			continue
		}
		above = append(above, at)
		if told = append(told, at); len(told) == maxProvenances {
			break
		}
	}
	return told
}

// stands tells whether a value is at a place of the answer.
func stands(data any, path ast.Path) bool {
	for _, step := range path {
		switch step := step.(type) {
		case ast.PathName:
			object, _ := data.(map[string]any)
			data = object[string(step)]
		case ast.PathIndex:
			list, _ := data.([]any)
			if int(step) >= len(list) {
				return false
			}
			data = list[step]
		}
	}
	return data != nil
}

func under(path, above ast.Path) bool {
	return len(path) > len(above) && comparePaths(path[:len(above)], above) == 0
}

func comparePaths(a, b ast.Path) int {
	return slices.CompareFunc(a, b, func(a, b ast.PathElement) int {
		at, isIndex := a.(ast.PathIndex)
		bt, toIndex := b.(ast.PathIndex)
		switch {
		case isIndex && toIndex:
			return int(at - bt)
		case isIndex != toIndex: // never at the same place of one answer
			return -1
		default:
			return strings.Compare(string(a.(ast.PathName)), string(b.(ast.PathName)))
		}
	})
}

func sameOrigin(a, b upstream.Source) bool {
	return a.Name == b.Name && same(a.Freshness, b.Freshness) && same(a.Reason, b.Reason) &&
		(a.FetchedAt == b.FetchedAt || a.FetchedAt != nil && b.FetchedAt != nil && a.FetchedAt.Equal(*b.FetchedAt))
}

func same[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }
