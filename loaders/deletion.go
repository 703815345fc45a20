package loaders

func deletionEdges() []*edge { return refusing("DeletionPayload") }
