package upstream

// Lane is whose call it is. Where a vendor's allowance runs short, a lane leaves the last part of it to those before it.
type Lane int

// The lanes, first come those who are served last to wait. What names no lane is an agent's.
const (
	Agents    Lane = iota // support agents, and our own background work that everybody profits from
	Customers             // the portal
	Engineers             // the explorer
)

// LaneName names a lane. The values are those of the contract's SourceLane.
type LaneName string

// Name is the lane's name.
func (l Lane) Name() LaneName { return []LaneName{"AGENTS", "CUSTOMERS", "ENGINEERS"}[l] }

// Lanes is how many there are.
const Lanes = 3

// leaves is the part of a bucket that a lane never takes.
func (l Lane) leaves() float64 {
	switch l {
	case Agents:
		return 0
	case Customers:
		return 0.25
	default:
		return 0.5
	}
}

// In is the same client, with the same places, connections and state, whose calls are the lane's.
func (c *Client) In(lane Lane) *Client {
	view := *c
	view.lane = lane
	return &view
}

// Once is the same client, with the same places, connections and state, whose calls are sent at most once. It is for
// writes that carry no idempotency key. All other calls may be repeated: whether one may is said by its caller and never
// inferred from its method.
func (c *Client) Once() *Client {
	view := *c
	view.once = true
	return &view
}
