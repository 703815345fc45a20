package model_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/tickets"
	"supportgraph/graph/model"
)

func ticket(tb testing.TB) tickets.ID {
	tb.Helper()
	var id tickets.ID
	if err := id.UnmarshalText([]byte("tkt_01jd3v5s8xf2tbq1y5w1f0h2zk")); err != nil {
		tb.Fatal(err)
	}
	return id
}

func TestGlobalIDNamesItsKind(t *testing.T) {
	t.Parallel()
	id, err := model.UnmarshalGlobalID(ticket(t).String())
	if err != nil || id.Kind() != "tkt" {
		t.Fatalf("kind %q, %v", id.Kind(), err)
	}
	if key, err := model.Key[tickets.ID](id, "id", "a ticket"); err != nil || key != ticket(t) {
		t.Errorf("the key is %v, %v", key, err)
	}
	var wrong *model.Error
	if _, err := model.Key[accounts.ID](id, "id", "an account"); !errors.As(err, &wrong) || wrong.Code() != model.InvalidID || wrong.Argument() != "id" {
		t.Errorf("an ID of another kind gives %v", err)
	}
}

func TestKeysAreWrittenAsText(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	model.MarshalTicketID(ticket(t)).MarshalGQL(&out)
	if got, want := out.String(), `"tkt_01jd3v5s8xf2tbq1y5w1f0h2zk"`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// FuzzGlobalID: whatever is accepted is the one text of its key, and whatever is not is refused by a code alone.
func FuzzGlobalID(f *testing.F) {
	for _, text := range []string{"", "tkt_", "tkt_01jd3v5s8xf2tbq1y5w1f0h2zk", "TKT_01jd3v5s8xf2tbq1y5w1f0h2zk", "evt_01jd3v5s8xf2tbq1y5w1f0h2zk", "acc_81jd3v5s8xf2tbq1y5w1f0h2zk", "_", "con_\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := model.UnmarshalGlobalID(text)
		var refused *model.Error
		switch {
		case err != nil && (!errors.As(err, &refused) || refused.Code() != model.InvalidID || err.Error() != "The ID is malformed."):
			t.Errorf("%q is refused with %v", text, err)
		case err == nil && string(id) != text:
			t.Errorf("%q became %q", text, id)
		}
		if key, err := model.UnmarshalTicketID(text); err == nil && key.String() != text {
			t.Errorf("%q is another text of %s", text, key)
		}
	})
}

func TestIntIsStrict(t *testing.T) {
	t.Parallel()
	for _, good := range []any{json.Number("0"), int64(math.MaxInt32), int64(math.MinInt32), 7} {
		if _, err := model.UnmarshalInt(good); err != nil {
			t.Errorf("%v is refused: %v", good, err)
		}
	}
	for _, bad := range []any{"5", 1.5, json.Number("1.0"), json.Number("2147483648"), int64(math.MinInt32) - 1, true, nil, json.Number("1e3")} {
		if got, err := model.UnmarshalInt(bad); err == nil {
			t.Errorf("%#v is taken for %d", bad, got)
		}
	}
	if got, err := model.UnmarshalAmount(json.Number("9007199254740991")); err != nil || got != 1<<53-1 {
		t.Errorf("the largest amount is %d, %v", got, err)
	}
	if _, err := model.UnmarshalAmount(json.Number("9007199254740992")); err == nil {
		t.Error("an amount that JavaScript cannot hold is taken")
	}
}

func TestTimeIsWrittenInUTC(t *testing.T) {
	t.Parallel()
	at, err := model.UnmarshalTime("2026-11-20T13:30:00.000001+01:30")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	model.MarshalTime(at).MarshalGQL(&out)
	if got, want := out.String(), `"2026-11-20T12:00:00.000001Z"`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	for _, bad := range []any{"", "2026-11-20", "20 November", "10000-01-01T00:00:00Z", int64(0), nil, time.Time{}} {
		if _, err := model.UnmarshalTime(bad); err == nil {
			t.Errorf("%#v is taken for a time", bad)
		}
	}
}

func TestCursorIsOpaqueText(t *testing.T) {
	t.Parallel()
	cursor := tickets.Newest.Cursor(&tickets.Ticket{ID: ticket(t), UpdatedAt: time.Unix(1_795_000_000, 0)})
	var out bytes.Buffer
	model.MarshalCursor(cursor).MarshalGQL(&out)
	var text string
	if err := json.Unmarshal(out.Bytes(), &text); err != nil {
		t.Fatal(err)
	}
	if back, err := model.UnmarshalCursor(text); err != nil || back != cursor {
		t.Errorf("%v came back as %v, %v", cursor, back, err)
	}
	var refused *model.Error
	if _, err := model.UnmarshalCursor("nonsense"); !errors.As(err, &refused) || refused.Code() != model.InvalidCursor {
		t.Errorf("nonsense gives %v", err)
	}
}
