// Package model is the shapes that exist only in GraphQL: global IDs, scalars, connections, the unions of results, and
// the errors of input.
package model

import (
	"io"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"supportgraph/clients/accounts"
	"supportgraph/clients/articles"
	"supportgraph/clients/postgres"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/stripe"
	"supportgraph/clients/tickets"
	"supportgraph/clients/zendesk"
)

// GlobalID is an argument that may name a record of any kind. It holds the text as it came in, known to be well-formed.
type GlobalID string

// Kind is the part of the ID in front of the underscore.
func (id GlobalID) Kind() string {
	kind, _, _ := strings.Cut(string(id), "_")
	return kind
}

// Key reads a global ID as the key of one kind of record. An ID of another kind is an *Error for the argument.
func Key[K any, P interface {
	*K
	UnmarshalText([]byte) error
}](id GlobalID, argument, noun string) (K, error) {
	var key K
	if err := P(&key).UnmarshalText([]byte(id)); err != nil {
		return key, Invalid(InvalidID, argument, "The ID is not that of "+noun+".")
	}
	return key, nil
}

type textKey interface {
	AppendText([]byte) ([]byte, error)
}

// marshalKey writes a key as a quoted text. Keys need no escaping.
func marshalKey[K textKey](key K) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		var room [2 + 5 + postgres.KeyLength]byte
		_, _ = w.Write(appendKey(room[:0], key)) // into a buffer
	})
}

func appendKey[K textKey](b []byte, key K) []byte {
	b, _ = key.AppendText(append(b, '"')) // never fails
	return append(b, '"')
}

func unmarshalKey[K any, P interface {
	*K
	UnmarshalText([]byte) error
}](v any) (key K, err error) {
	text, ok := v.(string)
	if !ok || P(&key).UnmarshalText([]byte(text)) != nil {
		return key, Invalid(InvalidID, "", "The ID is malformed, or not of the kind that is asked for.")
	}
	return key, nil
}

// MarshalGlobalID writes a global ID.
func MarshalGlobalID(id GlobalID) graphql.Marshaler { return graphql.MarshalString(string(id)) }

// kinds reads the text of each kind of ID.
var kinds = map[string]func(text []byte) error{
	tickets.ID{}.Prefix():          func(text []byte) error { return new(tickets.ID).UnmarshalText(text) },
	tickets.MessageID{}.Prefix():   func(text []byte) error { return new(tickets.MessageID).UnmarshalText(text) },
	tickets.NoteID{}.Prefix():      func(text []byte) error { return new(tickets.NoteID).UnmarshalText(text) },
	tickets.TagID{}.Prefix():       func(text []byte) error { return new(tickets.TagID).UnmarshalText(text) },
	tickets.CategoryID{}.Prefix():  func(text []byte) error { return new(tickets.CategoryID).UnmarshalText(text) },
	accounts.ID{}.Prefix():         func(text []byte) error { return new(accounts.ID).UnmarshalText(text) },
	accounts.ContactID{}.Prefix():  func(text []byte) error { return new(accounts.ContactID).UnmarshalText(text) },
	accounts.AgentID{}.Prefix():    func(text []byte) error { return new(accounts.AgentID).UnmarshalText(text) },
	tickets.ViewID{}.Prefix():      func(text []byte) error { return new(tickets.ViewID).UnmarshalText(text) },
	articles.ID{}.Prefix():         func(text []byte) error { return new(articles.ID).UnmarshalText(text) },
	accounts.TeamID{}.Prefix():     func(text []byte) error { return new(accounts.TeamID).UnmarshalText(text) },
	tickets.OperationID{}.Prefix(): func(text []byte) error { return new(tickets.OperationID).UnmarshalText(text) },
}

// UnmarshalGlobalID reads a well-formed global ID of any kind.
func UnmarshalGlobalID(v any) (GlobalID, error) {
	text, ok := v.(string)
	if ok {
		if read, known := kinds[GlobalID(text).Kind()]; known && read([]byte(text)) == nil {
			return GlobalID(text), nil
		}
	}
	return "", Invalid(InvalidID, "", "The ID is malformed.")
}

// MarshalTicketID writes a ticket's key.
func MarshalTicketID(id tickets.ID) graphql.Marshaler { return marshalKey(id) }

// AppendTicketID appends a ticket's key.
func AppendTicketID(b []byte, id tickets.ID) []byte { return appendKey(b, id) }

