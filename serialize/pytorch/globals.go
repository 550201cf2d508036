package pytorch

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

// maker is the effect of calling a global on its arguments.
type maker func(args tuple) (any, error)

// findGlobal returns what a pickle means by a name, of those that a state dict may name.
func findGlobal(module, name string) (any, error) {
	full := module + "." + name
	switch full {
	case "collections.OrderedDict":
		return &global{full, func(args tuple) (any, error) {
			if len(args) != 0 {
				return nil, fmt.Errorf("%d arguments, want none", len(args))
			}
			return &dict{}, nil
		}}, nil
	case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
		return &global{full, rebuildTensor}, nil
	case "torch._utils._rebuild_tensor_v3":
		return &global{full, rebuildTyped}, nil
	case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "torch.nn.parameter.Parameter", "torch.nn.Parameter":
		return &global{full, rebuildParameter}, nil
	case "torch._tensor._rebuild_from_type_v2":
		return &global{full, rebuildFromType}, nil
	case "torch.Size":
		return &global{full, func(args tuple) (any, error) {
			if len(args) == 1 {
				if size, ok := args[0].(tuple); ok {
					return size, nil
				}
			}
			return nil, errors.New("want one tuple")
		}}, nil
	case "torch.device":
		return &global{full, func(tuple) (any, error) { return other{}, nil }}, nil
	case "torch.Tensor":
		return &global{name: full}, nil // a type, in _rebuild_from_type_v2
	}
	if module == "torch" || module == "torch.cuda" {
		if kind, ok := strings.CutSuffix(name, "Storage"); ok {
			if t, ok := storageTypes[kind]; ok {
				return storageType{t, full}, nil
			}
		}
		if t, ok := dtypes[name]; ok && module == "torch" {
			return dtype{t}, nil
		}
	}
	if full == "torch.storage.UntypedStorage" || full == "torch.storage._UntypedStorage" {
		return storageType{safetensors.U8, full}, nil
	}
	return nil, &GlobalError{Name: fmt.Sprintf("%.200s", full)}
}

// storageType is a class of storages, of elements of one type.
type storageType struct {
	safetensors.DType
	name string
}

var storageTypes = map[string]safetensors.DType{
	"Float": safetensors.F32, "Half": safetensors.F16, "BFloat16": safetensors.BF16, "Double": safetensors.F64,
	"Long": safetensors.I64, "Int": safetensors.I32, "Short": safetensors.I16, "Char": safetensors.I8,
	"Byte": safetensors.U8, "Bool": safetensors.Bool, "ComplexFloat": safetensors.C64, "Untyped": safetensors.U8,
}

var dtypes = map[string]safetensors.DType{
	"float32": safetensors.F32, "float": safetensors.F32, "float16": safetensors.F16, "half": safetensors.F16, "bfloat16": safetensors.BF16,
	"float64": safetensors.F64, "double": safetensors.F64, "int64": safetensors.I64, "long": safetensors.I64, "int32": safetensors.I32,
	"int": safetensors.I32, "int16": safetensors.I16, "short": safetensors.I16, "int8": safetensors.I8, "uint8": safetensors.U8,
	"uint16": safetensors.U16, "uint32": safetensors.U32, "uint64": safetensors.U64, "bool": safetensors.Bool, "complex64": safetensors.C64,
	"float8_e4m3fn": safetensors.F8E4M3, "float8_e5m2": safetensors.F8E5M2,
}

// rebuildTensor makes a view of a storage: storage, offset, shape, strides; what follows
// (requires_grad, hooks, metadata) is for training.
func rebuildTensor(args tuple) (any, error) {
	if len(args) < 4 || len(args) > 7 {
		return nil, fmt.Errorf("%d arguments, want storage, offset, shape and strides", len(args))
	}
	s, ok := args[0].(*storage)
	if !ok {
		return nil, fmt.Errorf("found %s, want a storage", describe(args[0]))
	}
	return newTensor(s, s.dtype, args)
}

// rebuildTyped is rebuildTensor on a storage of bytes, with the type of elements as the seventh argument.
func rebuildTyped(args tuple) (any, error) {
	if len(args) < 7 || len(args) > 8 {
		return nil, fmt.Errorf("%d arguments, want storage, offset, shape, strides, requires_grad, hooks and dtype", len(args))
	}
	s, ok := args[0].(*storage)
	if !ok {
		return nil, fmt.Errorf("found %s, want a storage", describe(args[0]))
	}
	t, ok := args[6].(dtype)
	if !ok {
		return nil, fmt.Errorf("found %s, want a dtype", describe(args[6]))
	}
	return newTensor(s, t.DType, args)
}

