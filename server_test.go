package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"supportgraph/clients/sandbox/identity"
	"supportgraph/clients/settings"
	"supportgraph/graph/auth"
	"supportgraph/graph/operations"
)

// production is a whole configuration of production.
func production() map[string]string {
	return map[string]string{
		"DATABASE_URL": "postgres://app:hidden-1@db/support", "REDIS_URL": "redis://:hidden-2@redis:6379/0",
		"CLOUDFLARE_URL": "https://api.cloudflare.com/client/v4", "CLOUDFLARE_TOKEN": "hidden-3",
		"STRIPE_URL": "https://api.stripe.com/v1", "STRIPE_KEY": "hidden-4",
		"STATUSPAGE_URL": "https://status.example.com/api/v2",
		"AUTH_ISSUERS":   `[{"issuer":"https://id.example.com","jwks":"https://id.example.com/keys","audience":"support-graph","algorithms":"ES256","serves":"portal"}]`,
	}
}

// TestConfigurationFaults shows that every fault is named at once, and no secret.
func TestConfigurationFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change map[string]string // of production; "" takes the variable away
		args   []string
		want   string // the faults; empty: none
	}{
		{name: "production"},
		{name: "a demo needs nothing", change: map[string]string{"ENVIRONMENT": "demo", "DATABASE_URL": "", "STRIPE_URL": "", "AUTH_ISSUERS": ""}},
		{name: "a flag goes before the environment", change: map[string]string{"LOG_LEVEL": "loud"}, args: []string{"--log-level", "DEBUG"}},
		{
			name:   "what is missing",
			change: map[string]string{"DATABASE_URL": "", "STRIPE_KEY": "", "AUTH_ISSUERS": ""},
			want:   "DATABASE_URL: missing\n  STRIPE_KEY: missing\n  AUTH_ISSUERS: missing",
		},
		{
			name:   "what belongs to a demo",
			change: map[string]string{"SANDBOX_DIR": "/tmp/x"},
			want:   "SANDBOX_DIR: for ENVIRONMENT=demo alone",
		},
		{
			name:   "everything at once",
			change: map[string]string{"ENVIRONMENT": "staging", "STRIPE_URL": "stripe", "AUTH_ISSUERS": `[{"issuer":"x"}]`, "INTROSPECTION": "portal,all", "SHUTDOWN_TIMEOUT": "soon"},
			args:   []string{"--playground", "perhaps", "more"},
			want: "command line: only flags are understood, --help lists them\n  ENVIRONMENT: one of production,demo\n" +
				"  PLAYGROUND: one of on,off\n  SHUTDOWN_TIMEOUT: unable to parse duration: time: invalid duration \"soon\"\n" +
				"  STRIPE_URL: the base URL must be an absolute http or https URL\n" +
				"  AUTH_ISSUERS: issuer 1: jwks: the address is missing; audience is missing: without it a token for another service would be accepted; " +
				"algorithms is missing; serves, or claim with values, is missing\n  INTROSPECTION: [portal console explorer], or none",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			environment := production()
			for key, value := range test.change {
				environment[key] = value
			}
			var cfg config
			err := settings.Read(&cfg, test.args, func(key string) string { return environment[key] })
			got := ""
			if err != nil {
				got = strings.TrimPrefix(err.Error(), "the configuration cannot be used:\n  ")
			}
			if got != test.want {
				t.Errorf("got\n  %s\nwant\n  %s", got, test.want)
			}
			if printed := fmt.Sprintf("%v %+v %s", cfg, cfg, got); strings.Contains(printed, "hidden-") {
				t.Errorf("a secret is printed: %s", printed)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--help"}, func(string) string { return "" }, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"DATABASE_URL", "--database-url", "127.0.0.1:8080", "20s"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, &out)
		}
	}
}

// TestAddressInUse: a second start is told at once, before it has started anything.
func TestAddressInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	environment := map[string]string{"ENVIRONMENT": "demo", "LISTEN": taken.Addr().String(), "SANDBOX_DIR": filepath.Join(t.TempDir(), "none")}
	err = run(t.Context(), nil, func(key string) string { return environment[key] }, io.Discard, io.Discard)
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(environment["SANDBOX_DIR"]); !errors.Is(err, os.ErrNotExist) {
		t.Error("something was started")
	}
}

