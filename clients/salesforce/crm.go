package salesforce

import (
	"context"
	"time"

	"supportgraph/clients/cache"
	"supportgraph/clients/upstream"
)

// CrmAccount is what Salesforce knows of a customer.
type CrmAccount struct {
	ID            AccountID // of 18 characters
	Name          string
	Segment       *string
	Industry      *string
	OwnerID       *UserID    // who looks after the customer
	RenewalDate   *time.Time // the day on which the contract ends unless it is renewed, at its beginning in UTC
	ContractValue *int       // minor units of Currency; of a hundredth where that is nil
	Currency      *string    // ISO 4217, upper-case; nil where the configuration does not tell
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Source        upstream.Source `json:"-"` // of this answer, not of the record as it is kept
}

// CrmOwner is a user of Salesforce who looks after customers.
type CrmOwner struct {
	ID     UserID // of 18 characters
	Name   string
	Email  *string
	Active bool
	Source upstream.Source `json:"-"` // of this answer, not of the record as it is kept
}

const (
	maxRetrieved = 2000 // records of one call
	readAccounts = "accounts.retrieve"
	readUsers    = "users.retrieve"
)

// Accounts returns customers: those that are kept, and one call for up to 2,000 other distinct ids. Both forms of an id name
// the same record, and each finds it under the form in which it was asked for. An id in neither map is one that Salesforce
// does not know or does not show us. Errors are *upstream.Error. What records hold is shared and must not be changed.
func (c *Client) Accounts(ctx context.Context, lane upstream.Lane, ids []AccountID) (map[AccountID]*CrmAccount, map[AccountID]error) {
	up := c.upstream.In(lane)
	found, failed := cache.GetBy(ctx, c.accounts, lane, ids, AccountID.Long, func(ctx context.Context, ids []AccountID) (map[AccountID]*CrmAccount, map[AccountID]error) {
		return upstream.Chunks(ctx, up, readAccounts, maxRetrieved, ids, func(ctx context.Context, chunk []AccountID) (map[AccountID]*CrmAccount, map[AccountID]error, error) {
			answer := accounts{asked: chunk, fields: c.fields, currency: c.currency}
			err := c.retrieve(ctx, up, readAccounts, "Account", texts(chunk), c.fields.names(), &answer)
			if err != nil {
				return nil, nil, err
			}
			return answer.found(), nil, nil
		})
	})
	return cache.Values(found, func(account *CrmAccount) *upstream.Source { return &account.Source }), failed
}

// Owners returns those who look after customers, as Accounts returns these.
func (c *Client) Owners(ctx context.Context, lane upstream.Lane, ids []UserID) (map[UserID]*CrmOwner, map[UserID]error) {
	up := c.upstream.In(lane)
	found, failed := cache.GetBy(ctx, c.owners, lane, ids, UserID.Long, func(ctx context.Context, ids []UserID) (map[UserID]*CrmOwner, map[UserID]error) {
		return upstream.Chunks(ctx, up, readUsers, maxRetrieved, ids, func(ctx context.Context, chunk []UserID) (map[UserID]*CrmOwner, map[UserID]error, error) {
			answer := users{asked: chunk}
			err := c.retrieve(ctx, up, readUsers, "User", texts(chunk), []string{"Id", "Name", "Email", "IsActive"}, &answer)
			if err != nil {
				return nil, nil, err
			}
			return answer.found(), nil, nil
		})
	})
	return cache.Values(found, func(owner *CrmOwner) *upstream.Source { return &owner.Source }), failed
}

// Invalidate says that what is kept of customers, in either form of their ids, is no longer right. An error means that other
// processes were not told.
func (c *Client) Invalidate(ctx context.Context, ids ...AccountID) error {
	long := make([]AccountID, len(ids))
	for i, id := range ids {
		long[i] = id.Long()
	}
	return c.accounts.Invalidate(ctx, long...)
}

// InvalidateOwners says of owners what Invalidate says of customers.
func (c *Client) InvalidateOwners(ctx context.Context, ids ...UserID) error {
	long := make([]UserID, len(ids))
	for i, id := range ids {
		long[i] = id.Long()
	}
	return c.owners.Invalidate(ctx, long...)
}

func texts[K ~string](ids []K) []string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return texts
}
