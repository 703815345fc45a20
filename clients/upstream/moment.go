package upstream

import (
	"encoding/json"
	"errors"
	"time"
)

// Moment is a time on the wire as Salesforce and Jira write it, "2026-11-01T10:00:00.000+0000": the zone has no colon, as
// RFC 3339 demands.
type Moment time.Time

// UnmarshalJSON reads a time of the years 1 to 9999, which are those that have a JSON of their own again.
func (m *Moment) UnmarshalJSON(text []byte) error {
	var value string
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	at, err := time.Parse("2006-01-02T15:04:05.999-0700", value)
	if err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999 {
		return errors.New("a time that cannot be read")
	}
	*m = Moment(at.UTC())
	return nil
}

// Time is the moment in UTC, zero where none was read.
func (m Moment) Time() time.Time { return time.Time(m) }
