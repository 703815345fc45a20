package sandbox

import (
	"context"
	"fmt"
	"time"

	"supportgraph/clients/postgres"
	"supportgraph/clients/sandbox/pg"
	"supportgraph/clients/sandbox/seed"
)

const database = "support_graph"

// Template is a database of a temporary sandbox that holds the world and that nobody is connected to, so that a test which
// changes something can have a copy of its own.
const Template = "seeded"

// fill migrates and seeds a server's database, where that is due.
func fill(ctx context.Context, server *pg.Server, world *seed.World, options Options) (postgres.Config, error) {
	name := database
	if options.Dir == "" {
		name = Template
	}
	config, err := server.Database(ctx, name, "")
	if err != nil {
		return postgres.Config{}, err
	}
	pool, err := postgres.Open(ctx, config, nil)
	if err != nil {
		return postgres.Config{}, err
	}
	defer pool.Close()
	if err := postgres.Migrate(ctx, pool); err != nil {
		return postgres.Config{}, err
	}
	begun := time.Now()
	options.Logger.Info("looking for the sandbox's data", "tickets", world.Scale.Tickets)
	loaded, err := world.Load(ctx, pool)
	if err != nil {
		return postgres.Config{}, err
	}
	if loaded {
		options.Logger.Info("seeded the database", "tickets", world.Scale.Tickets, "took", time.Since(begun).Round(time.Millisecond))
	}
	if name == database {
		return config, nil
	}
	pool.Close()
	if config, err = server.Database(ctx, database, Template); err != nil {
		return postgres.Config{}, fmt.Errorf("copy the template: %w", err)
	}
	return config, nil
}
