package endpoint

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint/budget"
)

// Allowance is what one audience may spend, in the points of its operations' cost. A bucket without points is none.
type Allowance struct {
	Viewer, Client, Account budget.Bucket
	// Concurrent is how many requests of one viewer a process works on at once; 0 for any number.
	Concurrent int
}

// DefaultAllowances are what the audiences may spend where nothing else is configured. A screen of the portal or the
// console costs some hundred points; a customer's whole account has four times what one of its people has, and an app
// what all its users have together, which bounds the app that runs wild and nobody else.
func DefaultAllowances() map[auth.Audience]Allowance {
	app := budget.Bucket{Points: 2_000_000, PerSecond: 100_000}
	return map[auth.Audience]Allowance{
		auth.Portal: {
			Viewer: budget.Bucket{Points: 10_000, PerSecond: 200}, Account: budget.Bucket{Points: 40_000, PerSecond: 800},
			Client: app, Concurrent: 20,
		},
		auth.Console:  {Viewer: budget.Bucket{Points: 50_000, PerSecond: 2_000}, Client: app, Concurrent: 50},
		auth.Explorer: {Viewer: budget.Bucket{Points: 50_000, PerSecond: 1_000}, Client: app, Concurrent: 20},
	}
}

// Budgets hold callers to their allowance.
type Budgets struct {
	Keeper     *budget.Keeper
	Allowances map[auth.Audience]Allowance
	// Account names the customer's account that a prepared request is charged to; empty for none.
	Account func(ctx context.Context) string
}

// leastCost is what every operation costs at least: even one of no price is read, checked and answered.
const leastCost = 1

// viewerBudget is the budget that comes first.
const viewerBudget = "viewer"

// crowd lets a viewer have only so many requests under way. Who is let in must leave.
func (h *handler) crowd(x *exchange) (leave func(), refused *refusal) {
	if h.Budgets == nil || h.Budgets.Allowances[x.viewer.Audience].Concurrent == 0 {
		return func() {}, nil
	}
	caller := string(x.viewer.Audience) + ":" + x.viewer.Subject
	leave, ok := h.concurrency.Enter(caller, h.Budgets.Allowances[x.viewer.Audience].Concurrent)
	if !ok {
		h.Metrics.observeShed(x.viewer.Audience, "caller")
		bound := h.Budgets.Allowances[x.viewer.Audience].Concurrent
		refused = refuseBeyond(http.StatusTooManyRequests, RateLimited, bound+1, bound).with("Retry-After", "1")
		refused.message = "Too many of your requests are under way at once."
		return nil, refused
	}
	return leave, nil
}

// reserve takes what an operation is priced at out of the budgets of its viewer, its app and its account, or refuses it.
// settle gives back what it did not come to, or takes what it came to beyond; response is nil where nothing ran.
func (h *handler) reserve(ctx context.Context, x *exchange) (settle func(response *graphql.Response), refused *refusal) {
	if h.Budgets == nil {
		return func(*graphql.Response) {}, nil
	}
	from := h.accounts(ctx, x)
	priced := max(x.cost.Estimated, leastCost)
	if x.dry {
		priced = leastCost
	}
	answer := h.Budgets.Keeper.Take(ctx, priced, from)
	x.tellBudgets(from, answer.Left)
	x.rateLimit(from, answer.Left)
	if !answer.Granted {
		seconds := strconv.Itoa(max(1, int(math.Ceil(answer.Wait.Seconds()))))
		return nil, refuse(http.StatusTooManyRequests, RateLimited).with("Retry-After", seconds)
	}
	return func(response *graphql.Response) {
		actual := x.actual(response, priced)
		if x.cost.Actual = actual; actual != priced {
			// What is due stays due when the caller has left.
			answer = h.Budgets.Keeper.Settle(context.WithoutCancel(ctx), actual-priced, from)
			x.tellBudgets(from, answer.Left)
		}
		if len(answer.Left) > 0 {
			x.cost.Remaining = &answer.Left[0]
		}
	}, nil
}

// actual is what an operation came to. One with errors came to what it was priced at: what was read for the parts that
// failed cannot be told from its answer.
func (x *exchange) actual(response *graphql.Response, priced int) int {
	if response == nil || response.Data == nil {
		return leastCost
	}
	if len(response.Errors) > 0 || x.dry {
		return priced
	}
	points, ok := x.price.Actual(response.Data)
	if !ok {
		return priced
	}
	return max(points, leastCost)
}

// accounts are the budgets that a request is charged to, the viewer's first.
func (h *handler) accounts(ctx context.Context, x *exchange) []budget.Account {
	allowance, audience := h.Budgets.Allowances[x.viewer.Audience], string(x.viewer.Audience)
	account := ""
	if h.Budgets.Account != nil {
		account = h.Budgets.Account(ctx)
	}
	var from []budget.Account
	for _, of := range []budget.Account{
		{Kind: viewerBudget, ID: x.viewer.Subject, Bucket: allowance.Viewer},
		{Kind: "client", ID: x.client.Name, Bucket: allowance.Client},
		{Kind: "account", ID: account, Bucket: allowance.Account},
	} {
		if of.ID != "" && of.Bucket.Points > 0 {
			of.ID = audience + ":" + of.ID
			from = append(from, of)
		}
	}
	return from
}

// tellBudgets tells the caller of the budgets, as draft-ietf-httpapi-ratelimit-headers has it: of each the policy, as the
// points of a full one and the seconds in which it fills, and what is left, with the seconds until it is full again.
func (x *exchange) tellBudgets(from []budget.Account, left []int) {
	var policies, levels []string
	for i, of := range from {
		policies = append(policies, fmt.Sprintf("%q;q=%d;w=%d", of.Kind, of.Bucket.Points, seconds(of.Bucket, of.Bucket.Points)))
		levels = append(levels, fmt.Sprintf("%q;r=%d;t=%d", of.Kind, max(0, left[i]), seconds(of.Bucket, of.Bucket.Points-left[i])))
	}
	if len(from) > 0 {
		x.w.Header().Set("RateLimit-Policy", strings.Join(policies, ", "))
		x.w.Header().Set("RateLimit", strings.Join(levels, ", "))
	}
}

func seconds(bucket budget.Bucket, points int) int {
	return int((time.Duration(float64(points)/bucket.PerSecond*float64(time.Second)) + time.Second - 1) / time.Second)
}
