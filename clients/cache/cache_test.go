package cache

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.uber.org/goleak"

	"supportgraph/clients/postgres"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOpenAnswers(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	server.RequireAuth("opensesame")
	client, err := Open(Config{URL: postgres.Secret("redis://:opensesame@" + server.Addr() + "/0")})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	server.Close()
	if err := client.Ping(t.Context()); err == nil {
		t.Error("a closed server answers")
	}
}

func TestOpenDoesNotNeedRedis(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, never answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	client, err := Open(Config{URL: postgres.Secret("redis://" + silent.Addr().String())})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	begun := time.Now()
	if err := client.Ping(t.Context()); err == nil {
		t.Error("a silent server answers")
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %v to give up", took)
	}
}

func TestOpenKeepsTheAddressSecret(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "opensesame", "http://:opensesame@host", "redis://:opensesame@host/notanumber"} {
		client, err := Open(Config{URL: postgres.Secret(address)})
		if err == nil {
			client.Close()
			t.Errorf("%q: no error", address)
		} else if strings.Contains(err.Error(), "opensesame") {
			t.Errorf("%q: the error says %q", address, err)
		}
	}
}
