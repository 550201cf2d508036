//go:build !linux

package runtime

// hostMemory is how much memory the machine has in bytes; 0: not known.
func hostMemory() uint64 { return 0 }

// availableMemory is how much of it can be had; 0: not known.
func availableMemory() uint64 { return 0 }
