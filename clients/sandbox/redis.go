package sandbox

import (
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"

	"supportgraph/clients/postgres"
)

// redis is a Redis in this process.
type redis struct {
	url   postgres.Secret
	close func()
}

// startRedis starts one that only we know the password of.
func startRedis() (*redis, error) {
	server := miniredis.NewMiniRedis()
	password := rand.Text()
	server.RequireAuth(password)
	if err := server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start redis: %w", err)
	}
	// Its clock stands still unless somebody turns it, and then nothing would ever expire.
	stop := make(chan struct{})
	var turning sync.WaitGroup
	turning.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				server.FastForward(time.Second)
			}
		}
	})
	return &redis{
		url: postgres.Secret("redis://:" + password + "@" + server.Addr() + "/0"),
		close: func() {
			close(stop)
			turning.Wait()
			server.Close()
		},
	}, nil
}