// UnmarshalTicketID reads a ticket's key.
func UnmarshalTicketID(v any) (tickets.ID, error) { return unmarshalKey[tickets.ID](v) }

// MarshalMessageID writes a message's key.
func MarshalMessageID(id tickets.MessageID) graphql.Marshaler { return marshalKey(id) }

// AppendMessageID appends a message's key.
func AppendMessageID(b []byte, id tickets.MessageID) []byte { return appendKey(b, id) }

// UnmarshalMessageID reads a message's key.
func UnmarshalMessageID(v any) (tickets.MessageID, error) { return unmarshalKey[tickets.MessageID](v) }

// MarshalNoteID writes an internal note's key.
func MarshalNoteID(id tickets.NoteID) graphql.Marshaler { return marshalKey(id) }

// AppendNoteID appends an internal note's key.
func AppendNoteID(b []byte, id tickets.NoteID) []byte { return appendKey(b, id) }

// UnmarshalNoteID reads an internal note's key.
func UnmarshalNoteID(v any) (tickets.NoteID, error) { return unmarshalKey[tickets.NoteID](v) }

// MarshalEventID writes an event's key.
func MarshalEventID(id tickets.EventID) graphql.Marshaler { return marshalKey(id) }

// AppendEventID appends an event's key.
func AppendEventID(b []byte, id tickets.EventID) []byte { return appendKey(b, id) }

// UnmarshalEventID reads an event's key.
func UnmarshalEventID(v any) (tickets.EventID, error) { return unmarshalKey[tickets.EventID](v) }

// MarshalTagID writes a tag's key.
func MarshalTagID(id tickets.TagID) graphql.Marshaler { return marshalKey(id) }

// AppendTagID appends a tag's key.
func AppendTagID(b []byte, id tickets.TagID) []byte { return appendKey(b, id) }

// UnmarshalTagID reads a tag's key.
func UnmarshalTagID(v any) (tickets.TagID, error) { return unmarshalKey[tickets.TagID](v) }

// MarshalDraftID writes a draft's key.
func MarshalDraftID(id tickets.DraftID) graphql.Marshaler { return marshalKey(id) }

// UnmarshalDraftID reads a draft's key.
func UnmarshalDraftID(v any) (tickets.DraftID, error) { return unmarshalKey[tickets.DraftID](v) }

// MarshalCannedReplyID writes a canned reply's key.
func MarshalCannedReplyID(id tickets.CannedReplyID) graphql.Marshaler { return marshalKey(id) }

// UnmarshalCannedReplyID reads a canned reply's key.
func UnmarshalCannedReplyID(v any) (tickets.CannedReplyID, error) {
	return unmarshalKey[tickets.CannedReplyID](v)
}

// MarshalMacroID writes a macro's key.
func MarshalMacroID(id tickets.MacroID) graphql.Marshaler { return marshalKey(id) }

// UnmarshalMacroID reads a macro's key.
func UnmarshalMacroID(v any) (tickets.MacroID, error) { return unmarshalKey[tickets.MacroID](v) }

// MarshalOperationID writes an operation's key.
func MarshalOperationID(id tickets.OperationID) graphql.Marshaler { return marshalKey(id) }

// UnmarshalOperationID reads an operation's key.
func UnmarshalOperationID(v any) (tickets.OperationID, error) {
	return unmarshalKey[tickets.OperationID](v)
}

// MarshalCategoryID writes a category's key.
func MarshalCategoryID(id tickets.CategoryID) graphql.Marshaler { return marshalKey(id) }

// AppendCategoryID appends a category's key.
func AppendCategoryID(b []byte, id tickets.CategoryID) []byte { return appendKey(b, id) }

// UnmarshalCategoryID reads a category's key.
func UnmarshalCategoryID(v any) (tickets.CategoryID, error) {
	return unmarshalKey[tickets.CategoryID](v)
}

// MarshalAccountID writes an account's key.
func MarshalAccountID(id accounts.ID) graphql.Marshaler { return marshalKey(id) }

// AppendAccountID appends an account's key.
func AppendAccountID(b []byte, id accounts.ID) []byte { return appendKey(b, id) }

// UnmarshalAccountID reads an account's key.
func UnmarshalAccountID(v any) (accounts.ID, error) { return unmarshalKey[accounts.ID](v) }

// MarshalContactID writes a contact's key.
func MarshalContactID(id accounts.ContactID) graphql.Marshaler { return marshalKey(id) }

// AppendContactID appends a contact's key.
func AppendContactID(b []byte, id accounts.ContactID) []byte { return appendKey(b, id) }

