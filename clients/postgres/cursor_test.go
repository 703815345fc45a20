package postgres_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/postgres"
)

func TestCursorRoundTrip(t *testing.T) {
	t.Parallel()
	for _, c := range []postgres.Cursor{
		{},
		{Order: 'u', Key: key(1, 2, 3).UUID, Value: "1795176000000000"},
		{Order: 'a', Key: key(9).UUID, Value: "דוד \u202e ﷽ 🙂"},
		{Order: 0xff, Key: key(0xff).UUID, Value: strings.Repeat("語", 200)},
	} {
		var got postgres.Cursor
		if err := got.UnmarshalText([]byte(c.String())); err != nil || got != c {
			t.Errorf("%+v reads as %+v, %v", c, got, err)
		}
	}
}

func TestCursorRefuses(t *testing.T) {
	t.Parallel()
	good := postgres.Cursor{Order: 'u', Key: key(1).UUID, Value: "12"}.String()
	raw := base64.RawURLEncoding.EncodeToString
	for _, text := range []string{
		"", "x", "%%%", good[:10], good + "=", good[:8] + "\n" + good[8:], good + "\r\n", good + " ", " " + good,
		raw(make([]byte, 16)), raw(append(make([]byte, 17), 0)), raw(append(make([]byte, 17), 0xff)),
		strings.Repeat("A", 5000), base64.StdEncoding.EncodeToString(append(make([]byte, 17), 0xfb, 0xff)),
	} {
		var got postgres.Cursor
		if err := got.UnmarshalText([]byte(text)); !errors.Is(err, postgres.ErrCursor) {
			t.Errorf("%q reads as %+v, %v", text, got, err)
		}
	}
}

func TestCursorTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 12, 0, 0, 123_456_789, time.FixedZone("", 3600))
	got, err := postgres.TimeCursor('u', at, key(1).UUID).Time()
	if err != nil || !got.Equal(at.Truncate(time.Microsecond)) {
		t.Errorf("%v, %v", got, err)
	}
	for _, value := range []string{"", "x", "+5", "05", "-0", "-1", " 5", "9223372036854775807", "9223372036854775808", "253402300800000000"} {
		if got, err := (postgres.Cursor{Value: value}).Time(); !errors.Is(err, postgres.ErrCursor) {
			t.Errorf("%q is %v, %v", value, got, err)
		}
	}
}

func TestBehind(t *testing.T) {
	t.Parallel()
	if at, err := postgres.Behind('a', nil); err != nil || at.Key != nil || at.Value != nil {
		t.Errorf("the beginning is %+v, %v", at, err)
	}
	cursor := &postgres.Cursor{Order: 'a', Key: key(7).UUID, Value: "x"}
	if at, err := postgres.Behind('a', cursor); err != nil || *at.Key != cursor.Key || *at.Value != "x" {
		t.Errorf("behind the cursor is %+v, %v", at, err)
	}
	if _, err := postgres.Behind('b', cursor); !errors.Is(err, postgres.ErrCursor) {
		t.Errorf("a cursor of another order: %v", err)
	}
}

func TestNewPage(t *testing.T) {
	t.Parallel()
	at := func(n int) postgres.Cursor { return postgres.Cursor{Order: byte(n)} }
	page := postgres.NewPage([]int{1, 2, 3}, 2, nil, at)
	if len(page.Nodes) != 2 || cap(page.Nodes) != 2 || !page.HasNext || page.HasPrevious {
		t.Errorf("%+v", page)
	}
	page = postgres.NewPage([]int{1, 2}, 2, &postgres.Cursor{}, at)
	if len(page.Nodes) != 2 || page.HasNext || !page.HasPrevious {
		t.Errorf("%+v", page)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(postgres.Cursor{Order: 'u', Key: key(1).UUID, Value: "1795176000000000"}.String())
	f.Add(postgres.Cursor{Order: 'a', Value: "Ü"}.String())
	f.Add("AAAAAAAAAAAAAAAAAAAAAAA\n")
	f.Fuzz(func(t *testing.T, text string) {
		var c postgres.Cursor
		if err := c.UnmarshalText([]byte(text)); err != nil {
			if !errors.Is(err, postgres.ErrCursor) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if c.String() != text {
			t.Errorf("%q reads as a cursor that is written %q", text, c)
		}
		if at, err := c.Time(); err == nil && postgres.TimeCursor(c.Order, at, c.Key) != c {
			t.Errorf("%q: its time %v is written another way", text, at)
		}
	})
}
