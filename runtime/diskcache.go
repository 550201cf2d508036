package runtime

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/vkdual/vkdual/vk"
)

// diskCache keeps small files by device and driver. A cache that cannot be
// read or written is said and done without.
type diskCache struct {
	dir string // "" for none
	log *slog.Logger
}

func openDiskCache(dir string, info *vk.Info, log *slog.Logger) diskCache {
	switch dir {
	case "off":
		return diskCache{log: log}
	case "":
		base, err := os.UserCacheDir()
		if err != nil {
			log.Debug("no cache folder", "err", err)
			return diskCache{log: log}
		}
		dir = filepath.Join(base, "vkdual")
	}
	// The pipeline cache UUID changes with the driver's build; the rest keeps
	// two devices of one driver apart.
	key := uuid.NewSHA1(info.PipelineCacheUUID, fmt.Appendf(nil, "%x %x %x %s %s %s",
		info.VendorID, info.DeviceID, info.DriverVersion, info.DeviceUUID, info.Name, info.DriverInfo))
	return diskCache{dir: filepath.Join(dir, key.String()), log: log}
}

// read returns the content of a file that write wrote, or nil. A checksum
// keeps a torn or damaged file from reaching a driver.
func (c diskCache) read(name string) []byte {
	if c.dir == "" {
		return nil
	}
	b, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil || len(b) < sha256.Size {
		return nil
	}
	sum, b := b[:sha256.Size], b[sha256.Size:]
	if want := sha256.Sum256(b); string(sum) != string(want[:]) {
		c.log.Debug("cache file is damaged, ignored", "file", name)
		return nil
	}
	return b
}

func (c diskCache) write(name string, b []byte) {
	if c.dir == "" {
		return
	}
	err := os.MkdirAll(c.dir, 0o755)
	if err == nil {
		var f *os.File
		if f, err = os.CreateTemp(c.dir, name+".*"); err == nil {
			sum := sha256.Sum256(b)
			_, err = f.Write(append(sum[:], b...))
			if e := f.Close(); err == nil {
				err = e
			}
			if err == nil {
				err = os.Rename(f.Name(), filepath.Join(c.dir, name))
			}
			if err != nil {
				os.Remove(f.Name())
			}
		}
	}
	if err != nil {
		c.log.Debug("cache not written", "file", name, "err", err)
	}
}

// Recall reads what Remember kept under name for this device and driver into v
// and reports whether there was something.
func (d *Device) Recall(name string, v any) bool {
	b := d.disk.read(name + ".json")
	return b != nil && json.Unmarshal(b, v) == nil
}

// Remember keeps v, as JSON, for this device and driver.
func (d *Device) Remember(name string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("runtime: Remember " + name + ": " + err.Error())
	}
	d.disk.write(name+".json", b)
}
