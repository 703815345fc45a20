package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the database to the newest migration, of ours and of the queue of jobs. Several processes may call it at
// once: one works, the others wait.
func Migrate(ctx context.Context, pool *Pool) error {
	if err := migrateQueue(ctx, pool); err != nil {
		return fmt.Errorf("migrate the queue of jobs: %w", err)
	}
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
	queue, err := queueMigrator(pool.Pool)
	if err != nil {
		return err
	}
	if found, err := queue.Validate(ctx, nil); err != nil {
		return fmt.Errorf("read the migrations of the queue of jobs: %w", err)
	} else if !found.OK {
		return fmt.Errorf("the queue of jobs: %v", found.Messages)
	}
	return nil
}

// migrateQueue brings the tables of the queue of jobs, which are its library's, to that library's newest migration.
func migrateQueue(ctx context.Context, pool *Pool) error {
	config := pool.Config()
	delete(config.ConnConfig.RuntimeParams, "statement_timeout")
	config.MaxConns, config.MinConns = 2, 0 // one holds the lock, one migrates
	apart, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer apart.Close()
	return pgx.BeginFunc(ctx, apart, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtext('support-graph queue migrations'))"); err != nil {
			return fmt.Errorf("wait for other processes: %w", err)
		}
		queue, err := queueMigrator(apart)
		if err != nil {
			return err
		}
		if found, err := queue.Validate(ctx, nil); err == nil && found.OK {
			return nil
		}
		_, err = queue.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	})
}

func queueMigrator(pool *pgxpool.Pool) (*rivermigrate.Migrator[pgx.Tx], error) {
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("prepare the migrations of the queue of jobs: %w", err)
	}
	return migrator, nil
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
