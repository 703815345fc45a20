package resolvers

import (
	"errors"
	"fmt"
	"strings"

	"supportgraph/clients/postgres"
	"supportgraph/clients/tickets"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

// stretch checks the arguments `first` and `after` of a list that is sorted by a text.
func stretch(first int, after *postgres.Cursor, order byte) (loaders.Stretch, error) {
	if err := checkFirst(first); err != nil {
		return loaders.Stretch{}, err
	}
	if _, err := postgres.Behind(order, after); err != nil {
		return loaders.Stretch{}, wrongCursor()
	}
	return loaders.NewStretch(first, after), nil
}

// thread checks the arguments `first` and `after` of what hangs on a ticket.
func thread(ticket tickets.ID, first int, after *postgres.Cursor, order byte) (loaders.ThreadKey, error) {
	if err := checkFirst(first); err != nil {
		return loaders.ThreadKey{}, err
	}
	if (tickets.Thread{After: after}).Check(order) != nil {
		return loaders.ThreadKey{}, wrongCursor()
	}
	return loaders.ThreadKey{Ticket: ticket, Stretch: loaders.NewStretch(first, after)}, nil
}

// list checks the arguments of a list of tickets.
func list(filter *tickets.Filter, order tickets.Order, first int, after *postgres.Cursor) (tickets.List, error) {
	asked := tickets.List{Filter: filter, Order: order, First: first, After: after}
	if err := checkFirst(first); err != nil {
		return asked, err
	}
	var wrong *tickets.FilterError
	switch err := asked.Check(); {
	case errors.As(err, &wrong):
		return asked, model.Invalid(model.BadUserInput, wrong.Path, strings.ToUpper(wrong.Message[:1])+wrong.Message[1:]+".")
	case err != nil:
		return asked, wrongCursor()
	}
	return asked, nil
}

func checkFirst(first int) error {
	if first < 1 || first > postgres.MaxPage {
		return model.Invalid(model.InvalidPageSize, "first", fmt.Sprintf("A page has 1 to %d items.", postgres.MaxPage))
	}
	return nil
}

func wrongCursor() error {
	return model.Invalid(model.InvalidCursor, "after", "The cursor belongs to another list or another order.")
}
