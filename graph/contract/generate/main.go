// Command generate writes the contract of every audience next to package contract, or checks that they are current.
// It is run from the root of the module.
package main

import (
	"flag"
	"fmt"
	"os"

	"supportgraph/graph/contract"
)

func main() {
	schema := flag.String("schema", "graph/schema", "`directory` of the full schema")
	dir := flag.String("dir", "graph/contract", "`directory` of the contracts")
	check := flag.Bool("check", false, "write nothing; show what differs and exit with 1 when something does")
	flag.Parse()

	if err := run(*schema, *dir, *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		if *check {
			fmt.Fprintln(os.Stderr, "run: go run ./graph/contract/generate")
		}
		os.Exit(1)
	}
}

func run(schema, dir string, check bool) error {
	full, err := contract.Load(schema)
	if err != nil {
		return err
	}
	if check {
		return contract.Check(dir, full)
	}
	return contract.Write(dir, full)
}
