"""Makes the small files that the fuzz targets of serialize/pytorch start from.

    python bin_seeds.py serialize/pytorch/testdata

Two tensors each, as torch.save writes them in its containers and pickle protocols, views and parameters among them.
"""
import io
import os
import sys
import zipfile
from collections import OrderedDict

import torch


def main(out):
    table = torch.arange(6, dtype=torch.float32).view(2, 3)
    states = {
        "plain": {"a": table, "b": torch.tensor(1.5)},
        "views": OrderedDict(a=table.t(), b=torch.nn.Parameter(table[:, 1])),
        "types": {"a": table.half(), "b": table.bfloat16(), "c": table.long(), "d": table.double(), "e": table > 1},
    }
    for name, state in states.items():
        for protocol in (2, 4):
            file = io.BytesIO()
            torch.save(state, file, pickle_protocol=protocol)
            archive = zipfile.ZipFile(file)
            pickle = next(n for n in archive.namelist() if n.endswith("/data.pkl"))
            with open(os.path.join(out, f"{name}{protocol}.pkl"), "wb") as f:
                f.write(archive.read(pickle))
            if protocol == 2:
                with open(os.path.join(out, f"{name}.bin"), "wb") as f:
                    f.write(file.getvalue())
        torch.save(state, os.path.join(out, f"{name}-legacy.bin"), _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main(sys.argv[1])
