// Package allocs lets tests of readers bound the memory that a file can claim.
//
// It keeps no state.
package allocs

import "runtime/metrics"

// Of returns about how many bytes f allocates on the heap in all, with what other
// goroutines allocate meanwhile.
func Of(f func()) int {
	heap := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(heap)
	before := heap[0].Value.Uint64()
	f()
	metrics.Read(heap)
	return int(heap[0].Value.Uint64() - before)
}

// Bound is what a reader may allocate for a file of that many bytes: a constant times
// its size, for names, shapes and tables, and never the numbers that it claims to have.
func Bound(size int) int { return 4<<20 + 200*size }
