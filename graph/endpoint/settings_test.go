package endpoint_test

import (
	"strings"
	"testing"
	"time"

	"supportgraph/clients/settings"
	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/endpoint/budget"
	"supportgraph/graph/limits"
)

// configured reads settings from an environment.
func configured(environment map[string]string) (endpoint.Settings, error) {
	var read endpoint.Settings
	err := settings.Read(&read, nil, func(key string) string {
		if value, ok := environment[key]; ok {
			return value
		}
		return map[string]string{"AUTH_ISSUERS": `[{"issuer":"https://id.example.com","jwks":"https://id.example.com/keys","audience":"support-graph","algorithms":"ES256","serves":"portal"}]`}[key]
	})
	return read, err
}

// TestSettings shows limits, budgets and deadlines as they are configured, and as they are where nothing is.
func TestSettings(t *testing.T) {
	t.Parallel()
	read, err := configured(map[string]string{
		"LIMITS": "portal.DEPTH=8,console=measure", "BUDGETS": "portal.viewer=100/2.5,portal.account=0,console.concurrent=3",
		"OPERATION_TIMEOUT": "3s", "MAX_BODY": "65536",
	})
	if err != nil {
		t.Fatal(err)
	}
	usual := endpoint.DefaultAllowances()
	portal, console := read.Budgets[auth.Portal], read.Budgets[auth.Console]
	if read.Limits.Of(auth.Portal).Bounds[limits.Depth] != 8 || read.Limits.Of(auth.Console).Level != limits.Measure ||
		portal.Viewer != (budget.Bucket{Points: 100, PerSecond: 2.5}) || portal.Account != (budget.Bucket{}) || portal.Client != usual[auth.Portal].Client ||
		console.Concurrent != 3 || console.Viewer != usual[auth.Console].Viewer || read.Budgets[auth.Explorer] != usual[auth.Explorer] ||
		read.OperationTimeout != 3*time.Second || read.MaxBody != 65536 {
		t.Errorf("got %+v", read)
	}
	if read, err = configured(nil); err != nil || read.Limits.Of(auth.Portal) != limits.For(auth.Portal) || read.Budgets != nil ||
		read.OperationTimeout != endpoint.DefaultTimeout || read.MaxBody != endpoint.DefaultMaxBody {
		t.Errorf("got %+v, %v", read, err)
	}
}

// TestSettingsThatCannotBe shows what is refused at start, each with what is wrong.
func TestSettingsThatCannotBe(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"LIMITS=portal.WIDTH=3":         "LIMITS: portal.WIDTH: there is no such limit",
		"BUDGETS=partner.viewer=1/1":    `BUDGETS: budgets are written as portal.viewer=10000/200,portal.concurrent=20; "partner" is none of`,
		"BUDGETS=portal.viewer=100":     "BUDGETS: portal.viewer: a bucket is written as",
		"BUDGETS=portal.viewer=100/0":   "BUDGETS: portal.viewer: a bucket is written as",
		"BUDGETS=portal.viewer=1/NaN":   "BUDGETS: portal.viewer: a bucket is written as",
		"BUDGETS=portal.team=1/1":       "BUDGETS: portal.team: there are viewer, client, account and concurrent",
		"BUDGETS=portal.concurrent=-1":  "BUDGETS: portal.concurrent: this is a number of requests",
		"OPERATION_TIMEOUT=2m":          "OPERATION_TIMEOUT: from 100ms to 45s",
		"OPERATION_TIMEOUT=1ms":         "OPERATION_TIMEOUT: from 100ms to 45s",
		"MAX_BODY=10":                   "MAX_BODY: from 1,024 to 1,048,576 bytes",
		"MAX_BODY=10000000":             "MAX_BODY: from 1,024 to 1,048,576 bytes",
		"MAX_IN_FLIGHT=0":               "MAX_IN_FLIGHT: at least 1",
		"REPLICAS=0":                    "REPLICAS: at least 1",
		"LIMITS=portal.DEPTH=1,console": "LIMITS: console: the level is enforce or measure",
	} {
		key, value, _ := strings.Cut(setting, "=")
		if _, err := configured(map[string]string{key: value}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", setting, err, want)
		}
	}
}
