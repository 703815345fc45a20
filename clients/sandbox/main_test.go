package sandbox_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"supportgraph/clients/sandbox"
	"supportgraph/clients/sandbox/seed"
)

// runEnv makes the test binary a program that runs a sandbox in the named folder until it is interrupted.
const runEnv = "SANDBOX_TEST_RUN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(runEnv); dir != "" {
		os.Exit(hold(dir))
	}
	goleak.VerifyTestMain(m)
}

func hold(dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT)
	defer stop()
	box, err := sandbox.Start(ctx, sandbox.Options{Dir: dir, Scale: seed.Small})
	if err != nil {
		fmt.Println("failed:", err)
		return 1
	}
	defer box.Close()
	fmt.Println("ready")
	<-ctx.Done()
	return 0
}
