package upstream

import (
	"context"
	"maps"
	"slices"
)

// Chunks reads distinct keys from a vendor with a batch read in the fewest calls that its batch size allows. The chunks go
// beside each other, no more at a time than the client has places. read answers for one chunk: what was found, and
// what failed on its own; an error fails all keys of its chunk, and no others. A key in neither map is one that the
// vendor does not know.
func Chunks[K comparable, V any](ctx context.Context, c *Client, op string, size int, keys []K, read func(context.Context, []K) (map[K]*V, map[K]error, error)) (map[K]*V, map[K]error) {
	type part struct {
		found  map[K]*V
		failed map[K]error
	}
	chunks := slices.Collect(slices.Chunk(distinct(keys), size))
	numbers := make([]int, len(chunks))
	for i := range numbers {
		numbers[i] = i
	}
	parts, broken := Each(ctx, c, op, numbers, func(ctx context.Context, number int) (*part, error) {
		found, failed, err := read(ctx, chunks[number])
		return &part{found, failed}, err
	})
	found, failed := make(map[K]*V, len(keys)), make(map[K]error)
	for number, err := range broken {
		for _, key := range chunks[number] {
			failed[key] = err
		}
	}
	for _, part := range parts {
		maps.Copy(found, part.found)
		maps.Copy(failed, part.failed)
	}
	return found, failed
}
