package stripe_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stripe/stripe-mock/embedded"
	mock "github.com/stripe/stripe-mock/server"

	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
)

// stub is Stripe's own stand-in, which checks calls by the vendor's OpenAPI document and answers from it. It refuses another
// version of the API than the document's.
var stub = sync.OnceValues(func() (*mock.StubServer, error) {
	fixtures, err := mock.LoadFixtures(embedded.OpenAPIFixtures, "")
	if err != nil {
		return nil, err
	}
	document, err := mock.LoadSpec(embedded.OpenAPISpec, "")
	if err != nil {
		return nil, err
	}
	for path := range document.Paths { // the others take long to prepare
		if path != "/v1/customers/{customer}" && path != "/v1/invoices" {
			delete(document.Paths, path)
		}
	}
	return mock.NewStubServer(fixtures, document, true, false)
})

// fixture is the customer of the invoices that the stand-in has, whoever is asked for.
const fixture = "cus_QXg1o8vcGmoR32"

func oracle(t *testing.T, key string) *stripe.Client {
	t.Helper()
	stub, err := stub()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(stub.HandleRequest))
	client := stripe.New(upstream.Config{BaseURL: server.URL + "/v1", Token: key}, nil)
	t.Cleanup(func() { client.Close(); server.Close() })
	return client
}

func TestStripesOwnStandInUnderstandsUs(t *testing.T) {
	t.Parallel()
	client := oracle(t, "rk_test_123")
	profiles, failed := client.Profiles(t.Context(), upstream.Agents, []stripe.CustomerID{"cus_oracle", "cus_delphi"})
	if len(profiles) != 2 || len(failed) != 0 {
		t.Fatalf("found %v, failed %v", profiles, failed)
	}
	profile := profiles["cus_oracle"]
	if profile.CustomerID != "cus_oracle" || profile.CreatedAt.IsZero() || profile.Subscriptions == nil || profile.Source.FetchedAt == nil {
		t.Errorf("profile %+v", profile)
	}
	lists, failed := client.Invoices(t.Context(), upstream.Agents, []stripe.CustomerID{fixture})
	list := lists[fixture]
	if len(failed) != 0 || list == nil || len(list.Nodes) == 0 {
		t.Fatalf("invoices %v, failed %v", lists, failed)
	}
	for _, invoice := range list.Nodes {
		if invoice.ID == "" || invoice.Status == stripe.InvoiceOther || len(invoice.Currency) != 3 || invoice.CreatedAt.IsZero() {
			t.Errorf("invoice %+v", invoice)
		}
	}
}

func TestStripesOwnStandInRefusesUs(t *testing.T) {
	t.Parallel()
	client := oracle(t, "nonsense")
	_, failed := client.Profiles(t.Context(), upstream.Agents, []stripe.CustomerID{"cus_oracle"})
	var cause *upstream.Error
	if !errors.As(failed["cus_oracle"], &cause) || cause.Reason != upstream.Refused || cause.Status != http.StatusUnauthorized || cause.Code != "invalid_request_error" {
		t.Errorf("a key that is none: %v", failed)
	}
}
