package ops

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/vk"
)

// Of the shapes that devices list, one that the shader can use is taken, and no
// kernel where there is none.
func TestFragmentOfWhatIsListed(t *testing.T) {
	shape := func(m, n, k uint32, ab, c vk.ComponentType) vk.CooperativeMatrix {
		return vk.CooperativeMatrix{M: m, N: n, K: k, A: ab, B: ab, C: c, Result: c, SubgroupScope: true}
	}
	info := &vk.Info{Features: vk.Features{CooperativeMatrix: true}, Subgroup: vk.Subgroup{Size: 32, MinSize: 32, MaxSize: 32}}
	info.Limits = vk.Limits{MaxStorageBuffersPerStage: 8, MaxWorkgroupInvocations: 256, MaxWorkgroupSize: [3]uint32{256, 256, 64}}
	wide := shape(64, 64, 64, vk.Float16, vk.Float32)
	workgroup := shape(16, 16, 16, vk.Float16, vk.Float32)
	workgroup.SubgroupScope = false
	info.CooperativeMatrices = []vk.CooperativeMatrix{shape(16, 16, 16, vk.Float16, vk.Float16), shape(16, 16, 32, vk.SInt8, vk.SInt32), wide, workgroup}
	require.NotEmpty(t, matrices(info), "none of these shapes fits")

	info.CooperativeMatrices = append(info.CooperativeMatrices, shape(8, 8, 16, vk.Float16, vk.Float32), shape(8, 16, 16, vk.Float16, vk.Float32))
	require.Empty(t, matrices(info))
	f, _ := fragment(info)
	require.Equal(t, []uint32{8, 16, 16}, []uint32{f.M, f.N, f.K})

	info.CooperativeMatrices = append(info.CooperativeMatrices, shape(16, 16, 16, vk.Float16, vk.Float32), shape(32, 32, 32, vk.Float16, vk.Float32))
	f, _ = fragment(info)
	require.Equal(t, []uint32{16, 16, 16}, []uint32{f.M, f.N, f.K})

	info.Subgroup.MaxSize = 64
	require.NotEmpty(t, matrices(info), "the size of a subgroup is not known")
	info.Subgroup.RequiredSize, info.Features.SubgroupSizeControl, info.Features.ComputeFullSubgroups = true, true, true
	require.Empty(t, matrices(info))

	sizes := func() [2]uint32 { lanes, required := matrixSubgroup(info); return [2]uint32{lanes, required} }
	require.Equal(t, [2]uint32{32, 32}, sizes())
	info.VendorID, info.Subgroup.MinSize = 0x8086, 8
	require.Equal(t, [2]uint32{16, 16}, sizes(), "a lane a column")

	info.Limits.MaxComputeSharedMemory = 16 << 10
	require.Empty(t, warps{32, 32}.needs(info))
	require.Equal(t, "23 KiB of shared memory", warps{64, 64}.needs(info))
	info.Limits.MaxStorageBuffersPerStage = 4
	require.NotEmpty(t, matrices(info))
}
