package dualencoder

import "sync/atomic"

// A capacity is how much a device was found to take at once. It is learnt by
// trying: limits on memory and bindings depend on every layer of a model. The
// zero value is no limit.
type capacity struct{ most atomic.Int64 }

// batch is the largest number of inputs, each of so much, up to most.
func (c *capacity) batch(most, each int) int {
	if n := c.most.Load(); n > 0 {
		most = max(1, min(most, int(n)/each))
	}
	return most
}

// less says that so much did not fit: half of it is tried next.
func (c *capacity) less(tried int) {
	half := max(1, int64(tried)/2)
	if n := c.most.Load(); n == 0 || half < n {
		c.most.Store(half)
	}
}
