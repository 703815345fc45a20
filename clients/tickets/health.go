package tickets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"supportgraph/clients/salesforce"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/stripe"
	"supportgraph/clients/upstream"
)

// AccountHealth is how an account fares with us.
type AccountHealth struct {
	Score    int // 0, the worst, to 100
	Level    HealthLevel
	Complete bool // whether every source answered
	Factors  []*HealthFactor
}

// HealthLevel sums a score up.
type HealthLevel string

// The levels.
const (
	HealthGood HealthLevel = "GOOD" // from 80
	HealthFair HealthLevel = "FAIR" // from 50
	HealthPoor HealthLevel = "POOR"
)

// HealthFactor is one thing that makes an account fare better or worse.
type HealthFactor struct {
	Name        HealthFactorName
	Weight      int  // the points that it can take from the score
	Value       *int // those that it takes; nil where nobody knows
	State       HealthFactorState
	Explanation string
	Source      *upstream.Source // nil for our own records
}

// HealthFactorName tells the factors apart.
type HealthFactorName string

// The factors, in the order in which they are told.
const (
	FactorOpen      HealthFactorName = "OPEN_TICKETS"
	FactorUrgent    HealthFactorName = "URGENT_TICKETS"
	FactorBreaches  HealthFactorName = "BREACHES"
	FactorReopened  HealthFactorName = "REOPENINGS"
	FactorBilling   HealthFactorName = "BILLING"
	FactorRenewal   HealthFactorName = "RENEWAL"
	FactorSegment   HealthFactorName = "SEGMENT"
	FactorIncidents HealthFactorName = "INCIDENTS"
)

// HealthFactorState tells what is known from what is not.
type HealthFactorState string

// The states.
const (
	FactorKnown   HealthFactorState = "KNOWN"
	FactorMissing HealthFactorState = "MISSING" // its source gave no answer, and no earlier one is known
	FactorNone    HealthFactorState = "NONE"    // there is nothing to tell it by: not linked there, or never entered
)

// What the factors weigh, together 100.
const (
	openWeight      = 10
	urgentWeight    = 20
	breachWeight    = 20
	reopenedWeight  = 10
	billingWeight   = 20
	renewalWeight   = 10
	segmentWeight   = 5
	incidentsWeight = 5
)

// HealthFacts is what the health of an account is told by. A vendor's value that is nil beside no error is not linked.
type HealthFacts struct {
	Now        time.Time
	Workload   Workload
	Products   []string
	Billing    *stripe.BillingProfile
	BillingErr error
	Crm        *salesforce.CrmAccount
	CrmErr     error
	Page       *statuspage.Snapshot
	PageErr    error
}

// Health tells how an account fares. What a source did not tell counts neither for it nor against it: the score is that of
// the factors that are known.
func Health(f HealthFacts) *AccountHealth {
	h := &AccountHealth{Complete: true, Factors: []*HealthFactor{
		own(FactorOpen, openWeight, f.Workload.Open, counted(f.Workload.Open, "ticket is open", "tickets are open")),
		own(FactorUrgent, urgentWeight, 7*f.Workload.Urgent, counted(f.Workload.Urgent, "open ticket is of P1 or P2", "open tickets are of P1 or P2")),
		own(FactorBreaches, breachWeight, 5*f.Workload.Breached, "In 30 days, promises were broken on "+counted(f.Workload.Breached, "ticket", "tickets")),
		own(FactorReopened, reopenedWeight, 2*f.Workload.Reopened, "In 30 days, solved tickets were opened again "+counted(f.Workload.Reopened, "time", "times")),
		f.billing(), f.renewal(), f.segment(), f.incidents(),
	}}
	taken, known := 0, 0
	for _, factor := range h.Factors {
		if factor.Value != nil {
			taken, known = taken+*factor.Value, known+factor.Weight
		}
		h.Complete = h.Complete && factor.State != FactorMissing
	}
	h.Score = 100 - (200*taken+known)/(2*known) // rounded; our own factors are always known
	switch {
	case h.Score >= 80:
		h.Level = HealthGood
	case h.Score >= 50:
		h.Level = HealthFair
	default:
		h.Level = HealthPoor
	}
	return h
}

func own(name HealthFactorName, weight, points int, explanation string) *HealthFactor {
	return known(name, weight, points, nil, explanation)
}

func known(name HealthFactorName, weight, points int, source *upstream.Source, explanation string) *HealthFactor {
	points = min(max(points, 0), weight)
	return &HealthFactor{Name: name, Weight: weight, Value: &points, State: FactorKnown, Explanation: explanation + ".", Source: source}
}

