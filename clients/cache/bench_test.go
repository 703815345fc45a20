package cache

import (
	"context"
	"fmt"
	"testing"
	"time"

	"supportgraph/clients/upstream"
)

// What a read costs where its value is. Values are as large as a billing profile with two subscriptions.
func BenchmarkGet(b *testing.B) {
	redis := serveRedis(b)
	client := connect(b, redis.address)
	read := func(_ context.Context, keys []key) (map[key]*thing, map[key]error) {
		found := map[key]*thing{}
		for _, k := range keys {
			found[k] = &thing{Name: string(k), Parts: []string{fmt.Sprintf("%0800d", 1)}}
		}
		return found, nil
	}
	for _, size := range []int{1, 50} {
		keys := make([]key, size)
		for i := range keys {
			keys[i] = key(fmt.Sprint("k", i))
		}
		times := rules
		times.Fresh = time.Hour
		warm := table(b, client, times)
		warm.Get(b.Context(), upstream.Agents, keys, read)
		b.Run(fmt.Sprintf("process/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if found, _ := warm.Get(b.Context(), upstream.Agents, keys, read); len(found) != size {
					b.Fatal(len(found))
				}
			}
		})
		b.Run(fmt.Sprintf("redis/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				warm.store.local.InvalidateAll()
				found, _ := warm.Get(b.Context(), upstream.Agents, keys, read)
				if len(found) != size || *found[keys[0]].Source.Freshness != upstream.Cached {
					b.Fatal(len(found))
				}
			}
		})
		b.Run(fmt.Sprintf("off/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			off := table(b, nil, Times{})
			for b.Loop() {
				off.Get(b.Context(), upstream.Agents, keys, read)
			}
		})
	}
}
