// Package vendors holds stand-ins for the REST vendors: one handler that speaks their wire formats over real HTTP, with
// faults that tests and people can switch on. It knows nothing of our clients, so that both sides of the wire are
// written from the vendors' documentation and neither from the other.
package vendors
