package webhooks_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"supportgraph/clients/sandbox/pg"
)

var server *pg.Server

func TestMain(m *testing.M) {
	var err error
	if server, err = pg.Start(context.Background(), pg.Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	server.Stop()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
