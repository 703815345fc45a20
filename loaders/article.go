package loaders

import (
	"supportgraph/clients/articles"
	"supportgraph/clients/postgres"
)

// SuggestionKey is the articles for a case as it is being written.
type SuggestionKey struct {
	Text  string
	First int
}

var (
	articleByID = byKey("Article",
		func(_ *Loaders, ids []articles.ID) postgres.Query[*articles.Article] { return articles.ByID(ids) },
		func(a *articles.Article) articles.ID { return a.ID })

	suggestedArticles = byList("SuggestedArticles",
		func(_ *Loaders, key SuggestionKey) postgres.Query[*articles.Article] {
			return articles.Suggest(key.Text, key.First)
		})
)

func articleLoader(l *Loaders) *Loader[articles.ID, *articles.Article] { return &l.Article }

func articleEdges() []*edge {
	suggested := lead("Query", "suggestArticles", suggestedArticles,
		func(l *Loaders) *Loader[SuggestionKey, []*articles.Article] { return &l.SuggestedArticles },
		func(_ *Loaders, _ *Loaders, args any, claim func(SuggestionKey)) { claim(args.(SuggestionKey)) },
		elements[*articles.Article])
	suggested.target = "Article"
	suggested.bind = func(raw map[string]any) (any, bool) {
		text, ok := raw["text"].(string)
		first, whole := integer(raw["first"])
		return SuggestionKey{text, first}, ok && whole && articles.CheckText(text) == nil && first >= 1 && first <= articles.MaxSuggested
	}
	return append([]*edge{suggested}, node[articles.ID]("Article", articleByID, articleLoader)...)
}
