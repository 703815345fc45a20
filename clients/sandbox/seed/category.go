package seed

import (
	"slices"

	"supportgraph/clients/tickets"
)

// areas are the categories above those that tickets have.
var areas = [][2]string{
	{"network", "Network"},
	{"performance", "Performance"},
	{"platform", "Developer platform"},
	{"security", "Security"},
	{"account", "Account"},
}

// moreTags hang on tickets of any category.
var moreTags = []string{"vip", "incident", "regression", "how-to", "escalated", "follow-up", "docs-gap", "third-party", "needs:repro", "csm:aware"}

func (w *World) makeCategories() {
	r := sequence(partCategories)
	begun := Anchor.Add(-1700 * day)
	parents := map[string]tickets.CategoryID{}
	for _, area := range areas {
		category := &tickets.Category{Key: area[0], Name: area[1]}
		category.ID.UUID = r.id(begun)
		parents[category.Key] = category.ID
		w.Categories = append(w.Categories, category)
	}
	for _, topic := range w.library.topics {
		category := &tickets.Category{Key: topic.key, Name: topic.name, ParentID: ptr(parents[topic.parent]), Product: ptr(topic.product)}
		category.ID.UUID = r.id(begun)
		w.Categories = append(w.Categories, category)
	}
	var names []string
	for _, topic := range w.library.topics {
		names = append(names, topic.tags...)
	}
	names = append(names, moreTags...)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		tag := &tickets.Tag{Name: name}
		tag.ID.UUID = r.id(begun)
		w.Tags = append(w.Tags, tag)
	}
}
