package postgres

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Cursor is a position in an ordered list: what the row that it stands behind is sorted by, and that row's key.
// Lists continue after it by comparing both, so that pages cost the same however deep they lie and no row is shown
// twice or left out when others come and go.
type Cursor struct {
	Order byte     // which order of which list it belongs to; a cursor of another order is refused
	Key   [16]byte // the row's key
	Value string   // what the list sorts by, as text
}

// ErrCursor is the cause of every failure to read or to use a cursor.
var ErrCursor = errors.New("not a cursor of this list")

// maxCursorText is enough for a sort value of 200 characters of four bytes.
const maxCursorText = 1200

var cursorText = base64.RawURLEncoding.Strict()

// MarshalText returns the cursor as opaque text; it never fails.
func (c Cursor) MarshalText() ([]byte, error) { return c.AppendText(nil) }

// AppendText appends the cursor as opaque text; it never fails.
func (c Cursor) AppendText(text []byte) ([]byte, error) {
	var room [48]byte
	raw := append(room[:0], c.Order)
	raw = append(raw, c.Key[:]...)
	raw = append(raw, c.Value...)
	return cursorText.AppendEncode(text, raw), nil
}

// String returns the cursor as opaque text.
func (c Cursor) String() string {
	text, _ := c.MarshalText()
	return string(text)
}

// UnmarshalText reads a cursor's text. The error is ErrCursor and never repeats the text.
func (c *Cursor) UnmarshalText(text []byte) error {
	if len(text) > maxCursorText {
		return ErrCursor
	}
	raw, err := cursorText.AppendDecode(nil, text)
	if err != nil || len(raw) < 17 || bytes.ContainsAny(text, "\r\n") { // which the decoder passes over
		return ErrCursor
	}
	value := string(raw[17:])
	if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		return ErrCursor
	}
	c.Order, c.Value = raw[0], value
	copy(c.Key[:], raw[1:])
	return nil
}

// TimeCursor is the position behind a row of a list that is sorted by a time, which Postgres keeps in microseconds.
func TimeCursor(order byte, at time.Time, key [16]byte) Cursor {
	return Cursor{Order: order, Key: key, Value: strconv.FormatInt(at.UnixMicro(), 10)}
}

// Time returns the time that the cursor's list is sorted by, or ErrCursor. Only what TimeCursor writes is read.
func (c Cursor) Time() (time.Time, error) {
	micros, err := strconv.ParseInt(c.Value, 10, 64)
	at := time.UnixMicro(micros).UTC()
	if err != nil || at.Year() < 1970 || at.Year() > 9999 || strconv.FormatInt(micros, 10) != c.Value {
		return time.Time{}, ErrCursor
	}
	return at, nil
}

// Position is where a list sorted by a text goes on, as arguments for SQL: nulls stand for its beginning.
type Position struct {
	Value *string
	Key   *[16]byte
}

// Behind returns the position that a cursor stands for; nil is the beginning. A cursor of another order is ErrCursor.
func Behind(order byte, cursor *Cursor) (Position, error) {
	switch {
	case cursor == nil:
		return Position{}, nil
	case cursor.Order != order:
		return Position{}, ErrCursor
	default:
		return Position{&cursor.Value, &cursor.Key}, nil
	}
}
