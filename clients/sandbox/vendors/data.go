package vendors

import "time"

// Data is what the stand-ins serve. It must not be changed once it was handed to New.
type Data struct {
	Customers []Customer // Stripe
	Accounts  []Account  // Cloudflare
	Page      Page       // Statuspage
	Issues    []Issue    // Jira

	Salesforce SalesforceData
	Zendesk    ZendeskData
}

// Customer is a customer of Stripe.
type Customer struct {
	ID            string // "cus_..."
	Name          string // empty: null on the wire
	Email         string // empty: null on the wire
	Currency      string // "usd"; empty: null on the wire
	Balance       int    // minor units, negative is a credit
	Delinquent    bool
	Deleted       bool // answered as {"deleted":true} with status 200
	Created       time.Time
	Metadata      map[string]string
	Subscriptions []Subscription
	Invoices      []Invoice
}

// Subscription is a subscription of a Stripe customer. Ended ones (canceled, incomplete_expired) are not part of a
// customer's answer, as at Stripe.
type Subscription struct {
	ID                string // "sub_..."
	Status            string // as on the wire: "active", "past_due"
	CancelAtPeriodEnd bool
	Created           time.Time
	TrialEnd          time.Time // zero: null on the wire
	Items             []Item
}

// Item is one priced line of a subscription. The periods live here, not on the subscription, as at Stripe.
type Item struct {
	ID            string // "si_..."
	PriceID       string // "price_..."
	ProductID     string // "prod_..."
	Nickname      string // empty: null on the wire
	UnitAmount    int    // minor units
	Currency      string
	Quantity      int
	Interval      string // "month"; empty: a price that does not recur
	IntervalCount int
	PeriodStart   time.Time
	PeriodEnd     time.Time
}

// Account is an account of Cloudflare.
type Account struct {
	ID            string // 32 hexadecimal digits
	Name          string
	Type          string // as on the wire: "standard", "enterprise"; empty: "standard"
	TwoFactor     bool   // demanded of all members
	Created       time.Time
	Zones         []Zone
	Subscriptions []RatePlan
}

// RatePlan is a subscription of a Cloudflare account to a plan.
type RatePlan struct {
	ID        string // 32 hexadecimal digits
	State     string // as on the wire: "Paid", "AwaitingPayment"; empty: "Paid"
	Price     float64
	Currency  string // "USD"
	Frequency string // as on the wire: "monthly"
	Start     time.Time
	End       time.Time
	Plan      string // the plan's stable key, "business"
	Name      string // "Business Plan"
	Scope     string // as on the wire: "zone", "account"
	Contract  bool
}

// Zone is a zone of a Cloudflare account.
type Zone struct {
	ID          string // 32 hexadecimal digits
	Name        string // "example.com"
	Status      string // as on the wire: "active", "pending"; empty: "active"
	Paused      bool
	Type        string // as on the wire: "full", "partial"; empty: "full"
	Plan        string // "Enterprise Website"
	PlanKey     string // "enterprise", the vendor's legacy_id
	NameServers []string
	Created     time.Time
	Activated   time.Time // zero: null on the wire
}

// Page is a public status page.
type Page struct {
	ID           string
	Name         string
	URL          string
	Indicator    string // as on the wire: "none", "minor", "major", "critical"; empty: "none"
	Description  string // "All Systems Operational"
	Updated      time.Time
	Components   []Component
	Incidents    []Incident    // unresolved ones, as in the vendor's summary
	Maintenances []Maintenance // upcoming and active ones
	Past         []Incident    // resolved ones, the newest first, which only the vendor's list of incidents has
}

// Component is a part of the service that a status page reports on.
type Component struct {
	ID      string
	Name    string
	Status  string // as on the wire: "operational", "partial_outage"; empty: "operational"
	Group   bool   // a heading that holds others
	GroupID string // the heading it stands under; empty: none
	Created time.Time
	Updated time.Time
}

// Incident is an incident of a status page.
type Incident struct {
	ID         string
	Name       string
	Status     string // as on the wire: "investigating"
	Impact     string // as on the wire: "major"
	URL        string // the vendor's shortlink; empty: null on the wire
	Started    time.Time
	Updated    time.Time
	Resolved   time.Time // zero: null on the wire
	Updates    []IncidentUpdate
	Components []string // ids of the page's components
}

// IncidentUpdate is one message of an incident.
type IncidentUpdate struct {
	ID     string
	Status string
	Body   string
	At     time.Time
}

// Maintenance is planned work, an incident with a window.
type Maintenance struct {
	Incident
	From  time.Time
	Until time.Time
}
