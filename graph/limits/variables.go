package limits

// Variables checks the variables of a request, as they were read from JSON and before they are coerced.
func (p *Policy) Variables(variables map[string]any) []Excess {
	if len(variables) == 0 {
		return nil
	}
	var t tally
	for _, value := range variables {
		t.value(value, 1)
	}
	return p.excesses(&t)
}

func (t *tally) value(value any, level int) {
	t[Values]++
	switch value := value.(type) {
	case map[string]any:
		t[ValueDepth] = max(t[ValueDepth], level)
		for _, field := range value {
			t.value(field, level+1)
		}
	case []any:
		t[ValueDepth] = max(t[ValueDepth], level)
		t[ListLength] = max(t[ListLength], len(value))
		for _, item := range value {
			t.value(item, level+1)
		}
	}
}