// unknown is a factor without a value: its vendor failed, or has nothing to tell it by.
func unknown(name HealthFactorName, weight int, vendor upstream.Service, err error, without string) *HealthFactor {
	if err == nil {
		return &HealthFactor{Name: name, Weight: weight, State: FactorNone, Explanation: without + ".", Source: &upstream.Source{Name: vendor}}
	}
	return &HealthFactor{Name: name, Weight: weight, State: FactorMissing, Source: &upstream.Down(vendor, err).Source,
		Explanation: "Not known: the source gives no answer at the moment."}
}

func (f *HealthFacts) billing() *HealthFactor {
	if f.Billing == nil {
		return unknown(FactorBilling, billingWeight, upstream.Stripe, f.BillingErr, "It has no customer at Stripe")
	}
	stands := func(status ...stripe.SubscriptionStatus) bool {
		return slices.ContainsFunc(f.Billing.Subscriptions, func(s *stripe.Subscription) bool { return slices.Contains(status, s.Status) })
	}
	points, why := 0, "Its invoices are paid"
	switch {
	case f.Billing.Delinquent:
		points, why = 20, "Its newest invoice is overdue"
	case stands(stripe.SubscriptionPastDue, stripe.SubscriptionUnpaid):
		points, why = 15, "A subscription was not paid in time"
	case slices.ContainsFunc(f.Billing.Subscriptions, func(s *stripe.Subscription) bool { return s.CancelAtPeriodEnd }):
		points, why = 10, "A subscription ends with its current period"
	}
	return known(FactorBilling, billingWeight, points, &f.Billing.Source, why)
}

func (f *HealthFacts) renewal() *HealthFactor {
	switch {
	case f.Crm == nil:
		return unknown(FactorRenewal, renewalWeight, upstream.Salesforce, f.CrmErr, "It has no account at Salesforce")
	case f.Crm.RenewalDate == nil:
		none := unknown(FactorRenewal, renewalWeight, upstream.Salesforce, nil, "Nobody entered when its contract ends")
		none.Source = &f.Crm.Source
		return none
	}
	day := f.Crm.RenewalDate.Format(time.DateOnly)
	switch days := int(f.Crm.RenewalDate.Sub(f.Now).Hours() / 24); {
	case f.Crm.RenewalDate.Before(f.Now):
		return known(FactorRenewal, renewalWeight, 10, &f.Crm.Source, "Its contract ended on "+day)
	case days <= 30:
		return known(FactorRenewal, renewalWeight, 8, &f.Crm.Source, "Its contract ends on "+day+", within a month")
	case days <= 90:
		return known(FactorRenewal, renewalWeight, 4, &f.Crm.Source, "Its contract ends on "+day+", within three months")
	default:
		return known(FactorRenewal, renewalWeight, 0, &f.Crm.Source, "Its contract ends on "+day)
	}
}

// demanding are the segments that expect urgent tickets to be worked on before all others.
var demanding = []string{"enterprise", "strategic"}

func (f *HealthFacts) segment() *HealthFactor {
	switch {
	case f.Crm == nil:
		return unknown(FactorSegment, segmentWeight, upstream.Salesforce, f.CrmErr, "It has no account at Salesforce")
	case f.Crm.Segment == nil:
		none := unknown(FactorSegment, segmentWeight, upstream.Salesforce, nil, "Sales put it in no segment")
		none.Source = &f.Crm.Source
		return none
	case slices.Contains(demanding, strings.ToLower(*f.Crm.Segment)) && f.Workload.Urgent > 0:
		return known(FactorSegment, segmentWeight, segmentWeight, &f.Crm.Source, "Its segment is "+*f.Crm.Segment+", and urgent tickets are open")
	default:
		return known(FactorSegment, segmentWeight, 0, &f.Crm.Source, "Its segment is "+*f.Crm.Segment)
	}
}

// impactPoints are what an incident under way takes, by its impact.
var impactPoints = map[statuspage.IncidentImpact]int{
	statuspage.ImpactCritical: 5, statuspage.ImpactMajor: 4, statuspage.ImpactMinor: 2, statuspage.ImpactOther: 1,
}

func (f *HealthFacts) incidents() *HealthFactor {
	if f.Page == nil {
		return unknown(FactorIncidents, incidentsWeight, upstream.Statuspage, f.PageErr, "There is no status page")
	}
	touching := slices.DeleteFunc(f.Page.Touching(f.Products), func(i *statuspage.Incident) bool { return !i.Active() })
	if len(touching) == 0 {
		return known(FactorIncidents, incidentsWeight, 0, &f.Page.Source, "No incident touches what it uses")
	}
	worst := slices.MaxFunc(touching, func(a, b *statuspage.Incident) int {
		return cmp.Compare(impactPoints[a.Impact], impactPoints[b.Impact])
	})
	return known(FactorIncidents, incidentsWeight, impactPoints[worst.Impact], &f.Page.Source, "What it uses is touched by: "+worst.Name)
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}
