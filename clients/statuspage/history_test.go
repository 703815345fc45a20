package statuspage_test

import (
	"errors"
	"slices"
	"testing"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/statuspage"
	"supportgraph/clients/upstream"
)

// readings is how often the page's history was asked for.
func (w *world) readings() int {
	return w.Stats()[vendors.Statuspage].Ops["incidents.get"].Calls
}

func TestIncidentsById(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	found, failed := w.client.Incidents(t.Context(), []string{"i1", "m1"})
	if len(found) != 2 || len(failed) != 0 || w.readings() != 0 {
		t.Fatalf("what the snapshot holds: %v, %v, %d readings", found, failed, w.readings())
	}
	for range 3 {
		found, failed = w.client.Incidents(t.Context(), []string{"i0", "i1", "gone"})
		if len(found) != 2 || len(failed) != 0 || w.readings() != 1 {
			t.Fatalf("with one that is over: %v, %v, %d readings", found, failed, w.readings())
		}
	}
	over := found["i0"]
	if over.Name != "Over" || over.Status != statuspage.IncidentResolved || over.Active() || over.ResolvedAt == nil || over.Components[0].Name != "DNS" ||
		over.Source.Name != upstream.Statuspage || *over.Source.Freshness != upstream.Cached || over.Source.FetchedAt == nil {
		t.Errorf("got %+v", over)
	}
}

func TestIncidentsOfABrokenPage(t *testing.T) {
	t.Parallel()
	reason := func(err error) upstream.Reason {
		var failure *upstream.Error
		if !errors.As(err, &failure) {
			return ""
		}
		return failure.Reason
	}
	// Nothing was ever read: nothing can be said of any.
	w := serve(t, upstream.Config{Retries: -1})
	w.strike(t, vendors.Fault{ErrorRate: 1, Status: 503})
	found, failed := w.client.Incidents(t.Context(), []string{"i0", "i1"})
	if len(found) != 0 || reason(failed["i0"]) != upstream.Unavailable || reason(failed["i1"]) != upstream.Unavailable {
		t.Errorf("got %v, %v", found, failed)
	}
	for range 3 { // a failure is not asked for again at once
		_, _ = w.client.Incidents(t.Context(), []string{"i0"})
	}
	if w.readings() != 1 {
		t.Errorf("%d readings", w.readings())
	}

	// The snapshot is there and the history is not: only what is over is missing.
	w = serve(t, upstream.Config{Retries: -1})
	if err := w.client.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.strike(t, vendors.Fault{Op: "incidents.get", Mode: vendors.Truncate})
	found, failed = w.client.Incidents(t.Context(), []string{"i0", "i1"})
	if found["i1"] == nil || found["i0"] != nil || len(failed) != 1 || reason(failed["i0"]) != upstream.BadAnswer {
		t.Errorf("got %v, %v", found, failed)
	}
}

func TestManyAskForThePastAtOnce(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream.Config{})
	answers := make(chan bool, 50)
	for range cap(answers) {
		go func() {
			found, _ := w.client.Incidents(t.Context(), []string{"i0"})
			answers <- found["i0"] != nil
		}()
	}
	var got []bool
	for range cap(answers) {
		got = append(got, <-answers)
	}
	if slices.Contains(got, false) || w.readings() != 1 {
		t.Errorf("%v by %d readings", got, w.readings())
	}
}
