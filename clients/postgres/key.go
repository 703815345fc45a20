package postgres

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Kind tells the typed keys apart; its prefix is the part of a key's text in front of the underscore.
type Kind interface{ Prefix() string }

// Key is a time-ordered UUID of one kind of row. In SQL it is a uuid; outside it is text such as
// "tkt_01jd3v5s8xf2tbq1y5w1f0h2zk": opaque by contract, and the form in which other systems store our references.
// A noun's key type embeds it: type ID struct{ postgres.Key[kind] }.
type Key[K Kind] struct{ UUID [16]byte }

// NewUUID makes a time-ordered UUID, version 7 of RFC 9562: the moment in milliseconds, then chance.
func NewUUID(at time.Time) (id [16]byte) {
	_, _ = rand.Read(id[:]) // never fails
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(at.UnixMilli()))
	copy(id[:6], millis[2:])
	id[6] = 0x70 | id[6]&0x0f
	id[8] = 0x80 | id[8]&0x3f
	return id
}

// ErrKey is the cause of every failure to read a key from text.
var ErrKey = errors.New("not an id of this kind")

// KeyLength is how many characters follow the prefix and its underscore.
const KeyLength = 26

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's base 32, lower case

var digits = func() (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	for i := range alphabet {
		table[alphabet[i]] = byte(i)
	}
	return table
}()

// Prefix is what the text of every key of this kind begins with, the underscore left out.
func (Key[K]) Prefix() string {
	var kind K
	return kind.Prefix()
}

// String returns the key's text.
func (k Key[K]) String() string {
	text, _ := k.AppendText(make([]byte, 0, 5+KeyLength))
	return string(text)
}

// AppendText appends the key's text; it never fails.
func (k Key[K]) AppendText(text []byte) ([]byte, error) {
	var kind K
	text = append(text, kind.Prefix()...)
	text = append(text, '_')
	high, low := binary.BigEndian.Uint64(k.UUID[:8]), binary.BigEndian.Uint64(k.UUID[8:])
	for shift := 125; shift >= 0; shift -= 5 {
		text = append(text, alphabet[bits(high, low, shift)&31])
	}
	return text, nil
}

// bits returns the 128-bit number shifted to the right.
func bits(high, low uint64, shift int) uint64 {
	if shift >= 64 {
		return high >> (shift - 64)
	}
	return low>>shift | high<<(64-shift)
}

// MarshalText returns the key's text; it never fails.
func (k Key[K]) MarshalText() ([]byte, error) { return k.AppendText(nil) }

// UnmarshalText reads a key's text. The error wraps ErrKey and never repeats the text.
func (k *Key[K]) UnmarshalText(text []byte) error {
	var kind K
	prefix := kind.Prefix()
	if len(text) != len(prefix)+1+KeyLength || string(text[:len(prefix)]) != prefix || text[len(prefix)] != '_' {
		return fmt.Errorf("%w: want %s_ and %d characters", ErrKey, prefix, KeyLength)
	}
	text = text[len(prefix)+1:]
	if digits[text[0]] > 7 { // 26 digits hold 130 bits
		return fmt.Errorf("%w: out of range", ErrKey)
	}
	var high, low uint64
	for _, c := range text {
		digit := digits[c]
		if digit == 0xff {
			return fmt.Errorf("%w: a character is not in its alphabet", ErrKey)
		}
		high = high<<5 | low>>59
		low = low<<5 | uint64(digit)
	}
	binary.BigEndian.PutUint64(k.UUID[:8], high)
	binary.BigEndian.PutUint64(k.UUID[8:], low)
	return nil
}

// UUIDValue hands the key to Postgres.
func (k Key[K]) UUIDValue() (pgtype.UUID, error) {
	return pgtype.UUID{Bytes: k.UUID, Valid: true}, nil
}

// ScanUUID takes the key from Postgres. A null is an error: an optional key is a pointer.
func (k *Key[K]) ScanUUID(value pgtype.UUID) error {
	if !value.Valid {
		return errors.New("null where a key is required")
	}
	k.UUID = value.Bytes
	return nil
}
