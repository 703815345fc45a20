package endpoint

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"supportgraph/clients/cache"
	"supportgraph/graph/auth"
	"supportgraph/graph/operations"
)

// The bounds on automatic documents.
const (
	maxAutomaticText = 16 << 10 // bytes
	automaticAge     = time.Hour
)

// Automatic keeps documents that clients name by themselves, as Apollo's automatic persisted queries do
// (https://www.apollographql.com/docs/apollo-server/performance/apq). It is for development: it spares bytes, and keeps
// nobody from running anything. Without Redis it knows nothing, and clients send their texts.
type Automatic struct {
	redis *cache.Client
	most  int
}

// NewAutomatic keeps them in Redis, at most so many for each audience; of more, the oldest goes.
func NewAutomatic(client *cache.Client, most int) *Automatic { return &Automatic{client, most} }

// keep puts a document in, and the oldest out where there are too many.
// KEYS: the index. ARGV: the prefix of keys, the hash, the text, seconds to keep it, how many at most, now.
var keep = redis.NewScript(`
redis.call('SET', ARGV[1] .. ARGV[2], ARGV[3], 'EX', ARGV[4])
redis.call('ZADD', KEYS[1], ARGV[6], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
local over = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[5])
if over > 0 then
  for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], 0, over - 1)) do
    redis.call('DEL', ARGV[1] .. hash)
    redis.call('ZREM', KEYS[1], hash)
  end
end
return 0`)

func (a *Automatic) find(ctx context.Context, audience auth.Audience, hash string) (string, bool) {
	text, err := a.redis.Get(ctx, automaticKey(audience)+hash).Result()
	return text, err == nil && operations.Hash(text) == hash
}

func (a *Automatic) put(ctx context.Context, audience auth.Audience, hash, text string) error {
	err := keep.Run(ctx, a.redis, []string{automaticKey(audience) + "index"}, automaticKey(audience), hash, text,
		int(automaticAge.Seconds()), a.most, time.Now().UnixMilli()).Err()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("keep a document: %w", err)
	}
	return nil
}

func automaticKey(audience auth.Audience) string { return "automatic:" + string(audience) + ":" }

// automatic finds the text of a document that no manifest has, where clients may name documents by themselves.
func (h *handler) automatic(ctx context.Context, x *exchange, request *asked, id string, persisted bool) *refusal {
	switch {
	case !persisted:
		return refuseDocument(x.media, DocumentUnknown)
	case request.Query != "" && operations.Hash(request.Query) != id:
		return refuseDocument(x.media, DocumentMismatch)
	case h.Automatic == nil && request.Query == "":
		return refuseDocument(x.media, PersistedQueryNotSupported)
	case h.Automatic == nil || len(request.Query) > maxAutomaticText:
		return nil // it runs by its text
	case request.Query == "":
		text, ok := h.Automatic.find(ctx, x.viewer.Audience, id)
		if !ok {
			return refuseDocument(x.media, PersistedQueryNotFound)
		}
		request.Query = text
		return nil
	default:
		if err := h.Automatic.put(ctx, x.viewer.Audience, id, request.Query); err != nil {
			h.logFault(ctx, Unavailable, err)
		}
		return nil
	}
}
