package resolvers

import (
	"context"
	"fmt"

	"supportgraph/clients/articles"
	"supportgraph/graph/model"
	"supportgraph/loaders"
)

func (r *queryResolver) SuggestArticles(ctx context.Context, text string, first int) ([]*articles.Article, error) {
	if first < 1 || first > articles.MaxSuggested {
		return nil, model.Invalid(model.InvalidPageSize, "first", fmt.Sprintf("1 to %d articles can be suggested.", articles.MaxSuggested))
	}
	if articles.CheckText(text) != nil {
		return nil, wrongText()
	}
	return loaders.From(ctx).SuggestedArticles.Load(ctx, loaders.SuggestionKey{Text: text, First: first})
}
