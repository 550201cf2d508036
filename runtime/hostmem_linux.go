package runtime

import "golang.org/x/sys/unix"

// hostMemory is how much memory the machine has in bytes; 0: not known.
func hostMemory() uint64 {
	var s unix.Sysinfo_t
	if unix.Sysinfo(&s) != nil {
		return 0
	}
	return uint64(s.Totalram) * uint64(s.Unit)
}
