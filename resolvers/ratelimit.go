package resolvers

import (
	"context"

	"supportgraph/graph/endpoint"
	"supportgraph/graph/model"
)

// RateLimit answers where its argument is true, too: the endpoint has left out everything else by then.
func (r *queryResolver) RateLimit(ctx context.Context, _ bool) (*model.RateLimit, error) {
	return endpoint.RateLimit(ctx), nil
}
