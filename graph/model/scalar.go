package model

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"supportgraph/clients/postgres"
)

// Scalars have two functions that write them alike: MarshalX for gqlgen's executor, and AppendX for package compiled,
// whose generator takes it where it finds one.

// MarshalInt writes a whole number.
func MarshalInt(i int) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		var room [20]byte
		_, _ = w.Write(AppendInt(room[:0], i)) // into a buffer
	})
}

// AppendInt appends a whole number.
func AppendInt(b []byte, i int) []byte { return strconv.AppendInt(b, int64(i), 10) }

// UnmarshalInt reads a whole number of 32 bits, and nothing that only looks like one: no text, no fraction.
func UnmarshalInt(v any) (int, error) { return whole(v, math.MaxInt32) }

// whole reads a whole number of at most the given size.
func whole(v any, most int64) (int, error) {
	var number int64
	var err error
	switch v := v.(type) {
	case int:
		number = int64(v)
	case int64:
		number = v
	case json.Number:
		number, err = strconv.ParseInt(v.String(), 10, 64)
	default:
		err = strconv.ErrSyntax
	}
	if err != nil || number > most || number < -most-1 {
		return 0, Invalid(BadUserInput, "", "The value is not a whole number in the type's range.")
	}
	return int(number), nil
}

// MarshalAmount writes money in the smallest unit of its currency. JavaScript keeps 53 bits of it.
func MarshalAmount(units int) graphql.Marshaler { return MarshalInt(units) }

// AppendAmount appends money in the smallest unit of its currency.
func AppendAmount(b []byte, units int) []byte { return AppendInt(b, units) }

// UnmarshalAmount reads money in the smallest unit of its currency.
func UnmarshalAmount(v any) (int, error) { return whole(v, 1<<53-1) }

// MarshalTime writes a moment in UTC, to the microsecond.
func MarshalTime(at time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		var room [40]byte
		_, _ = w.Write(AppendTime(room[:0], at)) // into a buffer
	})
}

// AppendTime appends a moment in UTC, to the microsecond.
func AppendTime(b []byte, at time.Time) []byte {
	return append(at.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

// UnmarshalTime reads a moment as in RFC 3339, in a year that Postgres and JSON both know.
func UnmarshalTime(v any) (time.Time, error) {
	text, ok := v.(string)
	at, err := time.Parse(time.RFC3339Nano, text)
	if !ok || err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999 {
		return time.Time{}, Invalid(BadUserInput, "", "The value is not a time such as 2026-11-20T12:00:00Z.")
	}
	return at, nil
}

// MarshalCursor writes a position in a list.
func MarshalCursor(cursor postgres.Cursor) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		var room [120]byte
		_, _ = w.Write(AppendCursor(room[:0], cursor)) // into a buffer
	})
}

// AppendCursor appends a position in a list, whose text needs no escaping.
func AppendCursor(b []byte, cursor postgres.Cursor) []byte {
	b, _ = cursor.AppendText(append(b, '"')) // never fails
	return append(b, '"')
}

// UnmarshalCursor reads a position in a list.
func UnmarshalCursor(v any) (postgres.Cursor, error) {
	var cursor postgres.Cursor
	text, ok := v.(string)
	if !ok || cursor.UnmarshalText([]byte(text)) != nil {
		return cursor, Invalid(InvalidCursor, "", "The cursor is malformed.")
	}
	return cursor, nil
}
