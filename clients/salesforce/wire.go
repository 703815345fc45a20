package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"supportgraph/clients/upstream"
)

// account is a record of Account on the wire (developer.salesforce.com, "Object Reference: Account").
type account struct {
	ID       AccountID       `json:"Id"`
	Name     string          `json:"Name"`
	Industry *string         `json:"Industry"`
	OwnerID  *UserID         `json:"OwnerId"`
	Created  upstream.Moment `json:"CreatedDate"`
	Modified upstream.Moment `json:"LastModifiedDate"`

	segment  *string
	renewal  *time.Time
	value    *float64
	currency *string
	own      map[string]json.RawMessage // all of it, for the fields that the organisation names for itself
}

// UnmarshalJSON reads a record.
func (a *account) UnmarshalJSON(text []byte) error {
	type plain account
	if err := json.Unmarshal(text, (*plain)(a)); err != nil {
		return err
	}
	return json.Unmarshal(text, &a.own)
}

// names are the fields to ask for.
func (f Fields) names() []string {
	names := []string{"Id", "Name", "Industry", "OwnerId", "CreatedDate", "LastModifiedDate"}
	for _, own := range []string{f.Segment, f.RenewalDate, f.ContractValue, f.Currency} {
		if own != "" && !slices.Contains(names, own) {
			names = append(names, own)
		}
	}
	return names
}

// read takes the organisation's own fields out of a record. A field that was asked for and is not there is an error.
func (f Fields) read(a *account) error {
	var renewal *string
	for _, own := range []struct {
		name string
		into any
	}{{f.Segment, &a.segment}, {f.RenewalDate, &renewal}, {f.ContractValue, &a.value}, {f.Currency, &a.currency}} {
		if own.name == "" {
			continue
		}
		text, ok := a.own[own.name]
		if !ok || json.Unmarshal(text, own.into) != nil {
			return fmt.Errorf("the field %s is missing or of another type", own.name)
		}
	}
	if renewal != nil {
		day, err := time.Parse(time.DateOnly, *renewal)
		if err != nil || day.Year() < 1 {
			return fmt.Errorf("the field %s is not a date", f.RenewalDate)
		}
		a.renewal = &day
	}
	a.own = nil
	return nil
}

// accounts is the answer to a read of accounts: one element for each id, null for one that is not there.
type accounts struct {
	asked    []AccountID
	fields   Fields
	currency string

	rows []*account
}

// UnmarshalJSON reads the array that the answer is.
func (a *accounts) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &a.rows) }

// Check demands an element for each id, and none of a record that was not asked for. The order is promised, but not
// relied on: each record bears its id.
func (a *accounts) Check() error {
	if err := matches(a.asked, a.rows, func(row *account) AccountID { return row.ID }); err != nil {
		return err
	}
	for _, row := range a.rows {
		switch {
		case row == nil:
			continue
		case row.Name == "" || row.Created.Time().IsZero() || row.Modified.Time().IsZero():
			return errors.New("an account has no name or times")
		case row.OwnerID != nil && row.OwnerID.Long() != *row.OwnerID:
			return errors.New("an account's owner has no id of a user")
		}
		if err := a.fields.read(row); err != nil {
			return err
		}
	}
	return nil
}

// matches checks that rows answer for ids.
func matches[K comparable, R any](asked []K, rows []*R, id func(*R) K) error {
	if len(rows) != len(asked) {
		return errors.New("the answer has another length than the question")
	}
	open := make(map[K]bool, len(asked))
	for _, key := range asked {
		open[key] = true
	}
	for _, row := range rows {
		if row == nil {
			continue
		}
		if key := id(row); !open[key] {
			return errors.New("a record was not asked for, or is there twice")
		}
		delete(open, id(row))
	}
	return nil
}

// found is the one conversion of accounts from the wire.
func (a *accounts) found() map[AccountID]*CrmAccount {
	found := make(map[AccountID]*CrmAccount, len(a.rows))
	for _, row := range a.rows {
		if row == nil {
			continue
		}
		currency := a.currency
		if row.currency != nil {
			currency = strings.ToUpper(*row.currency)
		}
		account := &CrmAccount{
			ID:            row.ID,
			Name:          row.Name,
			Segment:       row.segment,
			Industry:      row.Industry,
			OwnerID:       row.OwnerID,
			RenewalDate:   row.renewal,
			ContractValue: upstream.MinorUnits(row.value, currency),
			CreatedAt:     row.Created.Time(),
			UpdatedAt:     row.Modified.Time(),
		}
		if currency != "" {
			account.Currency = &currency
		}
		found[row.ID] = account
	}
	return found
}

// user is a record of User on the wire (developer.salesforce.com, "Object Reference: User").
type user struct {
	ID     UserID  `json:"Id"`
	Name   string  `json:"Name"`
	Email  *string `json:"Email"`
	Active bool    `json:"IsActive"`
}

// users is the answer to a read of users, in the shape of that of accounts.
type users struct {
	asked []UserID
	rows  []*user
}

// UnmarshalJSON reads the array that the answer is.
func (u *users) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &u.rows) }

// Check demands what that of accounts does.
func (u *users) Check() error {
	if err := matches(u.asked, u.rows, func(row *user) UserID { return row.ID }); err != nil {
		return err
	}
	for _, row := range u.rows {
		if row != nil && row.Name == "" {
			return errors.New("a user has no name")
		}
	}
	return nil
}

// found is the one conversion of users from the wire.
func (u *users) found() map[UserID]*CrmOwner {
	found := make(map[UserID]*CrmOwner, len(u.rows))
	for _, row := range u.rows {
		if row != nil {
			found[row.ID] = &CrmOwner{ID: row.ID, Name: row.Name, Email: row.Email, Active: row.Active}
		}
	}
	return found
}
