package endpoint_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"supportgraph/graph/endpoint"
)

// The most CPU that a hostile request may take on the machine where the loop below takes referenceLoop; on another,
// as much more or less as the loop does.
const (
	maxHostile    = 20 * time.Millisecond
	referenceLoop = 20 * time.Millisecond
)

// loop is work of the kind that requests make: small allocations and maps, and texts that are read byte by byte. The
// race detector slows the latter the more, here as there.
func loop() {
	for range 10 {
		words := map[string][]int{}
		for i := range 2000 {
			key := strconv.Itoa(i % 500)
			words[key] = append(words[key], i)
		}
	}
	row, text := make([]int, 64), []byte(strings.Repeat("supportgraph", 15000))
	for i, c := range text {
		for j := 1; j < len(row); j++ {
			row[j] = min(row[j]+1, row[j-1]+int(c), i)
		}
	}
}

// cpu is the least CPU time that this thread spends on any of five runs.
func cpu(run func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	least := time.Hour
	for range 5 {
		runtime.GC() // what others left behind is not this run's to sweep
		before := threadTime()
		run()
		least = min(least, threadTime()-before)
	}
	return least
}

func threadTime() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		panic(err)
	}
	return time.Duration(now.Nano())
}

// TestHostileRequestsTakeLittleCPU measures each request of the corpus by itself, by an endpoint that has not seen it:
// the CPU time of its thread, held against a loop, so that a slow machine is not taken for a slow endpoint.
func TestHostileRequestsTakeLittleCPU(t *testing.T) {
	serve(t, atHome(t, func(c *endpoint.Config) {
		allowed := time.Duration(float64(maxHostile) * float64(cpu(loop)) / float64(referenceLoop))
		for _, h := range corpus(t) {
			var handlers []http.Handler
			for range 5 {
				handlers = append(handlers, endpoint.New(*c))
			}
			took := cpu(func() {
				handlers[0].ServeHTTP(httptest.NewRecorder(), h.request(t.Context()))
				handlers = handlers[1:]
			})
			t.Logf("%-34s %6.2f ms of %.0f", h.name, took.Seconds()*1000, allowed.Seconds()*1000)
			if took > allowed {
				t.Errorf("%s took %v of CPU; at most %v is allowed here", h.name, took, allowed)
			}
		}
	}))
}
