package cache

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// The text of an entry in Redis: the format's number, a flag, the time in microseconds since 1970, and the value in JSON.
const (
	format   = 1
	holds    = 'v' // a value follows
	holdsNot = '-' // the source does not know the key
	header   = 10
	maxText  = 1 << 20 // longer ones are kept in this process alone
)

var errFormat = errors.New("the entry is of another format")

// encode writes an entry.
func encode(e *entry) ([]byte, error) {
	text := make([]byte, header, header+256)
	text[0], text[1] = format, holds
	binary.BigEndian.PutUint64(text[2:], uint64(e.fetchedAt.UnixMicro()))
	if e.absent() {
		text[1] = holdsNot
		return text, nil
	}
	value, err := json.Marshal(e.value)
	if err != nil {
		return nil, fmt.Errorf("encode an entry: %w", err)
	}
	return append(text, value...), nil
}

// decode reads an entry whose values are Vs.
func decode[V any](text []byte, at time.Time) (*entry, error) {
	if len(text) < header || text[0] != format {
		return nil, errFormat
	}
	e := &entry{
		fetchedAt: time.UnixMicro(int64(binary.BigEndian.Uint64(text[2:header]))).UTC(),
		keptAt:    at,
		size:      len(text),
	}
	switch {
	case text[1] == holdsNot && len(text) == header:
		return e, nil
	case text[1] != holds:
		return nil, errFormat
	}
	value := new(V)
	if err := json.Unmarshal(text[header:], value); err != nil {
		return nil, fmt.Errorf("decode an entry: %w", err)
	}
	e.value = value
	return e, nil
}
