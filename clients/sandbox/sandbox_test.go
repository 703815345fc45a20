package sandbox_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"supportgraph/clients"
	"supportgraph/clients/cloudflare"
	"supportgraph/clients/jira"
	"supportgraph/clients/postgres"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/seed"
	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

func start(t *testing.T, dir string) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.Start(t.Context(), sandbox.Options{Dir: dir, Scale: seed.Small})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	return box
}

// folder is a temporary folder that the database's user can enter, also where the tests run as root.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t *testing.T, config postgres.Config) *postgres.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// TestSandbox shares one sandbox among those that only read.
func TestSandbox(t *testing.T) {
	t.Parallel()
	box := start(t, "")
	t.Run("every source answers", func(t *testing.T) { everySourceAnswers(t, box) })
	t.Run("redis forgets", func(t *testing.T) { redisForgets(t, box) })
	t.Run("vendors ask for the key", func(t *testing.T) { vendorsAskForTheKey(t, box) })
	t.Run("template", func(t *testing.T) { template(t, box) })
	t.Run("half a seed is none", func(t *testing.T) { halfASeedIsNone(t, box) })
}

// everySourceAnswers goes the way of production: the configuration is all that it takes.
func everySourceAnswers(t *testing.T, box *sandbox.Sandbox) {
	ctx, calls := clients.Count(t.Context())
	all, err := clients.Open(ctx, box.Config, clients.Tally)
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()

	var tickets int
	if err := all.Postgres.QueryRow(ctx, "-- test.count\nselect count(*) from tickets").Scan(&tickets); err != nil || tickets != seed.Small.Tickets {
		t.Errorf("%d tickets, %v", tickets, err)
	}
	if err := all.Redis.Ping(ctx); err != nil {
		t.Error(err)
	}
	account := func(landmark func(*seed.Landmarks) any) *seed.Account {
		for _, a := range box.World.Accounts {
			if a.ID == landmark(&box.World.Landmarks) {
				return a
			}
		}
		t.Fatal("a landmark is missing")
		return nil
	}
	tree := account(func(l *seed.Landmarks) any { return l.Tree })
	gone := account(func(l *seed.Landmarks) any { return l.DeletedCustomer })
	unknown := account(func(l *seed.Landmarks) any { return l.UnknownCustomer })
	profiles, failed := all.Stripe.Profiles(ctx, upstream.Agents, []stripe.CustomerID{*tree.StripeCustomerID, *gone.StripeCustomerID, *unknown.StripeCustomerID})
	if len(failed) > 0 || len(profiles) != 1 || profiles[*tree.StripeCustomerID] == nil || len(profiles[*tree.StripeCustomerID].Subscriptions) == 0 {
		t.Errorf("billing: %+v, %v", profiles, failed)
	}
	many := account(func(l *seed.Landmarks) any { return l.ManyZones })
	zones, failedZones := all.Cloudflare.Zones(ctx, upstream.Agents, []cloudflare.AccountID{*many.CloudflareAccountID})
	if list := zones[*many.CloudflareAccountID]; len(failedZones) > 0 || list == nil || len(list.Nodes) != 50 || !list.Truncated {
		t.Errorf("zones: %+v, %v", list, failedZones)
	}
	snapshot, err := all.Statuspage.Snapshot(ctx)
	if err != nil || snapshot == nil {
		t.Errorf("status page: %v, %v", snapshot, err)
	}
	everyOtherVendorAnswers(ctx, t, all, tree, unknown)
	if calls.Of("postgres test.count") != 1 || calls.Of("stripe customers.get") != 3 {
		t.Errorf("calls:\n%s", calls)
	}

	var issuers []map[string]any
	if err := json.Unmarshal([]byte(box.Issuers), &issuers); err != nil || len(issuers) != 2 {
		t.Errorf("issuers: %s, %v", box.Issuers, err)
	}
	if len(box.Personas) != len(box.World.Personas) || box.Personas[0].Token == "" {
		t.Errorf("personas: %+v", box.Personas)
	}
}

// everyOtherVendorAnswers follows the links of our records to where the vendors have them.
func everyOtherVendorAnswers(ctx context.Context, t *testing.T, all *clients.All, tree, unknown *seed.Account) {
	crm, failed := all.Salesforce.Accounts(ctx, upstream.Agents, []salesforce.AccountID{*tree.SalesforceAccountID, *unknown.SalesforceAccountID})
	if found := crm[*tree.SalesforceAccountID]; len(failed) > 0 || len(crm) != 1 || found.Name != tree.Name || found.ContractValue == nil || *found.Segment != "Enterprise" {
		t.Errorf("crm: %+v, %v", crm, failed)
	}
	theirs, failedTheirs := all.Zendesk.OrganizationsByExternalID(ctx, []string{tree.ID.String(), unknown.ID.String()})
	if found := theirs[tree.ID.String()]; len(failedTheirs) > 0 || len(theirs) != 1 || found.ID != *tree.ZendeskOrganizationID {
		t.Errorf("organisations: %+v, %v", theirs, failedTheirs)
	}
	pages, failedPages := all.Zendesk.OfOrganizations(ctx, upstream.Agents, []zendesk.OrganizationID{*tree.ZendeskOrganizationID, *unknown.ZendeskOrganizationID})
	if len(failedPages) > 0 || len(pages) != 1 || pages[*tree.ZendeskOrganizationID] == nil {
		t.Errorf("vendor tickets: %+v, %v", pages, failedPages)
	}
	var linked []jira.IssueRef
	if err := all.Postgres.QueryRow(ctx, "-- test.issues\nselect array_agg(distinct issue_id) from ticket_issues").Scan(&linked); err != nil || len(linked) < 50 {
		t.Fatalf("%d issues are linked: %v", len(linked), err)
	}
	issues, failedIssues := all.Jira.Issues(ctx, upstream.Agents, linked)
	if len(failedIssues) > 0 || len(issues) == len(linked) || len(issues) < len(linked)*9/10 { // a few have been deleted since
		t.Errorf("%d of %d issues, failed %v", len(issues), len(linked), failedIssues)
	}
}

