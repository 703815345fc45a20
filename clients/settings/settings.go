// Package settings reads what can be configured: fields of a struct, by environment variable or by the flag of the same
// name. Whoever needs settings declares a struct of its own; the program puts them together and reads them all at once.
//
// A field has these tags: env names its variable, envDefault its default, help says what it is; production is "required",
// "refused" (cannot be given), or "off" (cannot be on); demo is the default that a demo has instead; oneof lists all values.
package settings

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/caarlos0/env/v11"
)

// Environment is the variable that says what kind of deployment this is; every kind but Demo is held to production's rules.
const (
	Environment = "ENVIRONMENT"
	Demo        = "demo"
)

// Fault is what is wrong with one setting. It is told without the setting's value where that is a secret.
type Fault struct {
	Key string // the variable
	Err error
}

// Checked is implemented by structs of settings, at any depth, that know more about their values than the tags say.
type Checked interface{ Faults() []Fault }

// Read fills the struct that target points to from the environment with the flags of args laid over it. Its error names
// every fault at once; it is flag.ErrHelp where help is asked for.
func Read(target any, args []string, getenv func(string) string) error {
	r := reader{given: map[string]string{}, target: reflect.ValueOf(target).Elem()}
	flags := flag.NewFlagSet("settings", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	named := map[string]bool{}
	for field := range fields(r.target.Type()) {
		if named[field.Name] {
			return fmt.Errorf("two settings have the name %s: faults could not be told apart", field.Name)
		}
		named[field.Name] = true
		key := field.Tag.Get("env")
		if value := getenv(key); value != "" {
			r.given[key] = value
		}
		flags.Func(flagName(key), "", func(value string) error { r.given[key] = value; return nil })
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		r.fault("command line", errors.New("only flags are understood, --help lists them"))
	}
	r.rules()
	r.parse(target)
	r.check(r.target)
	if len(r.faults) > 0 {
		return fmt.Errorf("the configuration cannot be used:\n%w", errors.Join(r.faults...))
	}
	return nil
}

// Describe lists every setting of a struct: variable, flag, default, and what it is.
func Describe(target any, w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for field := range fields(reflect.TypeOf(target).Elem()) {
		key := field.Tag.Get("env")
		fmt.Fprintf(table, "%s\t--%s\t%s\t%s\n", key, flagName(key), field.Tag.Get("envDefault"), field.Tag.Get("help"))
	}
	return table.Flush()
}

type reader struct {
	target reflect.Value
	given  map[string]string
	faults []error
}

func (r *reader) fault(key string, err error) {
	r.faults = append(r.faults, fmt.Errorf("  %s: %w", key, err))
}

// rules applies what the tags say of production, of demos and of the values there are.
func (r *reader) rules() {
	demo := r.given[Environment] == Demo
	for field := range fields(r.target.Type()) {
		key, rule := field.Tag.Get("env"), field.Tag.Get("production")
		value := r.given[key]
		switch {
		case demo && value == "" && field.Tag.Get("demo") != "":
			r.given[key] = field.Tag.Get("demo")
		case !demo && rule == "required" && value == "":
			r.fault(key, errors.New("missing"))
		case !demo && rule == "refused" && value != "", !demo && rule == "off" && value == "on":
			r.fault(key, fmt.Errorf("for %s=%s alone", Environment, Demo))
		}
		if choice := field.Tag.Get("oneof"); choice != "" && value != "" && !slices.Contains(strings.Split(choice, ","), value) {
			r.fault(key, fmt.Errorf("one of %s", choice))
		}
	}
}

func (r *reader) parse(target any) {
	var unread env.AggregateError
	var unreadable env.ParseError
	errors.As(env.ParseWithOptions(target, env.Options{Environment: r.given}), &unread)
	for _, err := range unread.Errors {
		if errors.As(err, &unreadable) {
			r.fault(r.key(unreadable.Name), unreadable.Err)
		} else {
			r.fault("environment", err)
		}
	}
}

// key is the variable of a field: no two have one name.
func (r *reader) key(name string) string {
	for field := range fields(r.target.Type()) {
		if field.Name == name {
			return field.Tag.Get("env")
		}
	}
	return name
}

func (r *reader) check(value reflect.Value) {
	if value.Kind() != reflect.Struct {
		return
	}
	if checked, ok := value.Addr().Interface().(Checked); ok {
		for _, fault := range checked.Faults() {
			r.fault(fault.Key, fault.Err)
		}
	}
	for i := range value.NumField() {
		if field := value.Type().Field(i); field.IsExported() && field.Tag.Get("env") == "" {
			r.check(value.Field(i))
		}
	}
}

// fields yields the settings of a struct and of the structs in it.
func fields(of reflect.Type) iter.Seq[reflect.StructField] {
	return func(yield func(reflect.StructField) bool) { walk(of, yield) }
}

func walk(of reflect.Type, yield func(reflect.StructField) bool) bool {
	for field := range of.Fields() {
		switch {
		case field.Tag.Get("env") != "":
			if !yield(field) {
				return false
			}
		case field.Type.Kind() == reflect.Struct && field.IsExported():
			if !walk(field.Type, yield) {
				return false
			}
		}
	}
	return true
}

func flagName(key string) string { return strings.ToLower(strings.ReplaceAll(key, "_", "-")) }
