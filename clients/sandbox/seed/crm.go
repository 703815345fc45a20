package seed

import (
	"fmt"
	"time"

	"supportgraph/clients/accounts"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/sandbox/vendors"
)

// CrmFields are the names that the sandbox's organisation at Salesforce gives to its own fields.
var CrmFields = salesforce.Fields{Segment: "Segment__c", RenewalDate: "Renewal_Date__c", ContractValue: "Contract_Value__c"}

// CrmCurrency is the currency of all its amounts.
const CrmCurrency = "USD"

var segments = map[accounts.Plan]string{
	accounts.PlanFree: "Self-service", accounts.PlanPro: "Small business", accounts.PlanBusiness: "Mid-market", accounts.PlanEnterprise: "Enterprise",
}

var industries = []string{"Retail", "Healthcare", "Logistics", "Media", "Finance", "Education", "Manufacturing", "Technology"}

// makeCrm gives every account that sales looks after its record at Salesforce, apart from the one that no vendor knows.
func (w *World) makeCrm() {
	r := sequence(partCrm)
	data := vendors.SalesforceData{Custom: []string{CrmFields.Segment, CrmFields.RenewalDate, CrmFields.ContractValue}}
	for i := range 8 {
		from := w.library.peoples[(i*5+2)%len(w.library.peoples)]
		shown, address := from.person(r)
		data.Users = append(data.Users, vendors.CrmUser{
			ID: vendors.SalesforceID("005" + r.word(alphanumeric, 12)), Name: shown, Email: fmt.Sprintf("%s@sales.example", address),
		})
	}
	for i, account := range w.Accounts {
		id := vendors.SalesforceID("001" + r.word(alphanumeric, 12))
		owner, industry := pick(r, data.Users).ID, pick(r, industries)
		renewal := Anchor.AddDate(0, 0, r.between(10, 360))
		looked := i < len(companies) || account.Plan != accounts.PlanFree && !r.chance(8)
		if !looked || account.ID == w.Landmarks.NotLinked {
			continue
		}
		account.SalesforceAccountID = ptr(salesforce.AccountID(id))
		if account.ID == w.Landmarks.UnknownCustomer {
			continue
		}
		record := vendors.CrmAccount{
			ID: id, Name: account.Name, Type: "Customer - Direct", Industry: industry, OwnerID: owner,
			Created: account.CreatedAt.Add(time.Hour), Modified: account.UpdatedAt.Add(time.Hour),
			Custom: map[string]any{CrmFields.Segment: segments[account.Plan]},
		}
		if o := offers[account.Plan]; o.amount > 0 {
			record.Custom[CrmFields.RenewalDate] = renewal.Format(time.DateOnly)
			year := 12 * o.amount * max(1, len(account.Zones))
			if account.Plan == accounts.PlanEnterprise { // priced by the year already
				year = o.amount
			}
			record.Custom[CrmFields.ContractValue] = float64(year) / 100
		}
		data.Accounts = append(data.Accounts, record)
	}
	w.Vendors.Salesforce = data
}
