package compiled_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// world invents what resolvers return: values with nulls where there may be some and where there must not, errors and
// panics. The same seed gives the same, in whatever order it is asked.
type world struct {
	seed   uint64
	schema *ast.Schema // the full one
	calm   bool        // no errors, no panics, no nulls

	mu  sync.Mutex
	ids map[any]uint64 // of the objects that it made
}

type worldKey struct{}

// answer is what every resolver calls.
func answer(ctx context.Context, object, field string, parent any, arguments []any, v any) error {
	w := ctx.Value(worldKey{}).(*world)
	text, err := json.Marshal(arguments)
	if err != nil {
		text = []byte(err.Error())
	}
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, w.seed, w.id(parent), object, field, string(text))
	id := hash.Sum64()
	chance := rand.New(rand.NewPCG(w.seed, id))
	if !w.calm {
		switch chance.IntN(60) {
		case 0:
			return errors.New("it went wrong \"here\"")
		case 1:
			return &gqlerror.Error{Message: "of the library's own", Extensions: map[string]any{"code": "SOME"}}
		case 2:
			return gqlerror.List{{Message: "one"}, {Message: "two", Path: ast.Path{ast.PathName("elsewhere")}}}
		case 3:
			panic("nobody expected this")
		case 4:
			panic(errors.New("nor this"))
		case 5:
			return fmt.Errorf("read something: %w", context.DeadlineExceeded)
		case 6:
			return nil // nothing at all
		}
	}
	i := &inventor{world: w, Rand: chance, id: id}
	target := reflect.ValueOf(v).Elem()
	name := w.schema.Types[object].Fields.ForName(field).Type.Name()
	if def := w.schema.Types[name]; def.IsAbstractType() {
		for _, possible := range w.schema.GetPossibleTypes(def) {
			i.members = append(i.members, bound[possible.Name])
		}
	}
	i.fill(target, 0)
	return nil
}

func (w *world) id(parent any) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ids[parent]
}

// inventor makes the values of one field.
type inventor struct {
	world *world
	*rand.Rand
	id      uint64
	made    uint64
	members []reflect.Type // of the interface or union that the field is of
}

const deepest = 5

var texts = []string{"", "plain", `quo"ted\`, "tab\tline\nreturn\r", "\x00\x01\x1f\x7f", "ümläut 漢字 🙂", "\u2028</script>&", "bad\xff\xfe\xc3", "T-1"}

// odds tells whether one of so many chances came true, never in a calm world.
func (i *inventor) odds(of int) bool { return !i.world.calm && i.IntN(of) == 0 }

func (i *inventor) fill(v reflect.Value, depth int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		if !i.odds(10) {
			v.Set(reflect.ValueOf(time.UnixMicro(i.Int64N(253402300799e6)).In(time.FixedZone("", 3600*i.IntN(3)))))
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts[i.IntN(len(texts))])
	case reflect.Bool:
		v.SetBool(i.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(i.Int64() >> i.IntN(64))
	case reflect.Uint8, reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(i.Uint64())
	case reflect.Float64, reflect.Float32:
		v.SetFloat(i.NormFloat64() * 1e7)
	case reflect.Array:
		for n := range v.Len() {
			i.fill(v.Index(n), depth)
		}
	case reflect.Struct:
		for n := range v.NumField() {
			field := v.Field(n)
			if !field.CanSet() {
				field = reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
			}
			i.fill(field, depth+1)
		}
	case reflect.Pointer:
		if i.odds(7) || depth > deepest {
			return
		}
		v.Set(i.object(v.Type().Elem(), depth))
	case reflect.Slice:
		if i.odds(12) || depth > deepest {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), i.IntN(4), 4))
		for n := range v.Len() {
			i.fill(v.Index(n), depth+1)
		}
	case reflect.Interface:
		i.member(v, depth)
	case reflect.Func:
		i.function(v, depth)
	}
}

// object makes a new object, which can be told again.
func (i *inventor) object(of reflect.Type, depth int) reflect.Value {
	made := reflect.New(of)
	i.made++
	i.world.mu.Lock()
	i.world.ids[made.Interface()] = i.id + i.made
	i.world.mu.Unlock()
	i.fill(made.Elem(), depth+1)
	return made
}

// member fills an interface: with a member of the field's, or with any object that fits.
func (i *inventor) member(v reflect.Value, depth int) {
	if i.odds(9) || depth > deepest+2 {
		return
	}
	candidates := slices.Clone(i.members)
	if len(candidates) == 0 || depth > 4 {
		for _, typ := range bound {
			candidates = append(candidates, typ)
		}
		slices.SortFunc(candidates, func(a, b reflect.Type) int { return strings.Compare(a.PkgPath()+a.Name(), b.PkgPath()+b.Name()) })
	}
	if v.NumMethod() == 0 && i.odds(12) {
		v.Set(reflect.ValueOf(struct{ Foreign int }{7}))
		return
	}
	candidates = slices.DeleteFunc(candidates, func(typ reflect.Type) bool { return !reflect.PointerTo(typ).AssignableTo(v.Type()) })
	if len(candidates) == 0 {
		return
	}
	typ := candidates[i.IntN(len(candidates))]
	switch {
	case i.odds(20):
		v.Set(reflect.Zero(reflect.PointerTo(typ)))
	case i.odds(20) && typ.AssignableTo(v.Type()):
		v.Set(i.object(typ, depth).Elem())
	default:
		v.Set(i.object(typ, depth))
	}
}

// function makes a function that returns the same for the same.
func (i *inventor) function(v reflect.Value, depth int) {
	results := make([]reflect.Value, v.Type().NumOut())
	for n := range results {
		results[n] = reflect.New(v.Type().Out(n)).Elem()
		i.fill(results[n], depth+1)
	}
	v.Set(reflect.MakeFunc(v.Type(), func([]reflect.Value) []reflect.Value { return results }))
}
