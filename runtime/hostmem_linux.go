package runtime

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// hostMemory is how much memory the machine has in bytes, or the container
// that this process is in; 0: not known.
func hostMemory() uint64 {
	var s unix.Sysinfo_t
	if unix.Sysinfo(&s) != nil {
		return 0
	}
	total := uint64(s.Totalram) * uint64(s.Unit)
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil { // "max" where there is no limit
		if limit, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, 64); err == nil {
			total = min(total, limit)
		}
	}
	return total
}

// availableMemory is how much of the machine's memory can be had in bytes
// without swapping; 0: not known.
func availableMemory() uint64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	return memAvailable(text)
}

// memAvailable reads the line "MemAvailable:   23334412 kB".
func memAvailable(meminfo []byte) uint64 {
	for line := range bytes.Lines(meminfo) {
		if f := bytes.Fields(line); len(f) == 3 && string(f[0]) == "MemAvailable:" {
			n, err := strconv.ParseUint(string(f[1]), 10, 54)
			if err != nil {
				return 0
			}
			return n << 10
		}
	}
	return 0
}
