package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"supportgraph/clients/postgres"
)

// TestRowsByName reads rows into structs as pgx does, and leaves to pgx what does not fit.
func TestRowsByName(t *testing.T) {
	t.Parallel()
	type inner struct{ FirstName string }
	type row struct {
		inner
		ID   int
		Note *string
	}
	pool := database(t, nil)
	ctx := t.Context()
	for sql, fits := range map[string]bool{
		`select 1 as id, 'a' as first_name, null as note union all select 2, 'b', 'n' order by 1`: true,
		`select 'x' as note, 7 as "ID", 'c' as firstname`:                                         true,
		`select 1 as id, 'a' as first_name`:                                                       false,
		`select 1 as id, 'a' as first_name, null as note, 1 as more`:                              false,
	} {
		for range 2 { // found, and remembered
			want, wantErr := postgres.Select(ctx, pool, postgres.Query[*row]{SQL: sql, Row: pgx.RowToAddrOfStructByName[row]})
			got, err := postgres.Select(ctx, pool, postgres.Query[*row]{SQL: sql, Row: postgres.ToAddr[row]})
			values, valuesErr := postgres.Select(ctx, pool, postgres.Query[row]{SQL: sql, Row: postgres.ToStruct[row]})
			if (err == nil) != fits || (wantErr == nil) != fits || (valuesErr == nil) != fits || err != nil && err.Error() != wantErr.Error() {
				t.Errorf("%s: %v and %v, where pgx has %v", sql, err, valuesErr, wantErr)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{}, inner{})); diff != "" {
				t.Errorf("%s (-pgx +ours):\n%s", sql, diff)
			}
			if len(values) != len(got) || len(got) > 0 && values[0].ID != got[0].ID {
				t.Errorf("%s: as structs %v", sql, values)
			}
		}
	}
}
