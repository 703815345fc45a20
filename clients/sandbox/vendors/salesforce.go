package vendors

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// maxRetrieved is how many records may be asked for at once (developer.salesforce.com, "Get Records With a Request Body
// Using sObject Collections").
const maxRetrieved = 2000

// salesforceTime has no colon in its zone, and is not RFC 3339.
const salesforceTime = "2006-01-02T15:04:05.000-0700"

// sessions are the access tokens that were given out and are still good.
type sessions struct {
	mu    sync.Mutex
	given int
	until map[string]time.Time // zero: for ever
}

func (s *sessions) open(now time.Time, life time.Duration) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until == nil {
		s.until = make(map[string]time.Time)
	}
	s.given++
	token := fmt.Sprintf("00Dxx0000001gPL!session_%06d", s.given)
	s.until[token] = time.Time{}
	if life > 0 {
		s.until[token] = now.Add(life)
	}
	return token
}

func (s *sessions) good(token string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.until[token]
	return ok && (until.IsZero() || now.Before(until))
}

// ExpireSessions makes every access token that Salesforce gave out invalid, as its end of life does.
func (s *Server) ExpireSessions() {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	clear(s.sessions.until)
}

// mountSalesforce serves the client-credentials token and the retrieval of records by id, of accounts and of users
// (developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-sobjects-collections-retrieve-post.html).
func (s *Server) mountSalesforce(data SalesforceData, options Options) {
	daily := options.DailyCalls
	if daily == 0 {
		daily = 100_000
	}
	d := dialect{
		vendor:  Salesforce,
		latency: options.latency(180*time.Millisecond, 1500*time.Millisecond),
		allows:  func(r *http.Request) bool { return s.sessions.good(bearer(r), s.now()) },
		refuse:  salesforceRefuses,
		stamp: func(header http.Header, _ *http.Request, turn turn) {
			header.Set("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/%d", turn.rate.Calls-turn.left, turn.rate.Calls))
		},
		rate:  func(string) (string, Rate) { return "", Rate{Calls: daily, Window: Duration(24 * time.Hour)} },
		limit: http.StatusForbidden,
	}
	login := d
	login.allows = func(*http.Request) bool { return true }
	login.refuse = loginRefuses
	login.stamp = func(http.Header, *http.Request, turn) {}
	login.rate = nil
	s.handle(login, "oauth.token", "POST "+SalesforcePath+"/services/oauth2/token", func(r *http.Request, _ Fault) reply {
		switch err := r.ParseForm(); {
		case err != nil || r.PostForm.Get("grant_type") != "client_credentials":
			return oauthError("unsupported_grant_type", "grant type not supported")
		case r.PostForm.Get("client_id") == "":
			return oauthError("invalid_client_id", "client identifier invalid")
		case options.SalesforceSecret != "" && r.PostForm.Get("client_secret") != options.SalesforceSecret || r.PostForm.Get("client_secret") == "":
			return oauthError("invalid_client", "invalid client credentials")
		}
		home := "http://" + r.Host + SalesforcePath
		return reply{status: http.StatusOK, body: object{ // no expires_in: a session ends without notice
			"access_token": s.sessions.open(s.now(), options.SessionLife), "instance_url": home, "token_type": "Bearer",
			"id": home + "/id/00Dxx0000001gPLEAY/005xx000001SwiUAAS", "issued_at": fmt.Sprint(s.now().UnixMilli()),
			"signature": "c2lnbmF0dXJl", "token_format": "opaque",
		}}
	})

	accounts, users := make(map[string]object, len(data.Accounts)), make(map[string]object, len(data.Users))
	for _, account := range data.Accounts {
		accounts[account.ID[:15]] = account.wire(data.Custom)
	}
	for _, user := range data.Users {
		users[user.ID[:15]] = object{"Id": user.ID, "Name": user.Name, "Email": orNull(user.Email), "IsActive": true}
	}
	fields := append([]string{"Id", "Name", "Type", "Industry", "OwnerId", "CreatedDate", "LastModifiedDate"}, data.Custom...)
	s.handle(d, "accounts.retrieve", "POST "+SalesforcePath+"/services/data/{version}/composite/sobjects/Account", retrieve("Account", accounts, fields))
	s.handle(d, "users.retrieve", "POST "+SalesforcePath+"/services/data/{version}/composite/sobjects/User", retrieve("User", users, []string{"Id", "Name", "Email", "IsActive"}))
	s.handle(d, "unknown", SalesforcePath+"/", func(*http.Request, Fault) reply {
		return salesforceError(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
	})
}

