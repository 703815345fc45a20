// Package pg runs a private Postgres server from the programs that are installed on this machine: no password, no port,
// only a socket in a folder that nobody else can enter. It ends with the process that started it.
package pg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"supportgraph/clients/postgres"
)

const (
	superuser  = "support_graph"
	readyLimit = 30 * time.Second // a start after a crash replays the log first
)

// Options says where a server lives.
type Options struct {
	// Dir holds the data and is kept; it is made where missing. Empty means a temporary folder that is gone after Stop, and
	// settings that are quick and lose everything in a power cut.
	Dir    string
	Logger *slog.Logger // nil: silent
}

// Server is a running Postgres. Stop ends it.
type Server struct {
	place    *place
	process  *process
	log      *slog.Logger
	creating sync.Mutex // one new database at a time: two from one template get in each other's way
	stop     func()
}

// Start brings a server up: it makes the data folder where there is none, clears away what a killed run left behind, and
// returns when connections are accepted. The context bounds the start, not the server's life.
func Start(ctx context.Context, options Options) (_ *Server, err error) {
	log := options.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	installed, err := find(ctx)
	if err != nil {
		return nil, err
	}
	place, err := take(ctx, options.Dir, installed[0], log)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			place.release()
		}
	}()
	programs, err := place.choose(installed)
	if err != nil {
		return nil, err
	}
	if err := place.initialise(ctx, programs, log); err != nil {
		return nil, err
	}
	if err := place.clear(ctx, log); err != nil {
		return nil, err
	}
	server := &Server{place: place, log: log}
	if server.process, err = start(place.command(programs), place.logFile(), log); err != nil {
		return nil, err
	}
	server.stop = sync.OnceFunc(func() {
		server.process.stop(!place.temporary)
		place.release()
	})
	if err := server.ready(ctx); err != nil {
		server.Stop()
		return nil, err
	}
	return server, nil
}

// Stop ends the server, first politely; nothing of it runs when Stop returns. It may be called more than once.
func (s *Server) Stop() { s.stop() }

// Config is how to reach one of the server's databases.
func (s *Server) Config(database string) postgres.Config {
	address := url.URL{
		Scheme:   "postgres",
		User:     url.User(superuser),
		Path:     "/" + database,
		RawQuery: url.Values{"host": {s.place.socket}, "port": {port}, "sslmode": {"disable"}}.Encode(),
	}
	return postgres.Config{URL: postgres.Secret(address.String())}
}

// ready waits until the server accepts connections.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := s.connect(ctx, "postgres")
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.process.ended:
			return fmt.Errorf("postgres ended before it was ready: %s", s.process.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("postgres is not ready: %w", errors.Join(context.Cause(ctx), err))
		case <-tick.C:
		}
	}
}

// port only names the socket; nothing listens on the network.
const port = "5432"

// maxSocketPath is what fits into an address of a Unix socket on every system.
const maxSocketPath = 103

// openSocket makes the folder of the socket, beside the data where the path is short enough.
func (p *place) openSocket() error {
	p.socket = filepath.Join(p.home, "socket")
	if len(p.socket)+len("/.s.PGSQL."+port) <= maxSocketPath {
		if err := os.RemoveAll(p.socket); err != nil {
			return fmt.Errorf("clear the socket's folder: %w", err)
		}
		return p.private(p.socket)
	}
	made, err := os.MkdirTemp("/tmp", "support-graph-")
	if err != nil {
		return fmt.Errorf("make the socket's folder: %w", err)
	}
	p.socket = made
	return p.own(made)
}
