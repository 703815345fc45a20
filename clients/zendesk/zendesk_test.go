package zendesk_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	born    = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	changed = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
)

const (
	ada  = 2001 // a user
	acme = 5001 // an organisation
)

// data holds one of everything in particular, and n tickets of Acme.
func data(n int) vendors.ZendeskData {
	data := vendors.ZendeskData{
		Users: []vendors.ZendeskUser{
			{ID: ada, Name: "Ada", Email: "ada@acme.example", ExternalID: "con_Ada", OrganizationID: acme, Created: born, Updated: changed},
			{ID: 2002, Name: "Bo", Role: "agent", Suspended: true, Created: born, Updated: born},
			{ID: 2003, Name: "Cy", Role: "wizard", ExternalID: "con_cy", Created: born, Updated: born},
		},
		Organizations: []vendors.ZendeskOrganization{
			{ID: acme, Name: "Acme", ExternalID: "acc_1", Domains: []string{"acme.example"}, Tags: []string{"vip"}, Created: born, Updated: changed},
			{ID: 5002, Name: "Empty", Created: born, Updated: born},
		},
		Tickets: []vendors.ZendeskTicket{
			{ID: 1, ExternalID: "tkt_1", Subject: "522 on apex", Description: "It is down", Type: "incident", Priority: "high", Status: "open", RequesterID: ada,
				OrganizationID: acme, Tags: []string{"dns"}, Created: born, Updated: changed.Add(time.Hour)},
			{ID: 2, Subject: `say "type:user" twice`, Status: "frozen", Priority: "someday", RequesterID: 2002, Created: born.Add(time.Minute), Updated: changed},
		},
	}
	for i := range 250 {
		data.Tickets[0].Comments = append(data.Tickets[0].Comments, vendors.ZendeskComment{
			ID: int64(9001 + i), AuthorID: ada, Body: fmt.Sprint("Message ", i), Public: i%2 == 0, Created: born.Add(time.Duration(i) * time.Minute),
		})
	}
	for i := range n {
		data.Tickets = append(data.Tickets, vendors.ZendeskTicket{ID: int64(100 + i), Subject: fmt.Sprint("Ticket ", i), Status: "solved", RequesterID: ada,
			OrganizationID: acme, Created: born.Add(time.Duration(i+2) * time.Minute), Updated: changed.Add(-time.Duration(i) * time.Minute)})
	}
	return data
}

type world struct {
	*vendors.Server
	client *zendesk.Client
	base   string
}

func serve(t *testing.T, n int, options vendors.Options, cfg upstream.Config) *world {
	t.Helper()
	options.ZendeskToken = "zd_token"
	w := &world{Server: vendors.New(vendors.Data{Zendesk: data(n)}, options)}
	server := httptest.NewServer(w.Server)
	w.base = server.URL
	cfg.BaseURL, cfg.User = server.URL+vendors.ZendeskPath, "graph@acme.example/token"
	if cfg.Token == "" {
		cfg.Token = "zd_token"
	}
	w.client = zendesk.New(cfg, nil)
	t.Cleanup(func() { w.client.Close(); w.Close(); server.Close() })
	return w
}

func (w *world) strike(t *testing.T, faults ...vendors.Fault) {
	t.Helper()
	for i := range faults {
		faults[i].Vendor = vendors.Zendesk
	}
	if err := w.Break(faults...); err != nil {
		t.Fatal(err)
	}
}

func (w *world) calls() int { return w.Stats()[vendors.Zendesk].Calls }

func tickets(from, to int) []zendesk.TicketID {
	var ids []zendesk.TicketID
	for i := from; i < to; i++ {
		ids = append(ids, zendesk.TicketID(100+i))
	}
	return ids
}

func ptr[T any](value T) *T { return &value }

// eventually polls until the condition holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Error("it never came to hold")
			return
		}
	}
}
