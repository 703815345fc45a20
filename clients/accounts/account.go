package accounts

import (
	"time"

	"supportgraph/clients/cloudflare"
	"supportgraph/clients/postgres"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/stripe"
	"supportgraph/clients/zendesk"
)

type accountKind struct{}

func (accountKind) Prefix() string { return "acc" }

// ID is the key of an account.
type ID struct{ postgres.Key[accountKind] }

// Plan is what an account pays for.
type Plan string

// The plans.
const (
	PlanFree       Plan = "FREE"
	PlanPro        Plan = "PRO"
	PlanBusiness   Plan = "BUSINESS"
	PlanEnterprise Plan = "ENTERPRISE"
)

// Tier is the level of support that an account has.
type Tier struct {
	Key  string
	Name string
}

// Account is a customer organisation or a part of one.
type Account struct {
	ID                    ID
	Name                  string
	Plan                  Plan
	TierKey               string
	TierName              string
	ParentID              *ID
	Products              []string // by the names of the status page's components
	StripeCustomerID      *stripe.CustomerID
	CloudflareAccountID   *cloudflare.AccountID
	SalesforceAccountID   *salesforce.AccountID
	ZendeskOrganizationID *zendesk.OrganizationID
	CreatedAt             time.Time
	UpdatedAt             time.Time
}

// Tier is the account's level of support.
func (a *Account) Tier() *Tier { return &Tier{Key: a.TierKey, Name: a.TierName} }

// NameOrder marks the cursors of account lists, which are sorted by name.
const NameOrder = 'a'

// Cursor is the position behind an account in a list by name.
func (a *Account) Cursor() postgres.Cursor {
	return postgres.Cursor{Order: NameOrder, Key: a.ID.UUID, Value: a.Name}
}

const accountColumns = `
	a.id, a.name, a.plan, a.tier as tier_key, t.name as tier_name, a.parent_id, a.products,
	a.stripe_customer_id, a.cloudflare_account_id, a.salesforce_account_id, a.zendesk_organization_id, a.created_at, a.updated_at`

// ByID reads those of the accounts that the scope covers.
func ByID(scope Scope, ids []ID) postgres.Query[*Account] {
	return postgres.Query[*Account]{
		SQL: `-- accounts.by_id
			select` + accountColumns + `
			from accounts a join tiers t on t.key = a.tier
			where a.id = any($1) and ($2 or a.id = any($3))
			order by a.id`,
		Args: []any{ids, scope.Staff, scope.accounts()},
		Row:  postgres.ToAddr[Account],
	}
}

// List reads a page of the accounts that the scope covers, by name: those whose name has the words of text, where it is
// not nil. It reads one row more than asked for.
func List(scope Scope, text *string, first int, after postgres.Position) postgres.Query[*Account] {
	return postgres.Query[*Account]{
		SQL: `-- accounts.list
			select` + accountColumns + `
			from accounts a join tiers t on t.key = a.tier
			where ($1 or a.id = any($2))
				and ($3::text is null or to_tsvector('simple', a.name) @@ websearch_to_tsquery('simple', $3))
				and ($4::text is null or (a.name, a.id) > ($4, $5::uuid))
			order by a.name, a.id
			limit $6`,
		Args: []any{scope.Staff, scope.accounts(), text, after.Value, after.Key, first + 1},
		Row:  postgres.ToAddr[Account],
	}
}

// Children reads a page of the accounts directly below each of the parents, by name; one row more than asked for each.
func Children(scope Scope, parents []ID, first int, after postgres.Position) postgres.Query[*Account] {
	return postgres.Query[*Account]{
		SQL: `-- accounts.children
			select` + accountColumns + `
			from unnest($1::uuid[]) as p (id)
			cross join lateral (
				select * from accounts
				where parent_id = p.id and ($2 or id = any($3)) and ($4::text is null or (name, id) > ($4, $5::uuid))
				order by name, id
				limit $6
			) a
			join tiers t on t.key = a.tier
			order by a.parent_id, a.name, a.id`,
		Args: []any{parents, scope.Staff, scope.accounts(), after.Value, after.Key, first + 1},
		Row:  postgres.ToAddr[Account],
	}
}