// TestProgram builds the real binary, starts it on nothing but what this machine has, asks as each persona, and stops
// it twice: once in the middle of a request, once when it has found its data again.
func TestProgram(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "support-graph-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres runs as somebody else where we are root
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "support-graph")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}

	first := start(t, binary, filepath.Join(dir, "sandbox"))
	tokens := first.personas(t)
	for _, persona := range tokens {
		status, body := first.ask(t, persona.Token, `{"query":"{viewer{__typename}}"}`)
		if status != http.StatusOK || body != `{"data":{"viewer":{"__typename":"Viewer"}}}` {
			t.Errorf("%s: got %d %s", persona.Name, status, body)
		}
		_, body = first.ask(t, persona.Token, `{"query":"{tickets(first:5){edges{node{ref account{name billing{__typename}} requester{name}}}}}"}`)
		if strings.Contains(body, `"errors"`) || !strings.Contains(body, `"ref":"T-`) {
			t.Errorf("%s: got %s", persona.Name, body)
		}
		_, body = first.ask(t, persona.Token, `{"query":"{tickets(first:1){edges{node{internalNotes(first:1){totalCount}}}}}"}`)
		if refused := strings.Contains(body, `Cannot query field \"internalNotes\"`); refused != (persona.Audience == "portal") {
			t.Errorf("%s asks for internal notes: %s", persona.Name, body)
		}
	}
	if status, body := first.ask(t, "", `{"query":"{viewer{__typename}}"}`); status != http.StatusUnauthorized || !strings.Contains(body, `"UNAUTHENTICATED"`) {
		t.Errorf("nobody: got %d %s", status, body)
	}
	if status, body := first.get(t, first.public, "/playground"); status != http.StatusOK || !strings.Contains(body, "<html") {
		t.Errorf("playground: got %d", status)
	}
	if status, body := first.get(t, first.ops, "/readyz"); status != http.StatusOK || !strings.Contains(body, `"status":"ready"`) {
		t.Errorf("readyz: got %d %s", status, body)
	}
	if _, body := first.get(t, first.ops, "/metrics"); !strings.Contains(body, `supportgraph_upstream_calls_total{op="tickets.page",outcome="ok",source="postgres"}`) {
		t.Error("no calls in the metrics")
	}
	if len(processes(t, dir)) < 2 {
		t.Error("the database is no process under the test's folder, so that its absence would prove nothing")
	}
	first.stopInTheMiddle(t, tokens[0].Token)
	first.gone(t, dir)

	manifests := filepath.Join(dir, "manifests")
	writeManifest(t, manifests, "console/desk/1.json", // as Apollo's clients make them
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"count","name":"A","type":"query","body":"query A{tickets(first:1){nodes{ref}}}"}]}`)
	second := start(t, binary, filepath.Join(dir, "sandbox"), "MANIFESTS="+manifests, "DOCUMENTS=portal=require,console=require,explorer=log")
	if strings.Contains(second.log.String(), "seeded") {
		t.Error("the second start did not find its data")
	}
	second.askByDocuments(t, manifests)
	second.askTooMuch(t)
	second.signal(t)
	second.gone(t, dir)
}

// writeManifest puts a manifest under its name, whole or not at all, as whoever runs the service should.
func writeManifest(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// askByDocuments asks a process that runs known documents alone, and has it read new ones while it serves.
func (p *process) askByDocuments(t *testing.T, manifests string) {
	agent := ""
	for _, persona := range p.personas(t) {
		if persona.Audience == "console" {
			agent = persona.Token
		}
	}
	count := func(id, release string) int {
		t.Helper()
		question := p.question(t, agent, strings.NewReader(`{"documentId":"`+id+`"}`))
		question.Header.Set("X-Client-Name", "desk")
		question.Header.Set("X-Client-Version", release)
		answer, err := http.DefaultClient.Do(question)
		if err != nil {
			t.Fatal(err)
		}
		_, body := read(t, answer)
		var counted struct {
			Data struct {
				Tickets struct{ Nodes []struct{ Ref string } }
			}
		}
		if err := json.Unmarshal([]byte(body), &counted); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		return len(counted.Data.Tickets.Nodes)
	}
	if _, body := p.ask(t, agent, `{"query":"query A{tickets(first:1){nodes{ref}}}"}`); !strings.Contains(body, `"DOCUMENT_REQUIRED"`) {
		t.Errorf("a text: %s", body)
	}
	if _, body := p.ask(t, agent, `{"documentId":"count"}`); !strings.Contains(body, `"DOCUMENT_UNKNOWN"`) {
		t.Errorf("a document of another app: %s", body)
	}
	if count("count", "1") != 1 {
		t.Error("the app's own document is not served")
	}
	library, err := operations.Load(operations.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	for document := range library.Documents(auth.Console) {
		if !strings.Contains(document.Text, "query Status") {
			continue
		}
		if status, body := p.ask(t, agent, `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"`+document.ID+`"}}}`); status != http.StatusOK || !strings.Contains(body, `"data":{`) {
			t.Errorf("a built-in document: %d %s", status, body)
		}
	}

	writeManifest(t, manifests, "console/desk/2.json", `{"more":"query B{tickets(first:2){nodes{ref}}}","bad":"{nobody}"}`) // as Relay's compiler does
	p.reload(t, "the trusted documents stay as they were", `document bad for console`)
	if count("count", "1") != 1 || count("more", "2") != 0 {
		t.Error("a broken manifest changed what is served")
	}
	const text = "query B{tickets(first:2){nodes{ref}}}"
	writeManifest(t, manifests, "console/desk/2.json", `{"more":"`+text+`"}`)
	writeManifest(t, manifests, "console/desk/3.json", `{"`+operations.Hash(text)+`":"`+text+`"}`) // as GraphQL Code Generator's preset does
	p.reload(t, "the trusted documents were read again", "")
	if count("count", "1") != 1 || count("more", "2") != 2 || count(operations.Hash(text), "3") != 2 {
		t.Error("not every release's documents are served")
	}
	p.askAgain(t, agent)
}

// reload has the process read its manifests again, and waits until it says so.
func (p *process) reload(t *testing.T, said, why string) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.until(t, "it said: "+said, func() bool {
		log := p.log.String()
		return strings.Contains(log, said) && strings.Contains(log, why)
	})
}

// askAgain asks by GET what has not changed, and gets no body for it.
func (p *process) askAgain(t *testing.T, agent string) {
	question := p.question(t, agent, nil)
	question.Method, question.Body = http.MethodGet, nil
	question.URL.RawQuery = "documentId=count"
	question.Header.Set("X-Client-Name", "desk")
	first, err := http.DefaultClient.Do(question)
	if err != nil {
		t.Fatal(err)
	}
	status, body := read(t, first)
	if status != http.StatusOK || !strings.Contains(first.Header.Get("Cache-Control"), "private") || first.Header.Get("ETag") == "" {
		t.Errorf("a GET: %d %s %v", status, body, first.Header)
	}
	question.Header.Set("If-None-Match", first.Header.Get("ETag"))
	again, err := http.DefaultClient.Do(question)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := read(t, again); status != http.StatusNotModified || body != "" {
		t.Errorf("the same again: %d %s", status, body)
	}
}

// askTooMuch sends headers that the server does not read to their end.
func (p *process) askTooMuch(t *testing.T) {
	for size, want := range map[int]int{30 << 10: http.StatusUnauthorized, 40 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		question := p.question(t, "", strings.NewReader("{}"))
		question.Header.Set("X-Long", strings.Repeat("x", size))
		answer, err := http.DefaultClient.Do(question)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := read(t, answer); status != want {
			t.Errorf("a header of %d bytes: %d %s", size, status, body)
		}
	}
}

// process is a running binary.
type process struct {
	cmd         *exec.Cmd
	out         bytes.Buffer // whole once it has ended
	log         record
	ended       chan error
	public, ops string
}

// record keeps the lines of a log.
type record struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *record) add(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.WriteString(line + "\n")
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// start runs the binary as `make run` does, on free ports, until it has said where to go.
func start(t *testing.T, binary, dir string, settings ...string) *process {
	t.Helper()
	p := &process{ended: make(chan error, 1)}
	p.cmd = exec.Command(binary, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0")
	p.cmd.Env = append(append(os.Environ(), "ENVIRONMENT=demo", "SANDBOX_DIR="+dir), settings...)
	p.cmd.Stdout = &p.out
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // where the test ended early
	serving := make(chan struct{})
	announce := sync.OnceFunc(func() { close(serving) })
	go func() {
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var line struct{ Msg, Public, Ops string }
			p.log.add(lines.Text())
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
				p.public, p.ops = "http://"+line.Public, "http://"+line.Ops
				announce()
			}
		}
		announce()
		p.ended <- p.cmd.Wait()
	}()
	select {
	case <-serving:
	case <-time.After(3 * time.Minute):
		t.Fatal("not serving after three minutes")
	}
	if p.public == "" {
		t.Fatalf("it ended before it served:\n%s", &p.log)
	}
	return p
}

func (p *process) get(t *testing.T, base, path string) (int, string) {
	t.Helper()
	answer, err := http.Get(base + path)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, answer)
}

func (p *process) personas(t *testing.T) []identity.Persona {
	t.Helper()
	var personas []identity.Persona
	if _, body := p.get(t, p.public, "/demo/tokens"); json.Unmarshal([]byte(body), &personas) != nil || len(personas) < 3 {
		t.Fatalf("tokens: %s", body)
	}
	return personas
}

func (p *process) ask(t *testing.T, token, body string) (int, string) {
	t.Helper()
	answer, err := http.DefaultClient.Do(p.question(t, token, strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	return read(t, answer)
}

func (p *process) question(t *testing.T, token string, body io.Reader) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.public+"/graphql", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request
}

// stopInTheMiddle sends half a question, stops the process, sees that it takes nothing new, and sends the other half.
func (p *process) stopInTheMiddle(t *testing.T, token string) {
	t.Helper()
	body, rest := io.Pipe()
	question := p.question(t, token, body)
	answered := make(chan error, 1)
	go func() {
		answer, err := http.DefaultClient.Do(question)
		if err == nil {
			if status, text := read(t, answer); status != http.StatusOK || !strings.Contains(text, `"viewer"`) {
				err = fmt.Errorf("got %d %s", status, text)
			}
		}
		answered <- err
	}()
	fmt.Fprint(rest, `{"query":`)
	p.until(t, "the question is under way", func() bool {
		_, metrics := p.get(t, p.ops, "/metrics")
		return strings.Contains(metrics, "supportgraph_requests_in_flight 1")
	})
	p.signal(t)
	p.until(t, "it is not ready any more", func() bool {
		status, body := p.get(t, p.ops, "/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, `"stopping"`)
	})
	p.until(t, "it takes no connection any more", func() bool {
		connection, err := net.Dial("tcp", strings.TrimPrefix(p.public, "http://"))
		if err == nil {
			connection.Close()
		}
		return err != nil
	})
	fmt.Fprint(rest, `"{viewer{__typename}}"}`)
	rest.Close()
	if err := <-answered; err != nil {
		t.Errorf("the question under way: %v", err)
	}
}

func (p *process) until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for !reached() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited too long until %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (p *process) signal(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// gone waits for the end of the process, and sees that nothing of it is left.
func (p *process) gone(t *testing.T, dir string) {
	t.Helper()
	select {
	case err := <-p.ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it did not end")
	}
	if !strings.Contains(p.out.String(), p.public+"/playground\n") || !strings.Contains(p.out.String(), "Mira, agent") {
		t.Errorf("it did not say where to go:\n%s", &p.out)
	}
	if left := processes(t, dir); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// processes lists the command lines that name a folder.
func processes(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Skip("without /proc nobody can tell what is left")
	}
	for _, name := range names {
		// A process that ends meanwhile has no command line any more.
		if line, err := os.ReadFile(name); err == nil && bytes.Contains(line, []byte(dir)) {
			found = append(found, string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
		}
	}
	return found
}

func read(t *testing.T, answer *http.Response) (int, string) {
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return answer.StatusCode, string(body)
}
