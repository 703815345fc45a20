package tickets

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of what a change may bring, in characters and items.
const (
	MaxSubject      = 500
	MaxBody         = 65536
	MaxReason       = 500
	MaxZone         = 253
	MaxZones        = 50
	MaxTags         = 20 // of one change
	MaxParticipants = 50
	MaxIncidents    = 20 // that a ticket is linked to
	maxKey          = 64
	maxIncidentName = 1000
)

// checks gathers what is wrong with an input before anything is read.
type checks struct{ refused []UserError }

func (c *checks) refuse(code Code, message string, at ...string) {
	c.refused = append(c.refused, invalid(code, message, at...))
}

// text checks a text whose form is free.
func (c *checks) text(text string, most int, at ...string) {
	switch {
	case strings.ContainsRune(text, 0):
		c.refuse(Invalid, "The character U+0000 is not allowed in texts.", at...)
	case !utf8.ValidString(text):
		c.refuse(Invalid, "The text is not valid Unicode.", at...)
	case blank(text):
		c.refuse(Missing, "The text is blank.", at...)
	case length(text) > most:
		c.refuse(TooLong, fmt.Sprintf("The text has more than %d characters.", most), at...)
	}
}

// draft checks a text that is not finished: it may be empty.
func (c *checks) draft(text string, at ...string) {
	switch {
	case strings.ContainsRune(text, 0):
		c.refuse(Invalid, "The character U+0000 is not allowed in texts.", at...)
	case !utf8.ValidString(text):
		c.refuse(Invalid, "The text is not valid Unicode.", at...)
	case length(text) > MaxBody:
		c.refuse(TooLong, fmt.Sprintf("The text has more than %d characters.", MaxBody), at...)
	}
}

// length counts a text's characters, as Postgres does.
func length(text string) int { return utf8.RuneCountInString(text) }

// line checks a text of one line, and returns it without the space around it.
func (c *checks) line(text string, most int, at ...string) string {
	text = strings.TrimSpace(text)
	before := len(c.refused)
	c.text(text, most, at...)
	if len(c.refused) == before && strings.ContainsFunc(text, breaks) {
		c.refuse(Invalid, "The text must be a single line.", at...)
	}
	return text
}

// breaks tells whether a character ends a line.
func breaks(r rune) bool { return strings.ContainsRune("\n\v\f\r\u0085\u2028\u2029", r) }

// blank tells whether a text shows nothing: space, and characters without a shape.
func blank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// reason checks why a status is changed; blank is none.
func (c *checks) reason(reason *string) *string {
	if reason == nil || !strings.ContainsRune(*reason, 0) && blank(*reason) {
		return nil
	}
	line := c.line(*reason, MaxReason, "reason")
	return &line
}

// zones checks names of zones, and returns them in lower case, each once.
func (c *checks) zones(zones []string) []string {
	if len(zones) > MaxZones {
		c.refuse(TooMany, fmt.Sprintf("A ticket has at most %d affected zones.", MaxZones), "affectedZones")
		return nil
	}
	names := make([]string, 0, len(zones))
	for i, zone := range zones {
		name := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(zone), "."))
		if !hostname(name) {
			c.refuse(Invalid, "The name is not that of a zone, such as example.com.", "affectedZones", strconv.Itoa(i))
		} else if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// hostname tells whether a name has the form of a domain; letters beyond ASCII are left to who writes them so.
func hostname(name string) bool {
	if len(name) > MaxZone || !utf8.ValidString(name) || !strings.Contains(name, ".") {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
		}) {
			return false
		}
	}
	return true
}

// key checks an idempotency key.
func (c *checks) key(key string) {
	if n := utf8.RuneCountInString(key); n < 1 || n > maxKey || strings.ContainsRune(key, 0) || !utf8.ValidString(key) {
		c.refuse(Invalid, fmt.Sprintf("An idempotency key has 1 to %d characters.", maxKey), "idempotencyKey")
	}
}

// staff refuses what only staff may do. Customers cannot name it; this is the second wall.
func (c *checks) staff(by Author) {
	if !by.Scope.Staff {
		c.refused = append(c.refused, forbidden(onlyStaff))
	}
}

// same tells whether two optional texts are equal.
func same(a, b *string) bool { return value(a) == value(b) }

// text makes an optional text of a value.
func text[T ~string](value T) *string {
	text := string(value)
	return &text
}
