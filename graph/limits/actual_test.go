package limits_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"supportgraph/graph/auth"
)

// TestActual holds what operations came to, beside what they were priced at, to the answers that they got.
func TestActual(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, query, data string
		estimated, actual int
	}{
		{"a value", `{item{name}}`, `{"item":{"name":"a"}}`, 1, 1},
		{"a null was looked for", `{item{vendor{name}}}`, `{"item":null}`, 11, 1},
		{"the page", `{items(first:50){nodes{name}}}`, `{"items":{"nodes":[{"name":"a"},{"name":"b"}]}}`, 51, 3},
		{"the page twice", `{items(first:50){nodes{name} edges{node{name}}}}`, `{"items":{"nodes":[{"name":"a"}],"edges":[{"node":{"name":"a"}}]}}`, 151, 4},
		{"an empty page", `{items(first:50){nodes{name} count}}`, `{"items":{"nodes":[],"count":0}}`, 51, 1},
		{"below a list", `{all{parts{price{amount}}}}`, `{"all":[{"parts":[{"price":{"amount":1}},{"price":{"amount":2}}]},{"parts":[]}]}`, 130, 10},
		{"a list that is longer than was thought", `{top{name}}`, `{"top":[{},{},{},{},{},{}]}`, 4, 6},
		{"a null in a list", `{top{name}}`, `{"top":[{"name":"a"},null]}`, 4, 2},
		{"an argument", `{search(text:"x"){name}}`, `{"search":{"name":"a"}}`, 8, 8},
		{"an alias", `{a:item{price{amount}} b:item{name}}`, `{"a":{"price":{"amount":1}},"b":null}`, 5, 5},
		{"what is left out", `query($no:Boolean=false){item@include(if:$no){vendor{name}} rest{count}}`, `{"rest":{"count":1}}`, 1, 1},
		{"types that exclude each other", `{any{...on Item{vendor{name}} ...on Vendor{name}}}`, `{"any":{"name":"a"}}`, 11, 1},
		{"the dearest of one key", `{named{...on Item{vendor{name}} ...on Part{vendor{name}}}}`, `{"named":{"vendor":{"name":"a"}}}`, 11, 11},
		{"a fragment in two places", `{item{...f} search{...f}} fragment f on Item{price{amount}}`, `{"item":{"price":{"amount":1}},"search":{"price":{"amount":1}}}`, 8, 8},
		{"texts that look like more", `{item{name code}}`, `{"item":{"name":"\"item\":{\"name\":\\","code":"}]"}}`, 2, 2},
		{"a scalar that is an object", `{item{code price{amount}}}`, `{"item":{"code":{"price":[{"a":1}]},"price":{"amount":-1.5e3}}}`, 5, 5},
		{"white space", `{item{price{amount}}}`, "{ \"item\" : {\n\t\"price\" : { \"amount\" : 1 }\r\n} }", 4, 4},
		{"a change", `mutation{buy{name}}`, `{"buy":{"name":"a"}}`, 10, 10},
		{"a change that answers nothing", `mutation{buy{name}}`, `{"buy":null}`, 10, 10},
	} {
		operation := read(t, shop, test.query).Operations[0]
		estimate := prices(t, shop).Estimate(shop, operation)
		if got := estimate.Points(map[string]any{"no": false}); got != test.estimated {
			t.Errorf("%s: priced at %d, not %d", test.name, got, test.estimated)
		}
		if got, ok := estimate.Actual([]byte(test.data)); got != test.actual || !ok {
			t.Errorf("%s: came to %d (%t), not %d", test.name, got, ok, test.actual)
		}
	}
}

// TestActualIsBounded: an operation of too many paths is not measured, however small its document is.
func TestActualIsBounded(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("{item{...f0}} ")
	for i := range 10 {
		next := "{name}"
		if i < 9 {
			next = "{...f" + string(rune('a'+i+1)) + "}"
		}
		name := "f" + string(rune('a'+i))
		if i == 0 {
			name = "f0"
		}
		bomb.WriteString("fragment " + name + " on Item{a:again" + next + " b:again" + next + "}")
	}
	schema := shopWith(`extend type Item { again: Item }`)
	estimate := prices(t, schema).Estimate(schema, read(t, schema, bomb.String()).Operations[0])
	if got, ok := estimate.Actual([]byte(`{"item":null}`)); ok {
		t.Errorf("it came to %d", got)
	}
}

// FuzzActual reads data of any kind to its end, and takes what is well-formed as encoding/json does: as many objects.
func FuzzActual(f *testing.F) {
	schema, priced := house(f, auth.Console)
	text, err := os.ReadFile("../endpoint/playground/page/examples/inbox.graphql")
	if err != nil {
		f.Fatal(err)
	}
	estimate := priced.Estimate(schema, read(f, schema, string(text)).Operations[0])
	f.Add([]byte(`{"tickets":{"nodes":[{"subject":"\\\"","requester":null}]}}`))
	f.Add([]byte(`{"a":"\`))
	f.Add([]byte(`}{]["`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok := estimate.Actual(data)
		if !ok || got < 0 {
			t.Fatal(got, ok)
		}
		if json.Valid(data) && !strings.ContainsAny(string(data), `[{`) && got > 0 {
			t.Errorf("%d points for a scalar", got)
		}
	})
}

// BenchmarkActual measures an answer of 50 tickets.
func BenchmarkActual(b *testing.B) {
	schema, priced := house(b, auth.Console)
	operation := read(b, schema, `{tickets(first:50){nodes{id ref subject status priority updatedAt requester{id name}
		account{id name billing{...on BillingProfile{__typename balance}}}} pageInfo{hasNextPage}}}`).Operations[0]
	estimate := priced.Estimate(schema, operation)
	row := `{"id":"tkt_01h455vb4pex5vsknk084sn02q","ref":"T-1024","subject":"Cache is not purged after the deployment","status":"OPEN","priority":"P2","updatedAt":"2026-11-20T12:00:00Z","requester":{"id":"con_01h455vb4pex5vsknk084sn02q","name":"Ada"},"account":{"id":"acc_01h455vb4pex5vsknk084sn02q","name":"Acme","billing":{"__typename":"BillingProfile","balance":0}}}`
	data := []byte(`{"tickets":{"nodes":[` + strings.TrimSuffix(strings.Repeat(row+",", 50), ",") + `],"pageInfo":{"hasNextPage":true}}}`)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		estimate.Actual(data)
	}
}
