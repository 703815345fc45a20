package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"supportgraph/clients/postgres"
)

type testKind struct{}

func (testKind) Prefix() string { return "tst" }

type testKey struct{ postgres.Key[testKind] }

func key(b ...byte) (k testKey) {
	copy(k.UUID[:], b)
	return k
}

func TestKeyText(t *testing.T) {
	t.Parallel()
	highest := testKey{}
	for i := range highest.UUID {
		highest.UUID[i] = 0xff
	}
	for text, want := range map[string]testKey{
		"tst_00000000000000000000000000": {},
		"tst_7zzzzzzzzzzzzzzzzzzzzzzzzz": highest,
		"tst_014d2pf2dbsqqw04hmasw9nf6y": key(0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xc0, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde),
	} {
		var got testKey
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want || got.String() != text {
			t.Errorf("%q is %x, written %q, %v; want %x", text, got.UUID, got, err, want.UUID)
		}
	}
	// Sorted as text, keys are sorted as bytes.
	if low, high := key(1).String(), key(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1).String(); low >= high {
		t.Errorf("%q is not below %q", low, high)
	}
}

func TestKeyRefuses(t *testing.T) {
	t.Parallel()
	good := key(1, 2, 3).String()
	for _, text := range []string{
		"", "tst_", "tst", good[:len(good)-1], good + "0", strings.ToUpper(good), "tkt" + good[3:], "tst-" + good[4:],
		"tst_8" + good[5:], "tst_z" + good[5:], good[:20] + "i" + good[21:], good[:20] + "l" + good[21:], good[:20] + "o" + good[21:],
		good[:20] + "u" + good[21:], good[:20] + " " + good[21:], good[:20] + "\x00" + good[21:], good[:20] + "\xff" + good[21:], " " + good, good + "\n",
	} {
		got := key(9)
		err := got.UnmarshalText([]byte(text))
		if !errors.Is(err, postgres.ErrKey) {
			t.Errorf("%q: %v", text, err)
		} else if len(text) > 10 && strings.Contains(err.Error(), text) {
			t.Errorf("%q: the error repeats it: %v", text, err)
		}
		if got != key(9) {
			t.Errorf("%q: the key was changed", text)
		}
	}
}

func FuzzKey(f *testing.F) {
	f.Add(key(1, 2, 3).String())
	f.Add("tst_7zzzzzzzzzzzzzzzzzzzzzzzzz")
	f.Add("tst_80000000000000000000000000")
	f.Fuzz(func(t *testing.T, text string) {
		var k testKey
		if err := k.UnmarshalText([]byte(text)); err != nil {
			return
		}
		if k.String() != text { // one text for each key: otherwise one row would have several ids
			t.Errorf("%q reads as a key that is written %q", text, k)
		}
	})
}
