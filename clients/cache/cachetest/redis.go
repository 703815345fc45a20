// Package cachetest starts what tests of a shared Redis need: a real one, of their own.
package cachetest

import (
	"net"
	"os/exec"
	"testing"
	"time"
)

// Redis starts a real Redis that ends with the test, and returns its address and what ends it before. The test is skipped
// where the program is not installed.
func Redis(tb testing.TB) (address string, end func()) {
	tb.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		tb.Skip("skipped: it needs redis-server, which is not installed")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	address = listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	listener.Close()
	process := exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", tb.TempDir())
	if err := process.Start(); err != nil {
		tb.Fatal(err)
	}
	end = func() {
		if process.ProcessState == nil {
			_ = process.Process.Kill()
			_ = process.Wait()
		}
	}
	tb.Cleanup(end)
	for deadline := time.Now().Add(30 * time.Second); !answers(address); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatal("redis-server does not answer")
		}
	}
	return address, end
}

// answers tells whether a Redis listens: it says PONG.
func answers(address string) bool {
	connection, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(time.Second))
	if _, err := connection.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	said := make([]byte, len("+PONG"))
	_, err = connection.Read(said)
	return err == nil && string(said) == "+PONG"
}
