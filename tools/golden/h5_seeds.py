"""Makes the small files that the tests and the fuzz target of serialize/hdf5 use.

    python h5_seeds.py serialize/hdf5/testdata

Needs h5py==3.16.0.
"""
import os
import sys

import h5py
import numpy as np


def main(out):
    def new(name, **options):
        return h5py.File(os.path.join(out, name + ".h5"), "w", **options)

    ramp = np.arange(6).reshape(2, 3)
    with new("types") as f:
        group = f.create_group("a")
        for t in ("i1", "i2", "i4", "i8", "u1", "u4"):
            group[t] = np.array([1, 2, 3], "<" + t)
        for t in ("f2", "f4", "f8"):
            group.create_dataset("b/" + t, data=ramp.astype("<" + t))
        group.attrs["weight_names"] = ["b/f2", "b/f4"]
        for i in range(8):  # more attributes than the first block of a header holds
            group.attrs[f"note{i}"] = "x" * 40
        f["scalar"] = np.float32(1.5)
        f["empty"] = np.zeros((0, 4), np.float32)
    with new("many") as f:
        for i in range(300):
            f[f"group/d{i:03}"] = np.uint8(i % 256)
    with new("latest", libver="latest") as f:
        f["x"] = ramp
    with new("ordered", track_order=True) as f:
        f["x"] = ramp
    with new("chunked") as f:
        f.create_dataset("x", data=ramp, chunks=(1, 3))
    with new("compressed") as f:
        f.create_dataset("x", data=ramp, compression="gzip")
    with new("external") as f:
        f.create_dataset("x", (3,), "u1", external=[("/etc/hostname", 0, 3)])
    with new("big-endian") as f:
        f["x"] = ramp.astype(">f4")
    with new("strings") as f:
        f["x"] = np.array([b"one", b"two"])
    with new("hardlink") as f:
        f["x"] = ramp
        f["y"] = f["x"]
    with new("softlink") as f:
        f["x"] = h5py.SoftLink("/y")
    with new("unwritten") as f:
        f.create_dataset("x", (2, 3), "f4")
    with new("no-dataset") as f:
        f.create_group("a/b")


if __name__ == "__main__":
    main(sys.argv[1])
