package endpoint

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"supportgraph/clients/sync/jobs"
)

// Backlog tells of the jobs that are not done, whenever the metrics are read. It is a prometheus.Collector.
type Backlog struct {
	read func(ctx context.Context) ([]jobs.Backlog, error)
	jobs *prometheus.Desc
	age  *prometheus.Desc
}

// NewBacklog tells of what read finds. All processes see the same jobs, so that any one of them is enough to ask.
func NewBacklog(read func(ctx context.Context) ([]jobs.Backlog, error)) *Backlog {
	return &Backlog{
		read: read,
		jobs: prometheus.NewDesc("supportgraph_jobs", "Jobs that are not done, by kind and state; discarded and cancelled ones are dead letters.", []string{"kind", "state"}, nil),
		age:  prometheus.NewDesc("supportgraph_jobs_oldest_seconds", "Time since the oldest job of a kind and state was due.", []string{"kind", "state"}, nil),
	}
}

// Describe sends what there is to be told.
func (b *Backlog) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- b.jobs
	descriptions <- b.age
}

// Collect reads the backlog. Without a database there is none to be told.
func (b *Backlog) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	found, err := b.read(ctx)
	if err != nil {
		return
	}
	for _, kind := range found {
		metrics <- prometheus.MustNewConstMetric(b.jobs, prometheus.GaugeValue, float64(kind.Jobs), kind.Kind, kind.State)
		metrics <- prometheus.MustNewConstMetric(b.age, prometheus.GaugeValue, kind.Age, kind.Kind, kind.State)
	}
}
