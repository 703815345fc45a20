package endpoint_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"supportgraph/clients/sync/jobs"
	"supportgraph/graph/endpoint"
)

func TestBacklog(t *testing.T) {
	t.Parallel()
	var broken error
	registry := prometheus.NewRegistry()
	registry.MustRegister(endpoint.NewBacklog(func(context.Context) ([]jobs.Backlog, error) {
		return []jobs.Backlog{{Kind: "webhook.handle", State: "discarded", Jobs: 2, Age: 60}}, broken
	}))
	want := `
		# HELP supportgraph_jobs Jobs that are not done, by kind and state; discarded and cancelled ones are dead letters.
		# TYPE supportgraph_jobs gauge
		supportgraph_jobs{kind="webhook.handle",state="discarded"} 2
		# HELP supportgraph_jobs_oldest_seconds Time since the oldest job of a kind and state was due.
		# TYPE supportgraph_jobs_oldest_seconds gauge
		supportgraph_jobs_oldest_seconds{kind="webhook.handle",state="discarded"} 60
	`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	broken = errors.New("no database")
	if err := testutil.GatherAndCompare(registry, strings.NewReader("")); err != nil {
		t.Error(err)
	}
}
