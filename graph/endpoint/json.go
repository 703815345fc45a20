package endpoint

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// maxNesting bounds how deep the values of a request nest. No input of the contract comes near it.
const maxNesting = 64

// decodeJSON reads one JSON value the way gqlgen expects it: map[string]any, []any, string, json.Number, bool, nil.
// It refuses what encoding/json lets pass: bytes that are not UTF-8, keys given twice, deep nesting, and the
// character U+0000, which no store of ours can hold. The fault goes on after the
// name of the text, and repeats nothing of it.
func decodeJSON(text []byte) (value any, fault string) {
	if !utf8.Valid(text) {
		return nil, "is not valid UTF-8."
	}
	if !json.Valid(text) {
		return nil, "is not valid JSON."
	}
	d := decoder{text: text}
	value = d.value(0)
	return value, d.fault
}

// decoder walks text that is known to be valid JSON, so that it only has to tell values apart.
type decoder struct {
	text  []byte
	at    int
	fault string // the first one; the walk ends there
}

// next skips white space and returns the byte that follows, without taking it.
func (d *decoder) next() byte {
	for {
		switch c := d.text[d.at]; c {
		case ' ', '\t', '\r', '\n', ',', ':':
			d.at++
		default:
			return c
		}
	}
}

func (d *decoder) value(depth int) any {
	switch c := d.next(); c {
	case '{', '[':
		if depth == maxNesting {
			d.fault = "nests too deep."
			return nil
		}
		d.at++
		if c == '{' {
			return d.object(depth + 1)
		}
		return d.array(depth + 1)
	case '"':
		return d.string()
	case 't':
		d.at += len("true")
		return true
	case 'f':
		d.at += len("false")
		return false
	case 'n':
		d.at += len("null")
		return nil
	default:
		return d.number()
	}
}

func (d *decoder) object(depth int) any {
	object := map[string]any{}
	for d.next() != '}' {
		key := d.string()
		if _, twice := object[key]; twice {
			d.fault = "has a key twice in one object."
		}
		if d.fault != "" {
			return nil
		}
		if object[key] = d.value(depth); d.fault != "" {
			return nil
		}
	}
	d.at++
	return object
}

func (d *decoder) array(depth int) any {
	array := []any{}
	for d.next() != ']' {
		if array = append(array, d.value(depth)); d.fault != "" {
			return nil
		}
	}
	d.at++
	return array
}

func (d *decoder) number() any {
	start := d.at
	for d.at < len(d.text) && strings.IndexByte("+-.0123456789eE", d.text[d.at]) >= 0 {
		d.at++
	}
	return json.Number(d.text[start:d.at])
}

func (d *decoder) string() string {
	start := d.at
	escaped := false
	for d.at++; d.text[d.at] != '"'; d.at++ {
		if d.text[d.at] == '\\' {
			escaped = true
			d.at++
		}
	}
	d.at++
	quoted := d.text[start:d.at]
	if !escaped {
		return string(quoted[1 : len(quoted)-1])
	}
	var plain string
	if err := json.Unmarshal(quoted, &plain); err != nil {
		d.fault = "is not valid JSON."
	}
	if strings.IndexByte(plain, 0) >= 0 {
		d.fault = "has a character that is not allowed in text."
	}
	return plain
}
