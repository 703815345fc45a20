package resolvers_test

import "time"

// The forms of JSON that the graph's scalars have.

func quote(b []byte, text string) []byte {
	b = append(b, '"')
	from := 0
	for i := range len(text) {
		c := text[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			const digits = "0123456789ABCDEF"
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	return append(append(b, text[from:]...), '"')
}

func quoteOrNull(b []byte, text *string) []byte {
	if text == nil {
		return append(b, `null`...)
	}
	return quote(b, *text)
}

func moment(b []byte, at time.Time) []byte {
	return append(at.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

func momentOrNull(b []byte, at *time.Time) []byte {
	if at == nil {
		return append(b, `null`...)
	}
	return moment(b, *at)
}

// named is a record of which only the name is asked for; no name, no record.
func named(b []byte, name string) []byte {
	if name == "" {
		return append(b, `null`...)
	}
	return append(quote(append(b, `{"name":`...), name), '}')
}

// person is a contact, or else an agent, or else nobody, with the type.
func person(b []byte, contact, agent string) []byte {
	switch {
	case contact != "":
		b = quote(append(b, `{"__typename":"Contact","name":`...), contact)
	case agent != "":
		b = quote(append(b, `{"__typename":"Agent","name":`...), agent)
	default:
		return append(b, `null`...)
	}
	return append(b, '}')
}

// assigned is an agent, or else a team, or else nobody, with the type.
func assigned(b []byte, agent bool, name string) []byte {
	switch {
	case name == "":
		return append(b, `null`...)
	case agent:
		b = append(b, `{"__typename":"Agent","name":`...)
	default:
		b = append(b, `{"__typename":"Team","name":`...)
	}
	return append(quote(b, name), '}')
}

// comma stands in front of every item but the first.
func comma(b []byte, i int) []byte {
	if i == 0 {
		return b
	}
	return append(b, ',')
}
