// Package graph is the executor that gqlgen generates from graph/schema and gqlgen.yml. Nothing here is written by hand
// but this sentence; `make generate` writes the rest.
package graph
