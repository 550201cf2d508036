package pytorch

import (
	"fmt"
	"math/big"

	"github.com/vkdual/vkdual/serialize/safetensors"
)

// What a pickle can make here: nil (None), bool, int64, *big.Int, float64, string,
// []byte, and these.
type (
	tuple  []any
	list   struct{ items []any }
	dict   struct{ entries []entry }
	entry  struct{ key, value any }
	global struct {
		name string // MODULE.NAME
		make maker
	}
	dtype struct{ safetensors.DType }

	storage struct {
		key   string
		dtype safetensors.DType
		elems int
		data  []byte
	}
	tensor struct {
		storage        *storage
		dtype          safetensors.DType
		offset         int
		shape, strides []int
	}
	// other is an object that says nothing about weights (a device, a hook).
	other struct{}
)

// get returns the last value of that key.
func (d *dict) get(key string) any {
	for i := len(d.entries) - 1; i >= 0; i-- {
		if d.entries[i].key == any(key) {
			return d.entries[i].value
		}
	}
	return nil
}

// describe names a value in a message.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case string:
		return fmt.Sprintf("%.60q", v)
	case bool, int64, float64:
		return fmt.Sprint(v)
	case *big.Int:
		return "an integer of " + fmt.Sprint(v.BitLen()) + " bits"
	case []byte:
		return "bytes"
	case tuple:
		return fmt.Sprintf("a tuple of %d", len(v))
	case *list:
		return fmt.Sprintf("a list of %d", len(v.items))
	case *dict:
		return fmt.Sprintf("a dict of %d", len(v.entries))
	case *global:
		return v.name
	case dtype:
		return "torch dtype " + string(v.DType)
	case *storage:
		return "a storage"
	case *tensor:
		return "a tensor"
	case mark:
		return "a mark"
	}
	return "an object"
}
