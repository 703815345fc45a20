package postgres

// MaxPage is the largest number of rows that one page may ask for.
const MaxPage = 100

// Page is one stretch of an ordered list.
type Page[T any] struct {
	Nodes       []T
	HasNext     bool
	HasPrevious bool
	Cursor      func(T) Cursor // the position behind a row
}

// NewPage cuts rows that were read with one more than asked for into a page; the surplus row only tells that there is
// more. A page after a cursor has rows before it.
func NewPage[T any](rows []T, first int, after *Cursor, cursor func(T) Cursor) *Page[T] {
	page := &Page[T]{Nodes: rows, HasPrevious: after != nil, Cursor: cursor}
	if len(rows) > first {
		page.Nodes, page.HasNext = rows[:first:first], true
	}
	return page
}
