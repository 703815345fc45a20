package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the database to the newest migration. Several processes may call it at once: one works, the others wait.
func Migrate(ctx context.Context, pool *Pool) error {
	provider, closeDB, err := newProvider(pool)
	if err != nil {
		return err
	}
	defer closeDB()
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// Migrated returns an error where the database lacks a migration that this program has.
func Migrated(ctx context.Context, pool *Pool) error {
	var version int64
	const query = "-- migrations.version\nselect coalesce(max(version_id), 0) from goose_db_version where is_applied"
	if err := pool.QueryRow(ctx, query).Scan(&version); err != nil {
		return fmt.Errorf("read the migration's number: %w", err)
	}
	newest, err := newestMigration()
	if err != nil {
		return err
	}
	if version < newest {
		return fmt.Errorf("the database is at migration %d, this program needs %d", version, newest)
	}
	return nil
}

func newestMigration() (int64, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, fmt.Errorf("list the migrations: %w", err)
	}
	return goose.NumericComponent(files[len(files)-1])
}

func newProvider(pool *Pool) (*goose.Provider, func() error, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, fmt.Errorf("open the migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600)) // tries each second for ten minutes
	if err != nil {
		return nil, nil, fmt.Errorf("prepare the migrations' lock: %w", err)
	}
	config := pool.Config().ConnConfig // a copy
	delete(config.RuntimeParams, "statement_timeout")
	db := stdlib.OpenDB(*config) // apart from the pool, whose deadline is one for reads: an index may take longer
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, db.Close, nil
}
