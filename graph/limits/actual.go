package limits

import (
	"bytes"
	"math"
)

// Actual is what an operation came to, in points, by the data of its answer: every value that stands there costs what its
// field says, and so does a null, which was looked for too. It is false where the operation has too many paths to tell.
func (e *Estimate) Actual(data []byte) (points int, ok bool) {
	e.once.Do(func() { e.whole = e.outline(nil) })
	if e.whole == nil {
		return 0, false
	}
	r := reading{data: data}
	r.value(e.whole.root)
	return int(math.Ceil(min(r.points, most))), true
}

// reading goes through data of ours once, along the shapes of its operation, without taking it apart.
type reading struct {
	data   []byte
	at     int
	points float64
	times  []int // how often each shape is answered, by its place; nil where nobody asks
	values []int // how many values it has
}

// next is the byte in front of us, 0 at the end.
func (r *reading) next() byte {
	for ; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; c {
		case ' ', '\n', '\t', '\r', ',', ':':
		default:
			return c
		}
	}
	return 0
}

// value reads a value, or a list of them; s is nil where it costs nothing.
func (r *reading) value(s *shape) {
	switch c := r.next(); {
	case c == '[':
		r.at++
		for r.next() != ']' && r.at < len(r.data) {
			r.value(s)
		}
		r.at++
		return
	case c == '{':
		r.object(s)
	case c == '"':
		r.text()
	default:
		r.word()
	}
	if s != nil {
		r.points += s.weight
		if r.values != nil && s.parent != nil {
			r.values[s.at]++
		}
	}
}

// object reads the members of an object. They stand in the order in which they were asked for, with gaps where fields
// are of other types.
func (r *reading) object(s *shape) {
	r.at++
	likely := 0
	for r.next() == '"' {
		key := r.text()
		var member *shape
		if s != nil {
			if member, likely = s.member(key, likely); member != nil {
				r.points += member.given
				if r.times != nil {
					r.times[member.at]++
				}
			}
		}
		r.value(member)
	}
	r.at++
}

// member finds what is answered under a key: most likely the one behind the last. It returns where the next likely is.
func (s *shape) member(key []byte, likely int) (*shape, int) {
	if likely < len(s.below) && s.below[likely].key == string(key) {
		return s.below[likely], likely + 1
	}
	for at, below := range s.below {
		if below.key == string(key) {
			return below, at + 1
		}
	}
	return nil, likely
}

// text reads a string and returns what stands between its quotes.
func (r *reading) text() []byte {
	r.at++
	from := r.at
	for r.at < len(r.data) {
		end := bytes.IndexByte(r.data[r.at:], '"')
		if end < 0 {
			break
		}
		r.at += end + 1
		slashes := 0
		for i := r.at - 2; i >= from && r.data[i] == '\\'; i-- {
			slashes++
		}
		if slashes%2 == 0 {
			return r.data[from : r.at-1]
		}
	}
	r.at = len(r.data)
	return r.data[from:]
}

// word reads a number, true, false or null.
func (r *reading) word() {
	from := r.at
	for ; r.at < len(r.data); r.at++ {
		switch r.data[r.at] {
		case ',', ']', '}', ' ', '\n', '\t', '\r':
			if r.at == from {
				r.at++ // a bracket that closes nothing: never without end
			}
			return
		}
	}
}