// UnmarshalContactID reads a contact's key.
func UnmarshalContactID(v any) (accounts.ContactID, error) {
	return unmarshalKey[accounts.ContactID](v)
}

// MarshalAgentID writes an agent's key.
func MarshalAgentID(id accounts.AgentID) graphql.Marshaler { return marshalKey(id) }

// AppendAgentID appends an agent's key.
func AppendAgentID(b []byte, id accounts.AgentID) []byte { return appendKey(b, id) }

// UnmarshalAgentID reads an agent's key.
func UnmarshalAgentID(v any) (accounts.AgentID, error) { return unmarshalKey[accounts.AgentID](v) }

// MarshalTeamID writes a team's key.
func MarshalTeamID(id accounts.TeamID) graphql.Marshaler { return marshalKey(id) }

// AppendTeamID appends a team's key.
func AppendTeamID(b []byte, id accounts.TeamID) []byte { return appendKey(b, id) }

// UnmarshalTeamID reads a team's key.
func UnmarshalTeamID(v any) (accounts.TeamID, error) { return unmarshalKey[accounts.TeamID](v) }

// MarshalViewID writes a view's key.
func MarshalViewID(id tickets.ViewID) graphql.Marshaler { return marshalKey(id) }

// UnmarshalViewID reads a view's key.
func UnmarshalViewID(v any) (tickets.ViewID, error) { return unmarshalKey[tickets.ViewID](v) }

// MarshalArticleID writes an article's key.
func MarshalArticleID(id articles.ID) graphql.Marshaler { return marshalKey(id) }

// UnmarshalArticleID reads an article's key.
func UnmarshalArticleID(v any) (articles.ID, error) { return unmarshalKey[articles.ID](v) }

// MarshalStripeCustomerID writes Stripe's key of a customer.
func MarshalStripeCustomerID(id stripe.CustomerID) graphql.Marshaler {
	return graphql.MarshalString(string(id))
}

// UnmarshalStripeCustomerID reads Stripe's key of a customer.
func UnmarshalStripeCustomerID(v any) (stripe.CustomerID, error) {
	text, err := graphql.UnmarshalString(v)
	return stripe.CustomerID(text), err
}

// MarshalSalesforceAccountID writes Salesforce's key of an account.
func MarshalSalesforceAccountID(id salesforce.AccountID) graphql.Marshaler {
	return graphql.MarshalString(string(id))
}

// UnmarshalSalesforceAccountID reads Salesforce's key of an account.
func UnmarshalSalesforceAccountID(v any) (salesforce.AccountID, error) {
	text, err := graphql.UnmarshalString(v)
	return salesforce.AccountID(text), err
}

// MarshalSalesforceUserID writes Salesforce's key of a user.
func MarshalSalesforceUserID(id salesforce.UserID) graphql.Marshaler {
	return graphql.MarshalString(string(id))
}

// UnmarshalSalesforceUserID reads Salesforce's key of a user.
func UnmarshalSalesforceUserID(v any) (salesforce.UserID, error) {
	text, err := graphql.UnmarshalString(v)
	return salesforce.UserID(text), err
}

// MarshalZendeskTicketID writes Zendesk's key of a ticket.
func MarshalZendeskTicketID(id zendesk.TicketID) graphql.Marshaler { return marshalNumber(id) }

// UnmarshalZendeskTicketID reads Zendesk's key of a ticket.
func UnmarshalZendeskTicketID(v any) (zendesk.TicketID, error) {
	return unmarshalNumber[zendesk.TicketID](v)
}

// MarshalZendeskCommentID writes Zendesk's key of a comment.
func MarshalZendeskCommentID(id zendesk.CommentID) graphql.Marshaler { return marshalNumber(id) }

// UnmarshalZendeskCommentID reads Zendesk's key of a comment.
func UnmarshalZendeskCommentID(v any) (zendesk.CommentID, error) {
	return unmarshalNumber[zendesk.CommentID](v)
}

// marshalNumber writes a vendor's key that is a number there, as text: it may have more digits than clients can hold.
func marshalNumber[K ~int64](id K) graphql.Marshaler {
	return graphql.MarshalString(strconv.FormatInt(int64(id), 10))
}

func unmarshalNumber[K ~int64](v any) (K, error) {
	text, err := graphql.UnmarshalString(v)
	if err != nil {
		return 0, err
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, Invalid(InvalidID, "", "The ID is malformed.")
	}
	return K(id), nil
}
