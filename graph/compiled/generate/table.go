package main

import (
	_ "embed"
	"fmt"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

//go:embed table.gotpl
var text string

//go:embed hooked.gotpl
var hooked string

// table is the plugin that writes the table: how each field of each object is read and written, by the bindings that
// gqlgen's own executor is made of. What it cannot prove to write alike it marks with the reason; an operation that
// selects such a field runs in gqlgen's executor.
type table struct{}

// Name is the plugin's name.
func (table) Name() string { return "compiled" }

// GenerateCode writes the table into the package of the executor.
func (t table) GenerateCode(data *codegen.Data) error {
	shown := t.schema(data)
	for _, file := range []struct{ name, in, text string }{
		{filepath.Join(data.Config.Exec.DirName, "compiled.generated.go"), data.Config.Exec.Package, text},
		{filepath.Join(data.Config.Exec.DirName, "compiled", "hooked.generated_test.go"), "compiled_test", hooked},
	} {
		if err := templates.Render(templates.Options{
			PackageName:     file.in,
			Filename:        file.name,
			Template:        file.text,
			Data:            shown,
			GeneratedHeader: true,
			Packages:        data.Config.Packages,
			PruneOptions:    data.Config.GetPruneOptions(),
		}); err != nil {
			return fmt.Errorf("write %s: %w", file.name, err)
		}
	}
	return nil
}

// schema is what the template shows.
type schema struct {
	Resolvers []string // the objects that have a resolver
	Objects   []object
	Roots     []object // those that a resolver answers for, mutations and all
	Abstracts []*codegen.Interface
}

type object struct {
	*codegen.Object
	Fields []field
}

type field struct {
	*codegen.Field
	uncovered string
	abstracts map[string]*codegen.Interface
}

func (table) schema(data *codegen.Data) schema {
	var s schema
	for _, o := range data.Objects {
		if o.BuiltIn {
			continue
		}
		shown := object{Object: o}
		resolved := false
		for _, f := range o.Fields {
			if !f.IsReserved() {
				shown.Fields = append(shown.Fields, field{f, reason(f), data.Interfaces})
				resolved = resolved || f.IsResolver
			}
		}
		if resolved {
			s.Roots = append(s.Roots, shown)
		}
		if o == data.MutationRoot || o == data.SubscriptionRoot {
			continue
		}
		s.Objects = append(s.Objects, shown)
		if resolved {
			s.Resolvers = append(s.Resolvers, o.Name)
		}
	}
	for _, abstract := range data.Interfaces {
		s.Abstracts = append(s.Abstracts, abstract)
	}
	slices.SortFunc(s.Abstracts, func(a, b *codegen.Interface) int { return strings.Compare(a.Name, b.Name) })
	return s
}

// reason tells why a field cannot be written as gqlgen's executor would, "" where it can.
func reason(f *codegen.Field) string {
	switch {
	case f.HasDirectives():
		return "directive"
	case f.IsBatch():
		return "batch"
	case f.Stream:
		return "stream"
	case f.IsMap():
		return "map"
	case !f.IsResolver && f.IsMethod() && (f.VOkFunc || f.HasHaser):
		return "method"
	case f.TypeReference.IsRoot:
		return "root"
	case f.TypeReference.IsOmittable:
		return "omittable"
	default:
		return reasonOf(f.TypeReference)
	}
}

func reasonOf(ref *config.TypeReference) string {
	switch {
	case ref.IsPtrToSlice(), ref.IsPtrToIntf(), ref.IsPtrToPtr():
		return "pointer"
	case ref.IsSlice():
		return reasonOf(ref.Elem())
	case ref.GQL.Elem != nil:
		return "list"
	case ref.HasEnumValues():
		return "enum"
	case ref.Definition.IsLeafType() && ref.Marshaler == nil && !ref.IsMarshaler:
		return "marshaler"
	case ref.Definition.IsLeafType() && ref.IsTargetNilable():
		return "target"
	default:
		return ""
	}
}

// Uncovered is why the field is not written by the table, "" where it is.
func (f field) Uncovered() string { return f.uncovered }

// Read is the expression that the field is read by.
func (f field) Read() string {
	switch {
	case f.IsResolver:
		return fmt.Sprintf("of%s.%s(%s)", f.Object.Name, f.GoFieldName, f.CallArgs())
	case f.IsMethod():
		return fmt.Sprintf("%s.%s(%s)", f.GoReceiverName, f.GoFieldName, f.CallArgs())
	default:
		return f.GoReceiverName + "." + f.GoFieldName
	}
}

// Signature is the resolver's parameters and results.
func (f field) Signature() string {
	signature := f.ShortResolverSignature(nil)
	return signature[:strings.LastIndex(signature, "(")] + fmt.Sprintf("(v %s, err error)", f.Result())
}

// Result is the type of what the resolver returns.
func (f field) Result() string {
	result := templates.CurrentImports.LookupType(f.TypeReference.GO)
	if f.Object.Stream {
		return "<-chan " + result
	}
	return result
}

// Fails tells whether reading may return an error.
func (f field) Fails() bool { return f.IsResolver || f.IsMethod() && !f.NoErr }

// NeedsContext tells whether reading takes the context.
func (f field) NeedsContext() bool { return f.IsResolver || f.IsMethod() && f.MethodHasContext }

// MayBeAbsent tells whether what is read may be no value at all, not even of a type.
func (f field) MayBeAbsent() bool { return types.IsInterface(f.TypeReference.GO) }

// Guarded is the condition on which the middleware of fields must look at a value: it may be of a type that a contract
// does not have, or edges that lead to such; "" where it never must.
func (f field) Guarded() string {
	ref, definition := f.TypeReference, f.TypeReference.Definition
	node := definition.Fields.ForName("node")
	switch {
	case !definition.IsAbstractType():
		if node != nil && f.abstracts[node.Type.Name()] != nil {
			return "true"
		}
		return ""
	case !ref.IsSlice():
		return fmt.Sprintf("x.Refuses(f, v, memberOf%s)", definition.Name)
	case !ref.Elem().IsSlice():
		return fmt.Sprintf("%s.RefusesAny(x, f, v, memberOf%s)", templates.CurrentImports.Lookup("supportgraph/graph/compiled"), definition.Name)
	default:
		return "true"
	}
}

// Addressable tells whether the field is a struct in its parent, which is written where it lies.
func (f field) Addressable() bool {
	return f.IsVariable() && f.TypeReference.Definition.Kind == ast.Object && !f.TypeReference.IsSlice() && !f.TypeReference.IsNilable()
}

// Written is the expression that writes a value v of the field and says what became of it.
func (f field) Written() string {
	if f.Addressable() {
		return "x.Object(f, &v)"
	}
	return written(f.TypeReference)
}

func written(ref *config.TypeReference) string {
	compiled := templates.CurrentImports.Lookup("supportgraph/graph/compiled")
	switch {
	case ref.IsSlice():
		list := fmt.Sprintf("%s.List(x, f, v, %t, %t, %s)", compiled, ref.Elem().GQL.NonNull, !ref.IsScalar(), element(ref.Elem()))
		if !ref.GQL.NonNull {
			return unless("v == nil", list)
		}
		return list
	case ref.Definition.IsAbstractType():
		return fmt.Sprintf("x.Abstract(f, v, memberOf%s)", ref.Definition.Name)
	case ref.Definition.IsCompositeType():
		if ref.IsNilable() {
			return unless("v == nil", "x.Object(f, v)")
		}
		return "x.Object(f, &v)"
	case ref.IsNilable():
		return unless("v == nil", leaf(ref))
	default:
		return leaf(ref)
	}
}

// unless writes a function that calls a value null on a condition.
func unless(condition, otherwise string) string {
	return fmt.Sprintf("NULL%s|%s", condition, otherwise)
}

// body makes statements of an expression.
func body(expression string) string {
	compiled := templates.CurrentImports.Lookup("supportgraph/graph/compiled")
	if rest, ok := strings.CutPrefix(expression, "NULL"); ok {
		condition, otherwise, _ := strings.Cut(rest, "|")
		return fmt.Sprintf("if %s { return %s.Null }\n%s", condition, compiled, body(otherwise))
	}
	if assignment, ok := strings.CutPrefix(expression, "APPEND"); ok {
		return fmt.Sprintf("x.Out = %s\nreturn %s.Written", assignment, compiled)
	}
	return "return " + expression
}

// Body is the statements that write a value v of the field.
func (f field) Body() string { return body(f.Written()) }

// element is the function that writes an element of a list.
func element(ref *config.TypeReference) string {
	compiled := templates.CurrentImports.Lookup("supportgraph/graph/compiled")
	statements := body(written(ref))
	if ref.Definition.IsAbstractType() && !ref.IsSlice() {
		statements = fmt.Sprintf("if v == nil { return %s.Null }\n%s", compiled, statements)
	}
	return fmt.Sprintf("func(x *%s.Run, f *%s.Selected, v %s) %s.Verdict {\n%s\n}",
		compiled, compiled, templates.CurrentImports.LookupType(ref.GO), compiled, statements)
}

// appenders write what gqlgen's own marshalers do.
var appenders = map[string]string{
	"MarshalString": "AppendString", "MarshalID": "AppendString", "MarshalBoolean": "AppendBoolean",
}

// leaf is the expression that writes a scalar or an enum: by the function that appends it where there is one, or else by
// its marshaler.
func leaf(ref *config.TypeReference) string {
	value := "v"
	if ref.IsNilable() && !ref.IsMarshaler {
		value = "*v"
	}
	if ref.IsMarshaler {
		if ref.IsContext {
			return fmt.Sprintf("x.MarshalContext(%s)", value)
		}
		return fmt.Sprintf("x.Marshal(%s)", value)
	}
	if ref.CastType != nil {
		value = fmt.Sprintf("%s(%s)", templates.CurrentImports.LookupType(ref.CastType), value)
	}
	marshaler := ref.Marshaler
	if ref.IsContext {
		return fmt.Sprintf("x.MarshalContext(%s(%s))", templates.Call(marshaler), value)
	}
	if own, ok := appenders[marshaler.Name()]; ok && marshaler.Pkg().Path() == "github.com/99designs/gqlgen/graphql" {
		return fmt.Sprintf("APPEND%s.%s(x.Out, %s)", templates.CurrentImports.Lookup("supportgraph/graph/compiled"), own, value)
	}
	appends := "Append" + strings.TrimPrefix(marshaler.Name(), "Marshal")
	if found, ok := marshaler.Pkg().Scope().Lookup(appends).(*types.Func); ok && appendsLike(found, marshaler) {
		return fmt.Sprintf("APPEND%s.%s(x.Out, %s)", templates.CurrentImports.Lookup(marshaler.Pkg().Path()), appends, value)
	}
	return fmt.Sprintf("x.Marshal(%s(%s))", templates.Call(marshaler), value)
}

// appendsLike tells whether a function appends to bytes what the marshaler takes.
func appendsLike(appends, marshaler *types.Func) bool {
	signature, taken := appends.Type().(*types.Signature), marshaler.Type().(*types.Signature).Params().At(0).Type()
	bytes := types.NewSlice(types.Typ[types.Byte])
	return signature.Params().Len() == 2 && signature.Results().Len() == 1 &&
		types.Identical(signature.Params().At(0).Type(), bytes) && types.Identical(signature.Params().At(1).Type(), taken) &&
		types.Identical(signature.Results().At(0).Type(), bytes)
}
