package resolvers

import "supportgraph/clients/upstream"

// result is a vendor's value, or what stands for it: nothing there is not linked, and a failure is typed, so that the
// rest of the answer stays whole.
func result[V any](name upstream.Service, value *V, err error) any {
	switch {
	case err != nil:
		return upstream.Down(name, err)
	case value == nil:
		return upstream.Absent(name)
	default:
		return value
	}
}
