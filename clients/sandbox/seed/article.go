package seed

import (
	"fmt"
	"strings"

	"supportgraph/clients/articles"
)

// makeArticles makes the knowledge: a title and a text on each line.
func (w *World) makeArticles() error {
	r := sequence(partArticles)
	_, parts, err := sections("articles")
	if err != nil {
		return err
	}
	for n, line := range parts["article"] {
		title, body, ok := strings.Cut(line, " | ")
		if !ok {
			return fmt.Errorf("articles: cannot read %q", line)
		}
		article := &articles.Article{
			Title: title, Body: body, URL: fmt.Sprintf("https://help.example/articles/%d", 101+n), UpdatedAt: Anchor.Add(-r.age(20, 700)),
		}
		article.ID.UUID = r.id(article.UpdatedAt)
		w.Articles = append(w.Articles, article)
	}
	return nil
}
