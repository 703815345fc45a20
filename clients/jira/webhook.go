package jira

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"supportgraph/clients/upstream"
)

// event is an event on the wire (developer.atlassian.com/cloud/jira/platform/webhooks).
type event struct {
	Event string `json:"webhookEvent"` // "jira:issue_updated"
	Issue *struct {
		ID string `json:"id"`
	} `json:"issue"`
}

var _ upstream.ReadWebhook = ReadWebhook

// ReadWebhook reads a webhook that an administrator registered with a secret. The signature is over the body alone, and Jira
// dates nothing: a delivery is known by its identifier, which is the same when it is repeated. The subject is the issue's id.
func ReadWebhook(secrets []string, header http.Header, body []byte, _ time.Time) (*upstream.Webhook, error) {
	text := header.Get("X-Hub-Signature")
	hexed, ok := strings.CutPrefix(text, "sha256=")
	signature, err := hex.DecodeString(hexed)
	if !ok || err != nil || strings.ToLower(hexed) != hexed || !upstream.Signed(secrets, body, signature) {
		return nil, upstream.ErrForged
	}
	var told event
	if err := json.Unmarshal(body, &told); err != nil {
		return nil, fmt.Errorf("%w: %w", upstream.ErrMalformed, err)
	}
	id := header.Get("X-Atlassian-Webhook-Identifier")
	if told.Event == "" || id == "" || len(id) > 200 {
		return nil, fmt.Errorf("%w: an event has no type or identifier", upstream.ErrMalformed)
	}
	read := &upstream.Webhook{ID: id, Type: told.Event, Signature: text, Repeats: true}
	if told.Issue == nil {
		return read, nil
	}
	if !IssueRef(told.Issue.ID).isID() {
		return nil, fmt.Errorf("%w: the issue has no id", upstream.ErrMalformed)
	}
	switch told.Event {
	case "jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created", "comment_updated", "comment_deleted":
		read.Known, read.Subjects = true, []string{told.Issue.ID}
	}
	return read, nil
}
