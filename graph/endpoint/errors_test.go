package endpoint_test

import (
	"net/http"
	"strings"
	"testing"

	"supportgraph/graph/auth"
	"supportgraph/graph/endpoint"
	"supportgraph/graph/limits"

	"github.com/google/go-cmp/cmp"
)

// TestFieldErrors shows what a viewer reads of each kind of error, and that the other fields stay.
func TestFieldErrors(t *testing.T) {
	t.Parallel()
	const (
		internal    = "Something went wrong on our side. Quote the reference when you report it."
		late        = "The answer took too long. Try again."
		unavailable = "A part of the service is not available. Try again later."
	)
	for _, test := range []struct {
		field      string
		message    string
		extensions string
		logged     string // the cause, in the log and nowhere else
	}{
		{`fail(how:"sql")`, internal, `{"code":"INTERNAL","reference":"ref-1","retryable":false}`, "SQLSTATE 42P01"},
		{`fail(how:"slow")`, late, `{"code":"TIMEOUT","reference":"ref-1","retryable":true}`, "SQLSTATE 57014"},
		{`fail(how:"shutdown")`, unavailable, `{"code":"UNAVAILABLE","reference":"ref-1","retryable":true}`, "SQLSTATE 57P01"},
		{`fail(how:"library")`, internal, `{"code":"INTERNAL","reference":"ref-1","retryable":false}`, "secret_table is missing"},
		{`fail(how:"dial")`, unavailable, `{"code":"UNAVAILABLE","reference":"ref-1","retryable":true}`, "secret.internal:5432"},
		{`fail(how:"vendor")`, late, `{"code":"TIMEOUT","reference":"ref-1","retryable":true}`, "stripe customers.get: TIMEOUT"},
		{`fail(how:"forbidden")`, "Only the account's admins may see this.", `{"code":"FORBIDDEN","reference":"ref-1","retryable":false}`, ""},
		{`panic`, internal, `{"code":"INTERNAL","reference":"ref-1","retryable":false}`, "secret of the panic"},
		{`item(id:"acc_1")`, "This is not the ID of a ticket.", `{"argument":"id","code":"INVALID_ID","reference":"ref-1","retryable":false}`, ""},
		{`item(id:"odd_1")`, `Argument \"id\" has a value that cannot be used.`, `{"argument":"id","code":"BAD_USER_INPUT","reference":"ref-1","retryable":false}`, ""},
		{`items(first:0)`, "Ask for 1 to 100.", `{"argument":"first","code":"INVALID_PAGE_SIZE","reference":"ref-1","retryable":false}`, ""},
	} {
		t.Run(test.field, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil)
			query := strings.ReplaceAll("{x:"+test.field+" hello}", `"`, `\"`)
			answer, body := s.send(t, request{body: `{"query":"` + query + `"}`})
			want := `{"data":{"x":null,"hello":"hello you"},"errors":[{"message":"` + test.message + `","path":["x"],` +
				`"locations":[{"line":1,"column":2}],"extensions":` + test.extensions + `}]}`
			if diff := cmp.Diff(want, body); diff != "" || answer.StatusCode != http.StatusOK {
				t.Errorf("%d, -want +got\n%s", answer.StatusCode, diff)
			}
			s.eventually(t, `"msg":"request"`)
			if log := s.log.String(); !strings.Contains(log, test.logged) || test.logged != "" && strings.Count(log, test.logged) > 1 {
				t.Errorf("the log should have %q once:\n%s", test.logged, log)
			}
		})
	}
}

func TestMissingValueOfARootFieldLeavesNoData(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	answer, body := s.send(t, request{body: `{"query":"{must}"}`})
	if answer.StatusCode != http.StatusOK || !strings.HasPrefix(body, `{"data":null,"errors":[{`) || !strings.Contains(body, `"INTERNAL"`) {
		t.Errorf("got %d %s", answer.StatusCode, body)
	}
}

func TestEachFaultIsLoggedOnceAndTheirNumberIsBounded(t *testing.T) {
	t.Parallel()
	s := serve(t, func(c *endpoint.Config) {
		portal, policy := c.Contracts[auth.Portal], limits.For(auth.Portal)
		policy.Bounds[limits.RootFields] = 25
		portal.Policy = &policy
		c.Contracts[auth.Portal] = portal
	})
	var fields strings.Builder
	for i := range 25 {
		fields.WriteString(" f" + string(rune('a'+i)) + `:fail(how:\"sql\")`)
	}
	s.send(t, request{body: `{"query":"{` + fields.String() + `}"}`})
	s.eventually(t, `"faults_unlogged":15`)
	if got := strings.Count(s.log.String(), `"msg":"fault"`); got != 10 {
		t.Errorf("%d faults in the log", got)
	}
}
