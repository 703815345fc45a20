package endpoint

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecodeJSON holds our reader against encoding/json: where it accepts a text, it reads the same values.
func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e+3,true,false,null,"x\n\"\u00e9\\"],"b":{}}`, ` [ ] `, `"\\\""`, `-0`, `{"":{"":""}}`, `[[[]],{}]`, `{"a":1,"a":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, fault := decodeJSON(text)
		if fault != "" {
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var want any
		if err := decoder.Decode(&want); err != nil {
			t.Fatal("accepted what encoding/json refuses:", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("-encoding/json +ours\n", diff)
		}
	})
}
