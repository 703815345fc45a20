package playgroundtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// The editors of the page, as the objects that hold their text.
const (
	queryEditor  = `document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror`
	answerEditor = `document.querySelector(".result-window .CodeMirror").CodeMirror`
)

// Page is the playground as it is open in a browser. Its methods fail the test when a step does not come about.
type Page struct {
	t        testing.TB
	tab      context.Context
	guard    *guard
	expected []string
}

// Open starts a browser, loads the playground of a server on 127.0.0.1 (baseURL is "http://127.0.0.1:8080") and waits
// until it can be used. When the test ends, anything that the guard saw fails it. It skips the test where no browser is
// installed, and where the page's libraries are not built into the binary, as the page could then not load them.
func Open(t testing.TB, baseURL string) *Page {
	t.Helper()
	if loadsFromNetwork(t, baseURL) {
		t.Skip("the playground's libraries are not built in (make playground, which needs npm): the page would need the network")
	}
	p := newPage(t)
	p.Load(baseURL)
	return p
}

// newPage starts a browser that is watched from its first request on.
func newPage(t testing.TB) *Page {
	t.Helper()
	p := &Page{t: t, guard: &guard{}, tab: start(t)}
	p.guard.watch(t, p.tab)
	t.Cleanup(func() {
		faults, requests := p.guard.found(p.expected)
		for _, fault := range faults {
			t.Errorf("the playground misbehaved: %s", fault)
		}
		if requests == 0 {
			t.Errorf("the guard saw no request at all, so it saw nothing")
		}
	})
	return p
}

