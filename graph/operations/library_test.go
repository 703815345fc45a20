package operations_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"supportgraph/graph/auth"
	"supportgraph/graph/operations"
)

func manifests(files ...string) fstest.MapFS {
	system := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		system[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return system
}

// TestFormats reads the same document out of every format.
func TestFormats(t *testing.T) {
	t.Parallel()
	hash := operations.Hash("{a}")
	for name, content := range map[string]string{
		"Apollo":        `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"1f","name":"A","type":"query","body":"{a}"}]}`,
		"Relay":         `{"1f":"{a}"}`,
		"pairs":         ` [["1f","{a}"]]`,
		"client preset": `{"` + hash + `":"{a}"}`,
		"with scheme":   `{"sha256:` + hash + `":"{a}"}`,
	} {
		l, err := operations.Load(manifests("portal/web/1.json", content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, id := range []string{hash, "1f"} {
			found, ok := l.Find(auth.Portal, operations.Client{Name: "web", Release: "1"}, id)
			if want := id == hash || strings.Contains(content, "1f\""); ok != want || ok && found.Text != "{a}" {
				t.Errorf("%s: %s gave %v %v", name, id, found, ok)
			}
		}
	}
}

// TestFaultsAreAllTold shows that a broken manifest is refused with everything that is wrong, and so is its library.
func TestFaultsAreAllTold(t *testing.T) {
	t.Parallel()
	_, err := operations.Load(manifests(
		"portal/web/1.json", `{"":"{a}","x":"","sha256:00":"{a}"}`,
		"portal/web/2.json", `[["x","{a}"],["x","{b}"],["y"]]`,
		"portal/web/3.json", `[["x","{a}"],["x","{b}"]]`,
		"portal/web/4.json", `{`,
		"portal/web/5.json", `{"operations":[]}`,
		"portal/web/6.json", `{"x":{"text":"{a}"}}`,
		"portal/web/readme.txt", ``,
		"partner/web/1.json", `{}`,
		"portal/1.json", `{}`,
		"portal/..data/1.json", `rubbish that is not looked at`,
	))
	want := `partner/web/1.json: a manifest lies at audience.json or at audience/client/release.json
portal/1.json: a manifest lies at audience.json or at audience/client/release.json
portal/web/1.json: an ID is empty or longer than 128 bytes
portal/web/1.json: document sha256:00 is not the SHA-256 of its text
portal/web/1.json: document x has no text
portal/web/2.json: a manifest that is a list holds pairs of ID and text
portal/web/3.json: document x has two texts
portal/web/4.json: the manifest is not JSON
portal/web/5.json: a manifest with operations must have the format apollo-persisted-query-manifest, version 1
portal/web/6.json: the manifest is none that is known here: "x" has no text
portal/web/readme.txt: a manifest lies at audience.json or at audience/client/release.json`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestScopes shows which documents a client is given by an ID.
func TestScopes(t *testing.T) {
	t.Parallel()
	l, err := operations.Load(manifests(
		"portal.json", `{"all":"{all}"}`,
		"portal/web/1.json", `{"q":"{one}","old":"{old}"}`,
		"portal/web/2.json", `{"q":"{two}"}`,
		"portal/app/1.json", `{"q":"{app}"}`,
		"console/web/1.json", `{"q":"{console}"}`,
	))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		audience              auth.Audience
		name, release, id, is string
	}{
		{auth.Portal, "web", "1", "q", "{one}"},
		{auth.Portal, "web", "2", "q", "{two}"},
		{auth.Portal, "web", "3", "q", "{two}"},
		{auth.Portal, "web", "", "q", "{two}"},
		{auth.Portal, "web", "2", "old", "{old}"},
		{auth.Portal, "web", "2", "all", "{all}"},
		{auth.Portal, "app", "1", "q", "{app}"},
		{auth.Portal, "app", "1", "old", ""},
		{auth.Portal, "app", "1", operations.Hash("{old}"), ""},
		{auth.Portal, "app", "1", operations.Hash("{app}"), "{app}"},
		{auth.Portal, "", "", "q", ""},
		{auth.Portal, "", "", "all", "{all}"},
		{auth.Portal, "tv", "1", "all", "{all}"},
		{auth.Console, "web", "1", "q", "{console}"},
		{auth.Console, "web", "1", "all", ""},
		{auth.Explorer, "web", "1", "q", ""},
	} {
		client := operations.Client{Name: test.name, Release: test.release}
		text := ""
		if found, ok := l.Find(test.audience, client, test.id); ok {
			text = found.Text
		}
		if text != test.is {
			t.Errorf("%+v: got %q", test, text)
		}
		if text != "" && !l.Knows(test.audience, client, text) {
			t.Errorf("%+v: its text is not known", test)
		}
	}
	if l.Knows(auth.Portal, operations.Client{Name: "app"}, "{one}") {
		t.Error("a client knows the text of another")
	}
}

// TestBuiltIn shows that there are documents for both apps.
func TestBuiltIn(t *testing.T) {
	t.Parallel()
	l, err := operations.Load(operations.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	for audience, want := range map[auth.Audience]int{auth.Portal: 4, auth.Console: 5, auth.Explorer: 0} {
		got := 0
		for document := range l.Documents(audience) {
			if got++; document.ID != operations.Hash(document.Text) {
				t.Errorf("%s: %s is not the hash of its text", audience, document.ID)
			}
		}
		if got != want {
			t.Errorf("%s has %d documents, want %d", audience, got, want)
		}
	}
}

// FuzzManifest reads any bytes as a manifest: it never panics, and what it takes has an ID and a text.
func FuzzManifest(f *testing.F) {
	for _, seed := range []string{`{"a":"{b}"}`, `[["a","{b}"]]`, `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{}]}`, `null`, `[`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		l, err := operations.Load(fstest.MapFS{"portal.json": {Data: content}})
		if err != nil {
			return
		}
		for document := range l.Documents(auth.Portal) {
			if document.ID == "" || document.Text == "" {
				t.Errorf("%+v", document)
			}
		}
	})
}
