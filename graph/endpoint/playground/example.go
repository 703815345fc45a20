package playground

import (
	"fmt"
	"io/fs"
)

// Example is a query that the page opens in a tab of its own.
type Example struct {
	// Name is the file's name without its ending: inbox, account-360, my-cases.
	Name string `json:"name"`
	// Persona is the kind of person the query is meant for: agent or customer.
	Persona string `json:"persona"`
	// Query is the whole text, comments included. It needs no variables.
	Query string `json:"query"`
}

// Examples returns the page's example queries in the order of its tabs.
func Examples() []Example {
	page, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err)
	}
	examples, err := readExamples(page)
	if err != nil {
		panic(fmt.Errorf("embedded playground: %w", err))
	}
	return examples
}

func readExamples(page fs.FS) ([]Example, error) {
	examples := []Example{
		{Name: "inbox", Persona: "agent"},
		{Name: "account-360", Persona: "agent"},
		{Name: "my-cases", Persona: "customer"},
	}
	for i := range examples {
		query, err := fs.ReadFile(page, "examples/"+examples[i].Name+".graphql")
		if err != nil {
			return nil, fmt.Errorf("read the example %s: %w", examples[i].Name, err)
		}
		examples[i].Query = string(query)
	}
	return examples, nil
}
