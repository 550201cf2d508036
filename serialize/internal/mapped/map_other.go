//go:build !unix && !windows

package mapped

import (
	"io"
	"os"
)

// mapFile reads the file where the system has no mappings.
func mapFile(f *os.File, size int) (data []byte, release func() error, err error) {
	data = make([]byte, size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, nil, err
	}
	return data, func() error { return nil }, nil
}
