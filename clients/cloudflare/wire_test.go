package cloudflare

import (
	"fmt"
	"strings"
	"testing"

	"supportgraph/clients/upstream"
)

const account = "0123456789abcdef0123456789abcdef"

func row(fields string) string {
	return `{"id":"1","name":"a.example","status":"active","type":"full","created_on":"2014-01-01T05:20:00.12345Z","account":{"id":"` + account + `"}` + fields + `}`
}

func body(result, info string) string {
	return `{"success":true,"errors":[],"messages":[],"result":` + result + `,"result_info":` + info + `}`
}

func TestPages(t *testing.T) {
	t.Parallel()
	for info, want := range map[string]int{
		`{"page":1,"per_page":50,"count":1,"total_count":101,"total_pages":3}`: 3,
		`{"page":1,"per_page":50,"count":1,"total_count":101}`:                 3,
		`{"page":1.0,"per_page":5e1,"count":1,"total_count":101.0}`:            3,
		`{"page":1,"per_page":20,"count":1,"total_count":101}`:                 6,
		`{"total_count":101}`:                  3,
		`{"total_count":101,"total_pages":1}`:  3,
		`{"total_count":101,"total_pages":10}`: 10,
	} {
		var answer page
		if err := upstream.Decode([]byte(body("["+row("")+"]", info)), &answer); err != nil {
			t.Errorf("%s: %v", info, err)
		} else if got := answer.pages(); got != want {
			t.Errorf("%s: %d pages, want %d", info, got, want)
		}
	}
}

func TestUnusablePages(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no success":            `{"success":false,"errors":[{"code":1,"message":"no"}],"result":null}`,
		"no success, no word":   `{}`,
		"no result":             body(`null`, `{"total_count":0}`),
		"no counts":             body(`[]`, `null`),
		"fewer than there are":  body("["+row("")+"]", `{"total_count":0}`),
		"a negative count":      body(`[]`, `{"total_count":-1}`),
		"a broken count":        body(`[]`, `{"total_count":1.5}`),
		"an endless count":      body(`[]`, `{"total_count":1e300}`),
		"a null zone":           body(`[null]`, `{"total_count":1}`),
		"a zone without a name": body("["+row(`,"name":""`)+"]", `{"total_count":1}`),
		"nobody's zone":         body("["+row(`,"account":{"id":""}`)+"]", `{"total_count":1}`),
		"never created":         body(strings.Replace("["+row("")+"]", "created_on", "born_on", 1), `{"total_count":1}`),
		"another's zone":        body("["+row(`,"account":{"id":"`+strings.Repeat("f", 32)+`"}`)+"]", `{"total_count":1}`),
	} {
		if err := upstream.Decode([]byte(text), &page{asked: account}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// rows is a page of a sweep, of zones as account/zone, in a list of so many.
func rows(total int, zones ...string) *page {
	answer := &page{}
	text := fmt.Sprintf(`{"success":true,"result":[],"result_info":{"total_count":%d}}`, total)
	if err := upstream.Decode([]byte(text), answer); err != nil {
		panic(err)
	}
	for _, entry := range zones {
		owner, id, _ := strings.Cut(entry, "/")
		found := &zone{ID: id, Name: id}
		found.Account.ID = AccountID(owner)
		answer.Result = append(answer.Result, found)
	}
	return answer
}

// TestGroup covers what cannot be staged over the wire: a split account in two orders, and a vendor that ignores the order.
func TestGroup(t *testing.T) {
	t.Parallel()
	down := &upstream.Error{Reason: upstream.Unavailable}
	for name, test := range map[string]struct {
		pages  map[int]*page
		causes map[int]error
		last   int
		sure   string // accounts answered
		again  string // accounts to be read on their own
		failed string
	}{
		"in order":                      {pages: map[int]*page{1: rows(4, "a/1", "b/2"), 2: rows(4, "b/3", "c/4")}, last: 2, sure: "abcd"},
		"a split account in two orders": {pages: map[int]*page{1: rows(4, "a/1", "b/2"), 2: rows(4, "b/2", "c/4")}, last: 2, sure: "acd", again: "b"},
		"one row less than counted":     {pages: map[int]*page{1: rows(5, "a/1", "b/2"), 2: rows(5, "c/3", "d/4")}, last: 2, sure: "a", again: "bcd"},
		"one page too few":              {pages: map[int]*page{1: rows(5, "a/1", "b/2")}, last: 1, sure: "a", again: "bcd"},
		"the last page failed":          {pages: map[int]*page{1: rows(4, "a/1", "b/2")}, causes: map[int]error{2: down}, last: 2, sure: "a", failed: "bcd"},
		"two pages failed":              {pages: map[int]*page{1: rows(8, "a/1", "b/2"), 4: rows(8, "c/7", "d/8")}, causes: map[int]error{2: down, 3: down}, last: 4, sure: "ad", failed: "bc"},
		"failed and changed":            {pages: map[int]*page{1: rows(6, "a/1", "b/2"), 3: rows(5, "c/4", "d/5")}, causes: map[int]error{2: down}, last: 3, sure: "a", again: "d", failed: "bc"},
		"out of order, whole":           {pages: map[int]*page{1: rows(4, "d/1", "b/2"), 2: rows(4, "a/3", "c/4")}, last: 2, sure: "abcd"},
		"out of order, failed":          {pages: map[int]*page{1: rows(6, "d/1", "b/2"), 3: rows(6, "a/3", "c/4")}, causes: map[int]error{2: down}, last: 3, failed: "abcd"},
		"out of order, changed":         {pages: map[int]*page{1: rows(5, "d/1", "b/2"), 2: rows(5, "a/3", "c/4")}, last: 2, again: "abcd"},
	} {
		_, gaps := group(test.pages, test.causes, test.last)
		var sure, again, failed string
		for _, account := range []AccountID{"a", "b", "c", "d"} {
			switch doubt := within(account, gaps); {
			case doubt == nil:
				sure += string(account)
			case doubt.cause != nil:
				failed += string(account)
			default:
				again += string(account)
			}
		}
		if sure != test.sure || again != test.again || failed != test.failed {
			t.Errorf("%s: sure %q, again %q, failed %q; want %q, %q, %q", name, sure, again, failed, test.sure, test.again, test.failed)
		}
	}
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(body("["+row(`,"activated_on":null,"plan":{"name":"Pro","legacy_id":"pro"}`)+"]", `{"per_page":50,"total_count":101}`)))
	f.Add([]byte(`{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"result":null}`))
	f.Add([]byte(body(`[null]`, `{"total_count":1}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		explain(text)
		for _, asked := range []AccountID{account, ""} {
			answer := page{asked: asked}
			if upstream.Decode(text, &answer) != nil {
				continue
			}
			if pages := answer.pages(); pages < 0 || pages == 0 && len(answer.Result) > 0 {
				t.Errorf("%d pages", pages)
			}
			zones, _ := group(map[int]*page{1: &answer}, nil, 1)
			for owner, theirs := range zones {
				list := zoneList(theirs, int(answer.Info.TotalCount))
				if asked != "" && owner != asked || len(list.Nodes) > perPage || len(list.Nodes) > list.TotalCount {
					t.Errorf("%s: %+v", owner, list)
				}
			}
		}
	})
}
