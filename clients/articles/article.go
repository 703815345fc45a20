// Package articles is what customers can help themselves with: the knowledge that is suggested while a case is written.
package articles

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
)

type articleKind struct{}

func (articleKind) Prefix() string { return "art" }

// ID is the key of an article.
type ID struct{ postgres.Key[articleKind] }

// Article explains something that customers ask. Everybody may read all of them.
type Article struct {
	ID        ID
	Title     string
	Body      string // plain text
	URL       string // where it is published
	UpdatedAt time.Time
}

const articleColumns = `a.id, a.title, a.body, a.url, a.updated_at`

// ByID reads articles by key.
func ByID(ids []ID) postgres.Query[*Article] {
	return postgres.Query[*Article]{
		SQL: `-- articles.by_id
			select ` + articleColumns + ` from articles a where a.id = any($1) order by a.id`,
		Args: []any{ids},
		Row:  pgx.RowToAddrOfStructByName[Article],
	}
}

// The bounds of suggestions.
const (
	MaxSuggested = 10
	MaxText      = 10_000 // characters of a case, of which the first words count
	maxWords     = 200
)

// CheckText returns postgres.ErrText where Postgres would refuse the text of a case, or where it is too long.
func CheckText(text string) error {
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) || utf8.RuneCountInString(text) > MaxText {
		return postgres.ErrText
	}
	return nil
}

// Suggest reads the articles that have most in common with a case as it is being written, titles before texts; none where
// no word is the same. The text must have passed CheckText.
func Suggest(text string, first int) postgres.Query[*Article] {
	return postgres.Query[*Article]{
		SQL: `-- articles.suggest
			select ` + articleColumns + `
			from (
				select string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', ' | ')::tsquery as q
				from (select lexeme from unnest(to_tsvector('english', $1)) order by positions[1], lexeme limit $3) l
			) w
			join articles a on a.words @@ w.q
			order by ts_rank(a.words, w.q, 1) desc, a.id
			limit $2`,
		Args: []any{text, first, maxWords},
		Row:  pgx.RowToAddrOfStructByName[Article],
	}
}
