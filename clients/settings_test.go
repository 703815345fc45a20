package clients_test

import (
	"strings"
	"testing"

	"supportgraph/clients"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/settings"
)

// configured reads settings as the program does in a demo, where nothing is required.
func configured(t *testing.T, given map[string]string) (clients.Settings, error) {
	t.Helper()
	var all struct {
		Environment string `env:"ENVIRONMENT"`
		clients.Settings
	}
	given["ENVIRONMENT"] = "demo"
	err := settings.Read(&all, nil, func(key string) string { return given[key] })
	return all.Settings, err
}

// The fields that an organisation names for itself in Salesforce come with its address, and never without it.
func TestSalesforceIsReadByTheOrganisationsOwnNames(t *testing.T) {
	t.Parallel()
	sandbox := clients.Config{Salesforce: salesforce.Config{Currency: "USD", Fields: salesforce.Fields{Segment: "Sandbox__c"}}}
	named := map[string]string{
		"SALESFORCE_SEGMENT_FIELD": "Segment__c", "SALESFORCE_RENEWAL_FIELD": "Ends__c", "SALESFORCE_VALUE_FIELD": "Value__c",
		"SALESFORCE_CURRENCY": "CurrencyIsoCode",
	}
	read, err := configured(t, named)
	if err != nil {
		t.Fatal(err)
	}
	if got := read.Over(sandbox).Salesforce; got.Fields != sandbox.Salesforce.Fields || got.Currency != "USD" {
		t.Errorf("without an address: %+v", got)
	}
	named["SALESFORCE_URL"] = "https://acme.my.salesforce.com"
	if read, err = configured(t, named); err != nil {
		t.Fatal(err)
	}
	want := salesforce.Fields{Segment: "Segment__c", RenewalDate: "Ends__c", ContractValue: "Value__c", Currency: "CurrencyIsoCode"}
	if got := read.Over(sandbox).Salesforce; got.Fields != want || got.Currency != "" || got.BaseURL != named["SALESFORCE_URL"] {
		t.Errorf("by name: %+v", got)
	}
	if read, err = configured(t, map[string]string{"SALESFORCE_URL": named["SALESFORCE_URL"], "SALESFORCE_CURRENCY": "EUR"}); err != nil {
		t.Fatal(err)
	}
	if got := read.Over(sandbox).Salesforce; got.Fields != (salesforce.Fields{Segment: "Type"}) || got.Currency != "EUR" {
		t.Errorf("of one currency: %+v", got)
	}
	_, err = configured(t, map[string]string{"SALESFORCE_VALUE_FIELD": "Value__c, Secret__c", "SALESFORCE_CURRENCY": "€"})
	if err == nil || !strings.Contains(err.Error(), "SALESFORCE_VALUE_FIELD") || !strings.Contains(err.Error(), "SALESFORCE_CURRENCY") || strings.Contains(err.Error(), "Secret__c") {
		t.Errorf("what is no name: %v", err)
	}
}
