package statuspage

import (
	"slices"
	"testing"
	"time"

	"supportgraph/clients/upstream"
)

const recorded = `{"page":{"id":"yh6f0r4529hb","name":"Cloudflare","url":"https://www.cloudflarestatus.com","time_zone":"Etc/UTC","updated_at":"2026-11-21T18:00:00.000Z"},
"status":{"indicator":"none","description":"All Systems Operational"},
"components":[{"id":"1km3","name":"DNS","status":"operational","group":false,"group_id":null,"position":1,"description":null}],
"incidents":[{"id":"p31","name":"Errors","status":"monitoring","impact":"minor","shortlink":null,"started_at":null,"created_at":"2026-11-21T17:00:00.000Z",
"updated_at":"2026-11-21T17:30:00.000Z","monitoring_at":null,"resolved_at":null,"page_id":"yh6f",
"incident_updates":[{"id":"u1","status":"monitoring","body":"…","incident_id":"p31","created_at":"2026-11-21T17:30:00.000Z","display_at":"2026-11-21T17:20:00.000Z","affected_components":null}],
"components":[{"id":"1km3","name":"DNS","status":"partial_outage"},{"id":"gone","name":"Pages","status":"operational"}]}],
"scheduled_maintenances":[]}`

func TestSparseFields(t *testing.T) {
	t.Parallel()
	var answer summary
	if err := upstream.Decode([]byte(recorded), &answer); err != nil {
		t.Fatal(err)
	}
	snapshot := answer.snapshot(time.Now())
	incident := snapshot.Incidents[0]
	if incident.URL != nil || incident.ResolvedAt != nil || incident.StartedAt.Hour() != 17 || incident.StartedAt.Minute() != 0 {
		t.Errorf("incident %+v", incident)
	}
	if said := incident.Updates[0].At; said.Minute() != 20 {
		t.Errorf("the update was said at %s", said)
	}
	if dns := incident.Components[0]; dns != snapshot.Components[0] || dns.Status != ComponentOperational {
		t.Errorf("an incident shows its component otherwise than the page: %+v", dns)
	}
	if len(snapshot.Components) != 1 || len(snapshot.Touching([]string{"Pages"})) != 1 {
		t.Errorf("a component that left the page: %+v", snapshot.Components)
	}
}

func TestUnusableSummaries(t *testing.T) {
	t.Parallel()
	const page, status = `"page":{"id":"p"}`, `"status":{"indicator":"none"}`
	for name, body := range map[string]string{
		"nothing":            `{}`,
		"no components":      `{` + page + `,` + status + `,"incidents":[]}`,
		"no incidents":       `{` + page + `,` + status + `,"components":[]}`,
		"no indicator":       `{` + page + `,"components":[],"incidents":[]}`,
		"a null component":   `{` + page + `,` + status + `,"components":[null],"incidents":[]}`,
		"a null incident":    `{` + page + `,` + status + `,"components":[],"incidents":[null]}`,
		"a timeless one":     `{` + page + `,` + status + `,"components":[],"incidents":[{"id":"i","status":"resolved"}]}`,
		"a null update":      `{` + page + `,` + status + `,"components":[],"incidents":[{"id":"i","status":"resolved","created_at":"2026-11-21T17:00:00Z","incident_updates":[null]}]}`,
		"work without a day": `{` + page + `,` + status + `,"components":[],"incidents":[],"scheduled_maintenances":[{"id":"i","status":"scheduled","created_at":"2026-11-21T17:00:00Z"}]}`,
	} {
		if err := upstream.Decode([]byte(body), &summary{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzSummary(f *testing.F) {
	f.Add([]byte(recorded))
	f.Add([]byte(`{"page":{"id":"p"},"status":{"indicator":"none"},"components":[],"incidents":[null]}`))
	statuses := []IncidentStatus{IncidentInvestigating, IncidentIdentified, IncidentMonitoring, IncidentResolved, IncidentPostmortem, IncidentOther}
	f.Fuzz(func(t *testing.T, body []byte) {
		var answer summary
		if upstream.Decode(body, &answer) != nil {
			return
		}
		snapshot := answer.snapshot(time.Now())
		for _, incident := range snapshot.Incidents {
			if incident.ID == "" || incident.StartedAt.IsZero() && answer.Incidents[0].StartedAt == nil || !slices.Contains(statuses, incident.Status) {
				t.Errorf("%+v", incident)
			}
			for _, component := range incident.Components {
				if !slices.Contains(snapshot.Touching([]string{component.Name}), incident) {
					t.Errorf("%q does not lead to its incident", component.Name)
				}
			}
		}
	})
}
