package contract

import (
	"fmt"
	"strings"
)

const (
	diffContext = 3       // equal lines around a change
	diffCells   = 4 << 20 // of the table; beyond it the whole middle counts as changed
)

// change is a line of a comparison: ' ' in both texts, '-' only in the old, '+' only in the new.
type change struct {
	sign byte
	line string
	at   int // its number in the new text, or that of the next line there
}

// diff returns the lines that differ between two texts with some lines around them, empty when there are none.
func diff(old, now string) string {
	if old == now {
		return ""
	}
	changes := compare(strings.Split(old, "\n"), strings.Split(now, "\n"))
	var text strings.Builder
	shown := -1 // the last change that is written
	for i, c := range changes {
		if c.sign == ' ' {
			continue
		}
		from := max(shown+1, i-diffContext)
		if from > shown+1 || shown < 0 {
			fmt.Fprintf(&text, "@@ line %d\n", changes[from].at)
		}
		until := i
		for until+1 < len(changes) && until < i+diffContext && changes[until+1].sign == ' ' {
			until++
		}
		for _, c := range changes[from : until+1] {
			fmt.Fprintf(&text, "%c %s\n", c.sign, c.line)
		}
		shown = until
	}
	return text.String()
}

// compare lines up two texts by their longest common subsequence.
func compare(old, now []string) []change {
	head := 0
	for head < len(old) && head < len(now) && old[head] == now[head] {
		head++
	}
	tail := 0
	for tail < len(old)-head && tail < len(now)-head && old[len(old)-1-tail] == now[len(now)-1-tail] {
		tail++
	}
	var changes []change
	at := 1
	add := func(sign byte, line string) {
		changes = append(changes, change{sign, line, at})
		if sign != '-' {
			at++
		}
	}
	for _, line := range now[:head] {
		add(' ', line)
	}
	a, b := old[head:len(old)-tail], now[head:len(now)-tail]
	lengths := common(a, b)
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j] && lengths != nil:
			add(' ', a[i])
			i, j = i+1, j+1
		case i < len(a) && (lengths == nil || j == len(b) || lengths[i+1][j] >= lengths[i][j+1]):
			add('-', a[i])
			i++
		default:
			add('+', b[j])
			j++
		}
	}
	for _, line := range now[len(now)-tail:] {
		add(' ', line)
	}
	return changes
}

// common is the length of the longest common subsequence of each pair of suffixes, nil for texts that are too long.
func common(a, b []string) [][]int32 {
	if len(a)*len(b) > diffCells {
		return nil
	}
	lengths := make([][]int32, len(a)+1)
	for i := range lengths {
		lengths[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	return lengths
}
