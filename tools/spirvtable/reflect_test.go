package main

import (
	"os"
	"reflect"
	"testing"
)

// testdata/every.spv is every.comp as compiler.compile makes it, every.named.spv
// the same before its names are stripped.
func TestReflect(t *testing.T) {
	named, err := os.ReadFile("testdata/every.named.spv")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("testdata/every.spv")
	if err != nil {
		t.Fatal(err)
	}
	got, err := reflectModule(named, code)
	if err != nil {
		t.Fatal(err)
	}
	want := &reflected{
		Bindings: []binding{
			{"only_read", "StorageBuffer", true, false},
			{"Both", "StorageBuffer", true, true},
			{"Write", "StorageBuffer", false, true},
			{"Unmarked", "StorageBuffer", false, true},
			{"Count", "StorageBuffer", true, true},
			{"texels", "UniformTexelBuffer", true, false},
			{"out_texels", "StorageTexelBuffer", false, true},
			{"Constants", "UniformBuffer", true, false},
			{"image", "SampledImage", true, false},
			{"Unused", "StorageBuffer", false, false},
		},
		PushBytes: 60, // n at 0, pair at 8, rows at 16 with a stride of 16, tail at 48
		Spec: []specConstant{
			{1, "on", "Bool", 1},
			{2, "offset", "Int", 0xffffffff},
			{3, "scale", "Float", 0x3fc00000},
			{7, "", "Uint", 1},
		},
		LocalSize:     [3]uint32{1, 2, 1},
		LocalSizeSpec: [3]int{7, -1, -1},
		Capabilities:  []string{"ImageBuffer", "SampledBuffer", "Shader"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestReflectRefusesJunk(t *testing.T) {
	code, err := os.ReadFile("testdata/every.spv")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, []byte("not a module, not at all"), code[:len(code)-3], code[:24]} {
		if _, err := reflectModule(bad, bad); err == nil {
			t.Errorf("%d bytes were taken for a module", len(bad))
		}
	}
}
