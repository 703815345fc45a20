package pg

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"supportgraph/clients/postgres"
)

// Database makes a database, as a copy of another where template is not empty; nobody may be connected to that one. One
// that is there already stays as it is.
func (s *Server) Database(ctx context.Context, name, template string) (postgres.Config, error) {
	s.creating.Lock()
	defer s.creating.Unlock()
	conn, err := s.connect(ctx, "postgres")
	if err != nil {
		return postgres.Config{}, fmt.Errorf("connect to make a database: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	statement := "create database " + pgx.Identifier{name}.Sanitize()
	if template != "" {
		statement += " template " + pgx.Identifier{template}.Sanitize()
	}
	_, err = conn.Exec(ctx, statement)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42P04" { // duplicate_database
		err = nil
	}
	if err != nil {
		return postgres.Config{}, fmt.Errorf("make the database %s: %w", name, err)
	}
	return s.Config(name), nil
}

func (s *Server) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	return pgx.Connect(ctx, string(s.Config(database).URL))
}
