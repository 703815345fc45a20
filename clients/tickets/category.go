package tickets

import (
	"supportgraph/clients/postgres"
)

type categoryKind struct{}

func (categoryKind) Prefix() string { return "cat" }

// CategoryID is the key of a category.
type CategoryID struct{ postgres.Key[categoryKind] }

// Category is what a ticket is about.
type Category struct {
	ID       CategoryID
	Key      string
	Name     string
	ParentID *CategoryID
	Product  *string // the status page's component that it is about, nil where it is about none
}

// Categories reads categories by key. Everybody may know them.
func Categories(ids []CategoryID) postgres.Query[*Category] {
	return postgres.Query[*Category]{
		SQL: `-- categories.by_id
			select c.id, c.key, c.name, c.parent_id, c.product from categories c where c.id = any($1) order by c.id`,
		Args: []any{ids},
		Row:  postgres.ToAddr[Category],
	}
}

// AllCategories reads all categories, by name. Everybody may know them.
func AllCategories() postgres.Query[*Category] {
	return postgres.Query[*Category]{
		SQL: `-- categories.all
			select c.id, c.key, c.name, c.parent_id, c.product from categories c order by c.name, c.id limit 2000`,
		Row: postgres.ToAddr[Category],
	}
}

// CategoriesBelow reads the categories below each of some, by name. Everybody may know them.
func CategoriesBelow(ids []CategoryID) postgres.Query[*Category] {
	return postgres.Query[*Category]{
		SQL: `-- categories.below
			select c.id, c.key, c.name, c.parent_id, c.product from categories c where c.parent_id = any($1)
			order by c.parent_id, c.name, c.id limit 2000`,
		Args: []any{ids},
		Row:  postgres.ToAddr[Category],
	}
}
