package postgres

import (
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ToAddr reads a row into a new struct, as pgx.RowToAddrOfStructByName does and under its rules, at less cost: which column
// goes where is found once for each statement, not for each row.
func ToAddr[T any](row pgx.CollectableRow) (*T, error) {
	value := new(T)
	if columns := columnsOf(reflect.TypeFor[T](), row.FieldDescriptions()); columns != nil {
		return value, columns.scan(row, reflect.ValueOf(value).Elem())
	}
	return pgx.RowToAddrOfStructByName[T](row)
}

// ToStruct reads a row into a struct, as ToAddr does.
func ToStruct[T any](row pgx.CollectableRow) (value T, err error) {
	if columns := columnsOf(reflect.TypeFor[T](), row.FieldDescriptions()); columns != nil {
		return value, columns.scan(row, reflect.ValueOf(&value).Elem())
	}
	return pgx.RowToStructByName[T](row)
}

// columns is which field of a struct each column of a statement goes to.
type columns struct {
	names  []string
	fields [][]int
	// targets has slices to scan by, each of the length of the columns.
	targets sync.Pool
}

func (c *columns) scan(row pgx.CollectableRow, value reflect.Value) error {
	targets := c.targets.Get().(*[]any)
	for i, field := range c.fields {
		(*targets)[i] = value.FieldByIndex(field).Addr().Interface()
	}
	err := row.Scan(*targets...)
	clear(*targets)
	c.targets.Put(targets)
	return err
}

func (c *columns) are(described []pgconn.FieldDescription) bool {
	if len(c.names) != len(described) {
		return false
	}
	for i := range described {
		if c.names[i] != described[i].Name {
			return false
		}
	}
	return true
}

// maxLayouts bounds the statements whose columns are remembered for one struct; there are a few, by far.
const maxLayouts = 32

// known has, by struct, the columns of the statements that were read into it: a list that is replaced as a whole.
var known sync.Map // reflect.Type to *atomic.Pointer[[]*columns]

// columnsOf returns where the columns of a statement go; nil where they do not fit the struct, as pgx will say.
func columnsOf(typ reflect.Type, described []pgconn.FieldDescription) *columns {
	list, ok := known.Load(typ)
	if !ok {
		list, _ = known.LoadOrStore(typ, &atomic.Pointer[[]*columns]{})
	}
	layouts := list.(*atomic.Pointer[[]*columns])
	seen := layouts.Load()
	if seen != nil {
		for _, c := range *seen {
			if c.are(described) {
				return c
			}
		}
	}
	made := newColumns(typ, described)
	if made == nil {
		return nil
	}
	grown := []*columns{made}
	if seen != nil && len(*seen) < maxLayouts {
		grown = append(grown, *seen...)
	}
	layouts.CompareAndSwap(seen, &grown) // whoever comes second finds it next time
	return made
}

func newColumns(typ reflect.Type, described []pgconn.FieldDescription) *columns {
	fields := map[string][]int{}
	if !fieldsOf(typ, nil, fields) || len(fields) != len(described) {
		return nil
	}
	c := &columns{}
	for _, column := range described {
		field, ok := fields[plainName(column.Name)]
		if !ok {
			return nil
		}
		c.names, c.fields = append(c.names, column.Name), append(c.fields, field)
	}
	c.targets.New = func() any { targets := make([]any, len(c.names)); return &targets }
	return c
}

// fieldsOf adds the fields of a struct by their names, those of embedded structs too; false where pgx has rules of its own.
func fieldsOf(typ reflect.Type, above []int, fields map[string][]int) bool {
	for i := range typ.NumField() {
		field := typ.Field(i)
		at := append(append([]int{}, above...), i)
		_, tagged := field.Tag.Lookup("db")
		switch {
		case field.Anonymous && field.Type.Kind() == reflect.Struct && !tagged:
			if !fieldsOf(field.Type, at, fields) {
				return false
			}
		case tagged, field.Anonymous, fields[plainName(field.Name)] != nil:
			return false
		case field.IsExported():
			fields[plainName(field.Name)] = at
		}
	}
	return true
}

// plainName is a name without case and underscores, by which columns and fields meet.
func plainName(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
