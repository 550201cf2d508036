package runtime

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemAvailable(t *testing.T) {
	require.EqualValues(t, 23334412<<10, memAvailable([]byte("MemTotal:       24683736 kB\nMemAvailable:   23334412 kB\nBuffers: 1 kB\n")))
	require.Zero(t, memAvailable([]byte("MemTotal: 5 kB\n")))
	require.Zero(t, memAvailable([]byte("MemAvailable: many kB\n")))
	require.Positive(t, availableMemory())
	require.LessOrEqual(t, availableMemory(), hostMemory())
}
