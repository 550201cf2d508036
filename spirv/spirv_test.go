package spirv

import (
	"encoding/binary"
	"slices"
	"testing"
)

// The table and the embedded files must belong together.
func TestTable(t *testing.T) {
	entries, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(modules) {
		t.Errorf("%d files, %d modules", len(entries), len(modules))
	}
	var last string
	for _, m := range Modules() {
		if m.Name <= last {
			t.Errorf("%s follows %s", m.Name, last)
		}
		last = m.Name
		if found, ok := Lookup(m.Name); !ok || found != m {
			t.Errorf("Lookup does not find %s", m.Name)
		}
		if code := m.Code(); len(code) < 20 || binary.LittleEndian.Uint32(code) != 0x07230203 {
			t.Errorf("%s: no SPIR-V", m.Name)
		}
		if !slices.ContainsFunc(m.Bindings, func(b Binding) bool { return b.Writes }) {
			t.Errorf("%s writes nothing", m.Name)
		}
	}
	if _, ok := Lookup("no_such_module"); ok {
		t.Error("Lookup finds what is not there")
	}
}

// The baseline runs on every Vulkan 1.1 device.
func TestPushConstantsFitEverywhere(t *testing.T) {
	for _, m := range Modules() {
		if m.PushBytes > 128 {
			t.Errorf("%s: %d bytes of push constants, 128 is what every device has", m.Name, m.PushBytes)
		}
	}
}
