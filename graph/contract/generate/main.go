// Command generate writes the contract of every audience next to package contract, or checks that they are current, that
// the schema keeps the rules of the house, and that no contract breaks what was released.
// It is run from the root of the module.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"supportgraph/graph/contract"
)

func main() {
	schema := flag.String("schema", "graph/schema", "`directory` of the full schema")
	dir := flag.String("dir", "graph/contract", "`directory` of the contracts")
	check := flag.Bool("check", false, "write nothing; show what differs and exit with 1 when something does")
	release := flag.Bool("release", false, "take the contracts for those that clients rely on from now on")
	flag.Parse()

	if err := run(*schema, *dir, *check, *release); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(schema, dir string, check, release bool) error {
	full, err := contract.Load(schema)
	if err != nil {
		return err
	}
	var faults []error
	if check || release {
		for _, fault := range contract.Lint(full) {
			faults = append(faults, errors.New(fault.String()))
		}
	}
	switch {
	case check:
		if err := contract.Check(dir, full); err != nil {
			faults = append(faults, err, errors.New("run: make generate"))
		}
		return errors.Join(append(faults, contract.CheckReleased(dir, full))...)
	case len(faults) > 0:
		return errors.Join(faults...)
	case release:
		return contract.Release(dir, full)
	}
	return contract.Write(dir, full)
}