func redisForgets(t *testing.T, box *sandbox.Sandbox) {
	all, err := clients.Open(t.Context(), box.Config, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	if err := all.Redis.Set(t.Context(), "k", "v", time.Second).Err(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(15 * time.Second)
	for all.Redis.Exists(t.Context(), "k").Val() == 1 {
		if time.Now().After(deadline) {
			t.Fatal("what was kept for a second is still there")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// vendorsAskForTheKey: another user of the machine does not read them by accident.
func vendorsAskForTheKey(t *testing.T, box *sandbox.Sandbox) {
	for _, address := range []string{
		box.Config.Stripe.BaseURL + "/customers/cus_x", box.Config.Cloudflare.BaseURL + "/zones",
		box.Config.Zendesk.BaseURL + "/tickets/show_many?ids=1", box.Config.Jira.BaseURL + "/issue/bulkfetch",
		box.Config.Salesforce.BaseURL + "/services/data/v66.0/composite/sobjects/Account",
	} {
		ask := func() (*http.Response, error) { return http.Get(address) }
		if !strings.Contains(address, "zendesk") && !strings.Contains(address, "stripe") && !strings.Contains(address, "cloudflare") {
			ask = func() (*http.Response, error) { return http.Post(address, "application/json", strings.NewReader("{}")) }
		}
		response, err := ask()
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode/100 != 4 || response.StatusCode == http.StatusNotFound {
			t.Errorf("%s: %s", address, response.Status)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestSecondStartFindsItsData(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	box := start(t, dir)
	pool := open(t, box.Config.Postgres)
	if _, err := pool.Exec(t.Context(), "update tickets set subject = 'changed by hand' where number = 1001"); err != nil {
		t.Fatal(err)
	}
	pool.Close()
	box.Close()

	again := start(t, dir)
	pool = open(t, again.Config.Postgres)
	var tickets, changed int
	err := pool.QueryRow(t.Context(), "select count(*), count(*) filter (where subject = 'changed by hand') from tickets").Scan(&tickets, &changed)
	if err != nil || tickets != seed.Small.Tickets || changed != 1 {
		t.Errorf("%d tickets, %d changed by hand, %v", tickets, changed, err)
	}
	pool.Close()
	again.Close()
}

// halfASeedIsNone breaks the seed in its last table.
func halfASeedIsNone(t *testing.T, box *sandbox.Sandbox) {
	pool := open(t, box.Config.Postgres)
	w := *box.World
	w.Scale.Tickets = 100 // another world
	const breakIt = `create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
		create trigger refuse before insert on ticket_events for each row execute function refuse()`
	if _, err := pool.Exec(t.Context(), breakIt); err != nil {
		t.Fatal(err)
	}
	if loaded, err := w.Load(t.Context(), pool); err == nil || loaded {
		t.Fatalf("a broken seed: %v, %v", loaded, err)
	}
	count := func() (tickets int) {
		if err := pool.QueryRow(t.Context(), "select count(*) from tickets").Scan(&tickets); err != nil {
			t.Fatal(err)
		}
		return tickets
	}
	if found := count(); found != seed.Small.Tickets {
		t.Errorf("after a broken seed there are %d tickets of the former world", found)
	}
	if _, err := pool.Exec(t.Context(), "drop trigger refuse on ticket_events"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		if loaded, err := w.Load(t.Context(), pool); err != nil || loaded != want {
			t.Errorf("%v, %v, want %v", loaded, err, want)
		}
	}
	if found := count(); found != 100 {
		t.Errorf("the other world has %d tickets, want 100", found)
	}
	// The next ticket gets a number of its own.
	var next int
	if err := pool.QueryRow(t.Context(), "select nextval(pg_get_serial_sequence('tickets', 'number'))").Scan(&next); err != nil || next != 1101 {
		t.Errorf("the next number is %d, %v", next, err)
	}
}

func template(t *testing.T, box *sandbox.Sandbox) {
	_ = open(t, box.Config.Postgres)
	for _, name := range []string{"one", "two"} {
		config, err := box.Postgres.Database(t.Context(), name, sandbox.Template)
		if err != nil {
			t.Fatal(err)
		}
		pool := open(t, config)
		tag, err := pool.Exec(t.Context(), "delete from ticket_tags")
		if err != nil || tag.RowsAffected() == 0 {
			t.Errorf("%v, %v", tag, err)
		}
	}
}

func TestCanceledStart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if box, err := sandbox.Start(ctx, sandbox.Options{Scale: seed.Small}); err == nil {
		box.Close()
		t.Error("a start that nobody waits for succeeds")
	}
}

// TestInterruptLeavesNoProcess presses Ctrl-C: everybody in the terminal's process group gets it.
func TestInterruptLeavesNoProcess(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), runEnv+"="+dir)
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		_ = child.Process.Kill()
		t.Fatalf("%q, %v", line, err)
	}
	note, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(note), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil || syscall.Kill(pid, 0) != nil {
		t.Fatalf("the database is process %q, %v", first, err)
	}
	if err := syscall.Kill(-child.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	if syscall.Kill(pid, 0) == nil {
		t.Error("the database outlives the sandbox")
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres", "postmaster.pid")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the database was not stopped cleanly: %v", err)
	}
}
