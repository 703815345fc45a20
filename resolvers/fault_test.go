package resolvers_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"supportgraph/clients"
	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
)

// everyVendor asks an account for what each vendor knows of it, by names of our own.
const everyVendor = `query {
	accounts(text: "Northwind", first: 12) { nodes {
		name
		cloudflare: zones { __typename ... on ZoneList { totalCount nodes { name status } } ...down }
		stripe: billing { __typename ... on BillingProfile { delinquent subscriptions { status } invoices { __typename ... on InvoiceList { nodes { status total } } ...down } } ...down }
		salesforce: crm { __typename ... on CrmAccount { name segment owner { name } } ...down }
		zendesk: vendorTickets { __typename ... on VendorTicketList { nodes { subject status } } ...down }
		tickets(filter: {status: [ON_HOLD_ENGINEERING]}, first: 2) { nodes { ref linkedIssues {
			jira: issue { __typename ... on EngineeringIssue { key state } ...down }
		} } }
		statuspage: incidents { __typename ... on IncidentList { nodes { name } } ...down }
	} }
	hosted: accounts(text: "Northwind", first: 12) { nodes {
		cloudflare: hosting { __typename ... on HostingAccount { type subscriptions { __typename ... on HostingSubscriptionList { nodes { plan state } } ...down } } ...down }
	} }
}
fragment down on SourceUnavailable { reason source { name } }`

// pieces are what an answer holds under each of our names for the vendors, anywhere in it; the rest is under "".
func pieces(t *testing.T, body []byte) map[string][]string {
	t.Helper()
	var answered any
	if err := json.Unmarshal(body, &answered); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	var walk func(value any)
	walk = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(value)) {
				switch name {
				case vendors.Cloudflare, vendors.Stripe, vendors.Salesforce, vendors.Zendesk, vendors.Jira, vendors.Statuspage:
					text, _ := json.Marshal(value[name])
					found[name] = append(found[name], string(text))
				default:
					walk(value[name])
				}
			}
		case []any:
			for _, element := range value {
				walk(element)
			}
		default:
			found[""] = append(found[""], fmt.Sprint(value))
		}
	}
	walk(answered)
	return found
}

// patient has a busy machine give no reasons of its own.
func patient(config *clients.Config) {
	for _, vendor := range []*upstream.Config{
		&config.Cloudflare, &config.Stripe, &config.Statuspage, &config.Salesforce.Config, &config.Jira, &config.Zendesk,
	} {
		vendor.Timeout, vendor.Retries = 9*time.Second, -1
	}
}

// TestOneBrokenVendorIsMissingAlone breaks each vendor in every way that leaves an answer, in front of the endpoint: what it
// would have told is a type with its reason, all else is as ever to the byte, and of its words there is nothing.
func TestOneBrokenVendorIsMissingAlone(t *testing.T) {
	t.Parallel()
	whole := theHouse.ask(t, theHouse.planned, "agent", everyVendor, nil)
	want := pieces(t, whole.body)
	faults := map[string]struct {
		fault  vendors.Fault
		reason string
	}{
		"a page":             {vendors.Fault{Mode: vendors.HTML, Status: 200}, "BAD_ANSWER"},
		"truncated":          {vendors.Fault{Mode: vendors.Truncate}, "BAD_ANSWER"},
		"wrong types":        {vendors.Fault{Mode: vendors.WrongType}, "BAD_ANSWER"},
		"100 MB":             {vendors.Fault{Mode: vendors.Huge}, "BAD_ANSWER"},
		"a failure in a 200": {vendors.Fault{Mode: vendors.Unsuccessful}, "BAD_ANSWER"},
		"a proxy's 502":      {vendors.Fault{Mode: vendors.HTML}, "UNAVAILABLE"},
		"fault":              {vendors.Fault{ErrorRate: 1, Status: 500}, "UNAVAILABLE"},
		"reset":              {vendors.Fault{Mode: vendors.Reset}, "UNAVAILABLE"},
		"refused":            {vendors.Fault{Mode: vendors.Unauthorized}, "REFUSED"},
		"throttled":          {vendors.Fault{ErrorRate: 1, Status: 429}, "RATE_LIMITED"},
	}
	for _, vendor := range []string{vendors.Cloudflare, vendors.Stripe, vendors.Salesforce, vendors.Zendesk, vendors.Jira, vendors.Statuspage} {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			if len(want[vendor]) == 0 {
				t.Fatalf("the healthy answer has nothing of it: %s", whole.body)
			}
			for name, test := range faults {
				if vendor == vendors.Statuspage && test.fault.Mode == vendors.Unauthorized {
					continue // it asks nobody who they are
				}
				test.fault.Vendor = vendor
				if vendor == vendors.Salesforce {
					test.fault.Op = "accounts.retrieve"
				}
				broken := apartAs(t, patient, test.fault)
				got := broken.ask(t, broken.planned, "agent", everyVendor, nil)
				for other, answers := range pieces(t, got.body) {
					if other != vendor {
						if !slices.Equal(answers, want[other]) {
							t.Errorf("%s: %q has changed:\n%q\n%q", name, other, want[other], answers)
						}
						continue
					}
					down := 0
					for i, text := range answers {
						if strings.Contains(text, `"SourceUnavailable"`) {
							down++
							if !strings.Contains(text, `"reason":"`+test.reason+`"`) {
								t.Errorf("%s: %s", name, text)
							}
						} else if text != want[vendor][i] || !strings.Contains(text, `"NotLinked"`) {
							t.Errorf("%s: got %s instead of %s", name, text, want[vendor][i])
						}
					}
					if down == 0 {
						t.Errorf("%s: nothing is missing", name)
					}
				}
				for _, word := range []string{"<html", "Bad Gateway", `"errors"`, "127.0.0.1", "Rate limit", "credentials"} {
					if strings.Contains(string(got.body), word) {
						t.Errorf("%s: the answer says %q: %s", name, word, got.body)
					}
				}
			}
		})
	}
}