func newTensor(s *storage, t safetensors.DType, args tuple) (any, error) {
	offset, ok := args[1].(int64)
	if !ok || offset < 0 || int64(int(offset)) != offset {
		return nil, fmt.Errorf("offset: found %s, want an integer from 0 on", describe(args[1]))
	}
	shape, err := ints(args[2])
	if err != nil {
		return nil, fmt.Errorf("shape: %w", err)
	}
	strides, err := ints(args[3])
	if err != nil {
		return nil, fmt.Errorf("strides: %w", err)
	}
	if len(shape) != len(strides) {
		return nil, fmt.Errorf("shape %v, strides %v: want as many of one as of the other", shape, strides)
	}
	return &tensor{storage: s, dtype: t, offset: int(offset), shape: shape, strides: strides}, nil
}

// maxRank is PyTorch's own bound.
const maxRank = 64

func ints(v any) ([]int, error) {
	t, ok := v.(tuple)
	if !ok || len(t) > maxRank {
		return nil, fmt.Errorf("found %s, want a tuple of at most %d", describe(v), maxRank)
	}
	out := make([]int, len(t))
	for i, v := range t {
		n, ok := v.(int64)
		if !ok || n < 0 || int64(int(n)) != n {
			return nil, fmt.Errorf("found %s, want an integer from 0 on", describe(v))
		}
		out[i] = int(n)
	}
	return out, nil
}

// rebuildParameter: a parameter is its tensor.
func rebuildParameter(args tuple) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("no argument, want a tensor")
	}
	t, ok := args[0].(*tensor)
	if !ok {
		return nil, fmt.Errorf("found %s, want a tensor", describe(args[0]))
	}
	return t, nil
}

// rebuildFromType calls its first argument on the third; the second is the type
// that the result is to have, the fourth attributes.
func rebuildFromType(args tuple) (any, error) {
	if len(args) == 4 {
		f, ok := args[0].(*global)
		inner, isTuple := args[2].(tuple)
		if ok && isTuple && f.make != nil && f.name != "torch._tensor._rebuild_from_type_v2" {
			return f.make(inner)
		}
	}
	return nil, errors.New("want a function, a type, arguments and a state")
}

// persistentStorage is what a persistent id stands for: ("storage", class, key,
// location, number of elements), in legacy files followed by None or a view of
// another storage, which PyTorch left behind at 0.4.
func (m *machine) persistentStorage(id any) (any, error) {
	t, ok := id.(tuple)
	if !ok || len(t) < 5 || len(t) > 6 || t[0] != any("storage") {
		return nil, fmt.Errorf("found %s, want (\"storage\", class, key, location, size)", describe(id))
	}
	class, ok := t[1].(storageType)
	if !ok {
		return nil, fmt.Errorf("found %s, want a class of storages", describe(t[1]))
	}
	key, ok := t[2].(string)
	if !ok || len(key) > maxName {
		return nil, fmt.Errorf("found %s, want a storage's key of at most %d bytes", describe(t[2]), maxName)
	}
	n, ok := t[4].(int64)
	if !ok || n < 0 || int64(int(n)) != n {
		return nil, fmt.Errorf("storage %.60q: %s elements, want their number", key, describe(t[4]))
	}
	if len(t) == 6 && t[5] != nil {
		return nil, fmt.Errorf("storage %.60q is a view of another: want a file of PyTorch 0.4 or later", key)
	}
	if s := m.storages[key]; s != nil {
		if s.dtype != class.DType || s.elems != int(n) {
			return nil, fmt.Errorf("storage %.60q has %d elements of %s here, %d of %s elsewhere", key, n, class.DType, s.elems, s.dtype)
		}
		return s, nil
	}
	width := class.Bits() / 8
	if int(n) > math.MaxInt/width {
		return nil, fmt.Errorf("storage %.60q: %d elements exceed this machine's address space", key, n)
	}
	s := &storage{key: key, dtype: class.DType, elems: int(n)}
	if err := m.load(s, int(n)*width); err != nil {
		return nil, fmt.Errorf("storage %.60q: %w", key, err)
	}
	m.storages[key] = s
	return s, nil
}
