package salesforce

import (
	"context"
	"time"

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
	Source        upstream.Source
}

// CrmOwner is a user of Salesforce who looks after customers.
type CrmOwner struct {
	ID     UserID // of 18 characters
	Name   string
	Email  *string
	Active bool
	Source upstream.Source
}

const (
	maxRetrieved = 2000 // records of one call
	readAccounts = "accounts.retrieve"
	readUsers    = "users.retrieve"
)

// Accounts reads customers: one call for up to 2,000 distinct ids. Both forms of an id name the same record, and each finds
// it under the form in which it was asked for. An id in neither map is one that Salesforce does not know or does not
// show us. Errors are *upstream.Error.
func (c *Client) Accounts(ctx context.Context, ids []AccountID) (map[AccountID]*CrmAccount, map[AccountID]error) {
	return records(ctx, c, readAccounts, ids, AccountID.Long, func(ctx context.Context, chunk []AccountID) (map[AccountID]*CrmAccount, error) {
		answer := accounts{asked: chunk, fields: c.fields, currency: c.currency}
		if err := c.retrieve(ctx, readAccounts, "Account", texts(chunk), c.fields.names(), &answer); err != nil {
			return nil, err
		}
		return answer.found(time.Now()), nil
	})
}

// Owners reads those who look after customers, as Accounts reads these.
func (c *Client) Owners(ctx context.Context, ids []UserID) (map[UserID]*CrmOwner, map[UserID]error) {
	return records(ctx, c, readUsers, ids, UserID.Long, func(ctx context.Context, chunk []UserID) (map[UserID]*CrmOwner, error) {
		answer := users{asked: chunk}
		if err := c.retrieve(ctx, readUsers, "User", texts(chunk), []string{"Id", "Name", "Email", "IsActive"}, &answer); err != nil {
			return nil, err
		}
		return answer.found(time.Now()), nil
	})
}

// records reads by ids of 18 characters and answers under the ids that were asked for.
func records[K ~string, V any](ctx context.Context, c *Client, op string, ids []K, long func(K) K, read func(context.Context, []K) (map[K]*V, error)) (map[K]*V, map[K]error) {
	known := make([]K, 0, len(ids))
	for _, id := range ids {
		if key := long(id); key != "" {
			known = append(known, key)
		}
	}
	values, faults := upstream.Chunks(ctx, c.upstream, op, maxRetrieved, known, func(ctx context.Context, chunk []K) (map[K]*V, map[K]error, error) {
		found, err := read(ctx, chunk)
		return found, nil, err
	})
	found, failed := make(map[K]*V, len(ids)), make(map[K]error)
	for _, id := range ids {
		key := long(id)
		if value, ok := values[key]; ok {
			found[id] = value
		}
		if err, ok := faults[key]; ok {
			failed[id] = err
		}
	}
	return found, failed
}

func texts[K ~string](ids []K) []string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return texts
}
