package model_test

import (
	"errors"
	"strings"
	"testing"

	"supportgraph/clients/zendesk"
	"supportgraph/graph/model"
)

// TestVendorNumbersAreText: a key of 64 bits survives, which a number in JSON would not in every client.
func TestVendorNumbersAreText(t *testing.T) {
	t.Parallel()
	const id = 9_007_199_254_740_993
	var out strings.Builder
	model.MarshalZendeskTicketID(id).MarshalGQL(&out)
	if out.String() != `"9007199254740993"` {
		t.Errorf("got %s", out.String())
	}
	if got, err := model.UnmarshalZendeskTicketID("9007199254740993"); err != nil || got != zendesk.TicketID(id) {
		t.Errorf("got %d, %v", got, err)
	}
	var invalid *model.Error
	if _, err := model.UnmarshalZendeskCommentID("12x"); !errors.As(err, &invalid) {
		t.Errorf("got %v", err)
	}
}
