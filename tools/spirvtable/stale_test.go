package main

import (
	"os"
	"slices"
	"testing"

	"github.com/vkdual/vkdual/spirv"
	"github.com/vkdual/vkdual/vk"
)

// What is committed must be what the shaders give. No compiler is needed: the
// hash in the table stands for it.
func TestSPIRVIsNotStale(t *testing.T) {
	p := repository("../..")
	variants, err := findVariants(p)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range variants {
		names = append(names, v.name)
		m, ok := spirv.Lookup(v.name)
		if !ok {
			t.Errorf("%s of %s was never compiled: run tools/glslc.sh", v.name, v.file)
		} else if m.SourceHash != v.hash {
			t.Errorf("%s is older than %s, its includes or its flags: run tools/glslc.sh", v.name, v.file)
		}
	}
	for _, m := range spirv.Modules() {
		if !slices.Contains(names, m.Name) {
			t.Errorf("%s comes from no shader: run tools/glslc.sh", m.Name)
		}
	}
}

var descriptorTypes = map[string]vk.DescriptorType{
	"StorageBuffer": vk.StorageBuffer, "UniformBuffer": vk.UniformBuffer,
	"UniformTexelBuffer": vk.UniformTexelBuffer, "StorageTexelBuffer": vk.StorageTexelBuffer,
}

// The table must describe the code that is embedded.
func TestTableDescribesTheCode(t *testing.T) {
	for _, m := range spirv.Modules() {
		code := m.Code()
		r, err := reflectModule(code, code)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		same := len(r.Bindings) == len(m.Bindings) && int(r.PushBytes) == m.PushBytes && r.LocalSize == m.LocalSize &&
			r.LocalSizeSpec == m.LocalSizeSpec && slices.Equal(r.Capabilities, m.Capabilities) && len(r.Spec) == len(m.Spec)
		for i := 0; same && i < len(r.Bindings); i++ {
			a, b := r.Bindings[i], m.Bindings[i]
			same = descriptorTypes[a.Type] == b.Type && a.Reads == b.Reads && a.Writes == b.Writes
		}
		for i := 0; same && i < len(r.Spec); i++ {
			same = r.Spec[i].ID == m.Spec[i].ID && r.Spec[i].Default == m.Spec[i].Default
		}
		if !same {
			t.Errorf("%s: the table says %+v, its code %+v", m.Name, *m, *r)
		}
	}
}

// Each thing that a module depends on changes its hash.
func TestHashSeesEverySource(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{"shaders", "shaders/include", "tools"} {
		if err := os.Mkdir(dir+"/"+d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write("tools/glslc.requirements.txt", "compiler==1\n")
	write("shaders/a.comp", "#version 450\n// variant: a\n// variant: a_wide -DWIDTH=4\n#include \"include/one.glsl\"\n")
	write("shaders/include/one.glsl", "#include \"two.glsl\"\n")
	write("shaders/include/two.glsl", "float two;\n")
	write("shaders/plain.comp", "#version 450\n")
	hashes := func() map[string]string {
		list, err := findVariants(repository(dir))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, v := range list {
			got[v.name] = v.hash
		}
		return got
	}
	before := hashes()
	if len(before) != 3 || before["a"] == before["a_wide"] {
		t.Fatalf("got %v", before)
	}
	for _, c := range []struct {
		file, text string
		changed    []string
	}{
		{"shaders/include/two.glsl", "float three;\n", []string{"a", "a_wide"}},
		{"shaders/plain.comp", "#version 460\n", []string{"plain"}},
		{"shaders/plain.comp", "#version 460\r\n", nil},
		{"shaders/a.comp", "#version 450\n// variant: a\n// variant: a_wide -DWIDTH=8\n#include \"include/one.glsl\"\n", []string{"a", "a_wide"}},
		{"tools/glslc.requirements.txt", "compiler==2\n", []string{"a", "a_wide", "plain"}},
	} {
		write(c.file, c.text)
		after := hashes()
		var changed []string
		for name := range after {
			if after[name] != before[name] {
				changed = append(changed, name)
			}
		}
		slices.Sort(changed)
		if !slices.Equal(changed, c.changed) {
			t.Errorf("%s changed %v, want %v", c.file, changed, c.changed)
		}
		before = after
	}
	write("shaders/other.comp", "// variant: plain\n")
	if _, err := findVariants(repository(dir)); err == nil {
		t.Error("two shaders give the same module")
	}
}