// retrieve answers with one element for each id, in the order of the ids; null for one that is not there.
func retrieve(kind string, records map[string]object, fields []string) func(*http.Request, Fault) reply {
	return func(r *http.Request, fault Fault) reply {
		var asked struct {
			IDs    []string `json:"ids"`
			Fields []string `json:"fields"`
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || len(asked.IDs) == 0 || len(asked.Fields) == 0 {
			return salesforceError(http.StatusBadRequest, "JSON_PARSER_ERROR", "The request body must name ids and fields")
		}
		if len(asked.IDs) > maxRetrieved {
			return salesforceError(http.StatusBadRequest, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 2000 records in this call")
		}
		for _, field := range asked.Fields {
			if !slices.Contains(fields, field) { // one of them refuses all
				return salesforceError(http.StatusBadRequest, "INVALID_FIELD", fmt.Sprintf("No such column '%s' on entity '%s'", field, kind))
			}
		}
		found := make([]any, len(asked.IDs))
		for i, id := range asked.IDs {
			if record, ok := known(records, id); ok && !fault.drops(record["Id"].(string)) {
				shown := object{"attributes": object{"type": kind, "url": "/services/data/" + r.PathValue("version") + "/sobjects/" + kind + "/" + record["Id"].(string)}}
				for _, field := range asked.Fields {
					shown[field] = record[field]
				}
				found[i] = shown
			}
		}
		if fault.Shuffle {
			slices.Reverse(found)
		}
		return reply{status: http.StatusOK, body: found, keys: len(asked.IDs)}
	}
}

// known finds a record by an id of 15 or 18 characters.
func known(records map[string]object, id string) (object, bool) {
	if len(id) != 15 && len(id) != 18 {
		return nil, false
	}
	record, ok := records[id[:15]]
	return record, ok && (len(id) == 15 || record["Id"] == id)
}

func (a CrmAccount) wire(custom []string) object {
	wire := object{
		"Id": a.ID, "Name": a.Name, "Type": orNull(a.Type), "Industry": orNull(a.Industry), "OwnerId": orNull(a.OwnerID),
		"CreatedDate": a.Created.UTC().Format(salesforceTime), "LastModifiedDate": a.Modified.UTC().Format(salesforceTime),
	}
	for _, field := range custom {
		wire[field] = a.Custom[field] // null where there is none
	}
	return wire
}

func salesforceRefuses(status int, fault Fault) reply {
	code, message := "INVALID_REQUEST", "The request is not valid"
	switch {
	case status == http.StatusUnauthorized:
		code, message = "INVALID_SESSION_ID", "Session expired or invalid"
	case status == http.StatusForbidden: // there is no 429: the day's calls are used up
		code, message = "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."
	case status == http.StatusNotFound:
		code, message = "NOT_FOUND", "The requested resource does not exist"
	case status >= 500:
		code, message = "UNKNOWN_EXCEPTION", "An unexpected error occurred"
	}
	return salesforceError(status, orElse(fault.Reason, code), message)
}

// salesforceError is an array, as all failures of the REST API are.
func salesforceError(status int, code, message string) reply {
	return reply{status: status, body: []object{{"message": message, "errorCode": code}}}
}

func loginRefuses(status int, fault Fault) reply {
	answer := oauthError(orElse(fault.Reason, "invalid_client"), "invalid client credentials")
	answer.status = status
	return answer
}

// oauthError is RFC 6749 section 5.2, as Salesforce answers a token that it does not give.
func oauthError(code, description string) reply {
	return reply{status: http.StatusBadRequest, body: object{"error": code, "error_description": description}}
}
