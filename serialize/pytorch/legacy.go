package pytorch

import (
	"encoding/binary"
	"fmt"
	"math/big"
)

// What torch.save wrote before 1.6, and still does on demand: pickles of a magic
// number, a version, the machine's sizes, the object and the storages' keys;
// then each storage in the keys' order: its number of elements (8 bytes) and
// the elements.
const (
	legacyMagic   = "1950a86a20f9469cfc6c"
	legacyVersion = 1001
)

func readLegacy(data []byte) (*dict, error) {
	m := machine{code: data, storages: map[string]*storage{}, load: func(*storage, int) error { return nil }}
	next := func(place string) (any, error) {
		m.place = place
		return m.run()
	}
	magic, err := next("magic number")
	if err != nil {
		return nil, err
	}
	if n, ok := magic.(*big.Int); !ok || n.Text(16) != legacyMagic {
		return nil, fault(m.place, "found %s, want the pickle of %s with which torch.save begins", describe(magic), legacyMagic)
	}
	version, err := next("version")
	if err != nil {
		return nil, err
	}
	if version != int64(legacyVersion) {
		return nil, fault(m.place, "found %s, want %d", describe(version), legacyVersion)
	}
	sizes, err := next("sizes")
	if err != nil {
		return nil, err
	}
	if d, ok := sizes.(*dict); !ok || d.get("little_endian") != true {
		return nil, fault(m.place, "found %s, want a dict in which little_endian is True: a machine of another byte order saved the file", describe(sizes))
	}
	m.place = "state dict"
	state, err := m.stateDict()
	if err != nil {
		return nil, err
	}
	keys, err := next("storage keys")
	if err != nil {
		return nil, err
	}
	list, ok := keys.(*list)
	if !ok {
		return nil, fault(m.place, "found %s, want a list", describe(keys))
	}
	loaded := map[string]bool{}
	for _, key := range list.items {
		name, ok := key.(string)
		s := m.storages[name]
		if !ok || s == nil || loaded[name] {
			return nil, fault(m.place, "found %s, want the key of a storage of the state dict, each once", describe(key))
		}
		loaded[name] = true
		rest := data[m.at:]
		place := fmt.Sprintf("storage %q at byte %d", name, m.at)
		if len(rest) < 8 {
			return nil, fault(place, "the file is cut short")
		}
		n, width := binary.LittleEndian.Uint64(rest), s.dtype.Bits()/8
		if n != uint64(s.elems) {
			return nil, fault(place, "%d elements stated, the state dict says %d", n, s.elems)
		}
		if rest = rest[8:]; s.elems > len(rest)/width {
			return nil, fault(place, "%d elements of %s stated, %d bytes follow: the file is cut short", n, s.dtype, len(rest))
		}
		s.data = rest[: s.elems*width : s.elems*width]
		m.at += 8 + len(s.data)
	}
	for name, s := range m.storages {
		if !loaded[name] && s.elems > 0 {
			return nil, fault("storage keys", "storage %q is missing", name)
		}
	}
	return state, nil
}