func loadsFromNetwork(t testing.TB, baseURL string) bool {
	t.Helper()
	response, err := http.Get(baseURL + "/playground")
	if err != nil {
		t.Fatalf("ask for the playground: %v", err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("ask for the playground: %s, %v", response.Status, err)
	}
	return bytes.Contains(page, []byte(`id="network"`))
}

// Load loads the page, anew if it is open already, and waits until the editor is there and the persona's contract was
// read or refused.
func (p *Page) Load(baseURL string) {
	p.t.Helper()
	p.do("load the page", chromedp.Navigate(baseURL+"/playground"),
		chromedp.WaitVisible(chromedp.CSS(".graphiql-query-editor .CodeMirror")))
	p.settle()
}

// Expect names a part of a fault that the test provokes, such as the 401 that the browser writes to its log.
func (p *Page) Expect(fault string) {
	p.expected = append(p.expected, fault)
}

// AskAs picks a persona by name, and waits until its contract was read or refused.
func (p *Page) AskAs(persona string) {
	p.t.Helper()
	picked := p.eval("pick the persona "+persona, `(() => {
		const select = document.getElementById("persona");
		if (![...select.options].some((option) => option.value === `+quote(persona)+`)) return "offered: " + [...select.options].map((option) => option.value);
		select.value = `+quote(persona)+`;
		select.dispatchEvent(new Event("change", { bubbles: true }));
		return "";
	})()`)
	if picked != "" {
		p.t.Fatalf("pick the persona %s: %s", persona, picked)
	}
	p.settle()
}

// Paste gives the page a bearer token by hand, and waits until its contract was read or refused.
func (p *Page) Paste(token string) {
	p.t.Helper()
	p.do("paste a token", chromedp.SendKeys(chromedp.CSS("#token"), token+"\r"))
	p.settle()
}

// ReloadTokens presses the button that a refused token offers.
func (p *Page) ReloadTokens() {
	p.t.Helper()
	p.do("press reload tokens", chromedp.Click(chromedp.CSS("#notice button"), chromedp.NodeVisible))
	p.settle()
}

// Persona is the name of the persona that asks, empty with a pasted token.
func (p *Page) Persona() string {
	p.t.Helper()
	return p.eval("read the persona", `document.getElementById("persona").value`)
}

// Explain chooses what is explained: "", "true" or "dryRun".
func (p *Page) Explain(what string) {
	p.eval("choose what to explain", `document.getElementById("explain").value = `+quote(what)+`; ""`)
}

// Audience is the audience that the header shows.
func (p *Page) Audience() string {
	p.t.Helper()
	return p.eval("read the audience", `document.getElementById("audience").textContent`)
}

// Notice is what the page says below its header, empty if nothing.
func (p *Page) Notice() string {
	p.t.Helper()
	return p.eval("read the notice", `(() => {
		const notice = document.getElementById("notice");
		return notice.hidden ? "" : notice.innerText;
	})()`)
}

// Tabs lists the titles of the open tabs.
func (p *Page) Tabs() []string {
	p.t.Helper()
	return strings.Split(p.eval("list the tabs", `[...document.querySelectorAll(".graphiql-tab-button")].map((tab) => tab.innerText).join("\n")`), "\n")
}

// OpenTab brings a tab to the front by its title, which is the name of its operation.
func (p *Page) OpenTab(title string) {
	p.t.Helper()
	found := p.eval("open the tab "+title, `(() => {
		const tab = [...document.querySelectorAll(".graphiql-tab-button")].find((tab) => tab.innerText === `+quote(title)+`);
		tab?.click();
		return tab ? "" : "missing";
	})()`)
	if found != "" {
		p.t.Fatalf("open the tab %s: the tabs are %q", title, p.Tabs())
	}
	// The editor notices a little later which operation it now holds, and until then the button would run the old one.
	p.wait("the tab "+title, queryEditor+`.operationName === `+quote(title))
}

// Write replaces the query in the present tab, and waits until the page keeps it for the next visit.
func (p *Page) Write(query string) {
	p.t.Helper()
	p.eval("write a query", queryEditor+`.setValue(`+quote(query)+`), ""`)
	p.wait("the editor to read the query", queryEditor+`.documentAST?.loc.source.body === `+quote(query))
	p.wait("the tab to be kept", `JSON.parse(localStorage.getItem("graphiql:tabState"))?.tabs.some((tab) => tab.query === `+quote(query)+`)`)
}

// Run presses the button and returns the answer, pretty-printed JSON, once it is there in full.
func (p *Page) Run() string {
	p.t.Helper()
	p.eval("forget the last answer", answerEditor+`.setValue(""), ""`)
	p.do("press the button",
		chromedp.Click(chromedp.CSS(".graphiql-execute-button"), chromedp.NodeVisible))
	p.wait("the answer", answerEditor+`.getValue() !== "" && !document.querySelector(".graphiql-response .graphiql-spinner")`)
	return p.eval("read the answer", answerEditor+`.getValue()`)
}

// Documentation opens the documentation explorer if it is closed and returns the text of a type's page in it.
func (p *Page) Documentation(typeName string) string {
	p.t.Helper()
	const explorer = `document.querySelector(".graphiql-doc-explorer")`
	p.eval("open the documentation", explorer+` || document.querySelector("[aria-label='Show Documentation Explorer']").click(), ""`)
	p.wait("the documentation", explorer+`?.innerText.includes("Root Types")`)
	p.eval("open the type "+typeName, `[...`+explorer+`.querySelectorAll(".graphiql-doc-explorer-type-name")].find((link) => link.innerText === `+quote(typeName)+`).click(), ""`)
	p.wait("the type "+typeName, explorer+`.querySelector(".graphiql-doc-explorer-title").innerText === `+quote(typeName))
	return p.eval("read the documentation", explorer+`.innerText`)
}

// Stored returns everything that the page keeps in the browser between visits.
func (p *Page) Stored() string {
	p.t.Helper()
	return p.eval("read the storage", `JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie`)
}

// Settings opens GraphiQL's settings, the dialog that puts a style of its own into the page.
func (p *Page) Settings() {
	p.t.Helper()
	p.do("open the settings", chromedp.Click(chromedp.CSS("[aria-label='Open settings dialog']"), chromedp.NodeVisible),
		chromedp.WaitVisible(chromedp.CSS(".graphiql-dialog")))
}

// Scheme sets what the system prefers: "light" or "dark".
func (p *Page) Scheme(scheme string) {
	p.t.Helper()
	_, err := chromedp.Call(p.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		p.t.Fatalf("prefer %s: %v", scheme, err)
	}
}

// Screenshot writes what is seen to a PNG file.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("take a screenshot: %v", err)
	}
	if err := os.WriteFile(file, png, 0o600); err != nil {
		p.t.Fatalf("keep the screenshot: %v", err)
	}
}

// settle waits until the page knows whether the persona's contract can be read.
func (p *Page) settle() {
	p.t.Helper()
	p.wait("the contract to be read or refused", `!["loading", undefined].includes(document.documentElement.dataset.contract)`)
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.fail(what, err)
	}
}

func (p *Page) eval(what, expression string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		p.fail(what, err)
	}
	return text
}

func (p *Page) wait(what, condition string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](condition, chromedp.WithPollingTimeout(patience))); err != nil {
		p.fail("wait for "+what, err)
	}
}

func (p *Page) fail(what string, err error) {
	p.t.Helper()
	faults, requests := p.guard.found(nil)
	p.t.Fatalf("%s: %v\nafter %d requests the page had these faults: %s", what, err, requests, fmt.Sprintf("%q", faults))
}

// quote writes a text as a JavaScript string.
func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(quoted)
}
