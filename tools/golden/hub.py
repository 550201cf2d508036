"""The cache of huggingface_hub and that of `vkdual pull` are one.

    python tools/golden/hub.py layout > serialize/hub/testdata/layout.txt
        what snapshot_download leaves, for the files of serialize/hub's tests
    python tools/golden/hub.py check bin/vkdual dualencoder/defaultmodel/files
        each finds what the other fetched, from a hub on this machine
"""
import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SMALL = {"config.json": b"{}", "tokenizer.json": b'{"a": 1}', "vocab.txt": b"a\nb\n", "README.md": b"# not needed",
         "pytorch_model.bin": b"the same again", "onnx/config.json": b"{}"}
LARGE = {"model.safetensors": b"0123456789abcdef" * 4096}
WANTED = ["config.json", "tokenizer.json", "vocab.txt", "model.safetensors"]


def git_hash(data):
    return hashlib.sha1(b"blob %d" % len(data) + bytes(1) + data).hexdigest()


class Hub(http.server.BaseHTTPRequestHandler):
    small, large = SMALL, LARGE
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, body):
        head, sep, name = self.path.replace("/resolve/main/", f"/resolve/{COMMIT}/").partition(f"/org/model/resolve/{COMMIT}/")
        headers, status, data = {}, 200, b""
        if self.path.startswith("/api/models/org/model/tree/"):  # what huggingface_hub asks from 2.0 on
            data = json.dumps([{"type": "file", "path": f, "size": len(b), "oid": git_hash(b)} for f, b in {**self.small, **self.large}.items()]).encode()
        elif self.path.startswith("/api/models/org/model"):
            siblings = [{"rfilename": f} for f in {**self.small, **self.large}]
            data = json.dumps({"id": "org/model", "sha": COMMIT, "siblings": siblings}).encode()
        elif self.path.startswith("/cdn/"):
            data = self.large[self.path[5:]]
        elif name in self.large and sep:
            data, status = b"", 302
            headers = {"Location": f"http://localhost:{self.server.server_port}/cdn/{name}",
                       "X-Linked-Etag": f'"{hashlib.sha256(self.large[name]).hexdigest()}"', "X-Linked-Size": str(len(self.large[name]))}
        elif name in self.small and sep:
            data = self.small[name]
            headers = {"ETag": f'"{git_hash(data)}"'}
        else:
            status, headers = 404, {"X-Error-Code": "EntryNotFound"}
        self.send_response(status)
        for k, v in {**headers, "X-Repo-Commit": COMMIT, "Content-Length": str(len(data))}.items():
            self.send_header(k, v)
        self.end_headers()
        if body:
            self.wfile.write(data)


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def listing(cache):
    for path in sorted(p for p in cache.rglob("*") if p.is_symlink() or p.is_file()):
        yield f"{path.relative_to(cache)}" + (f" -> {os.readlink(path)}" if path.is_symlink() else "")


def main():
    with tempfile.TemporaryDirectory() as d:
        cache = pathlib.Path(d) / "hub"
        os.environ.update(HF_HOME=d, HF_ENDPOINT=serve())
        import huggingface_hub
        if sys.argv[1] == "layout":
            huggingface_hub.snapshot_download("org/model", allow_patterns=WANTED)
            print(*(line for line in listing(cache) if "CACHEDIR.TAG" not in line), sep="\n")
            return
        program, model = sys.argv[2], pathlib.Path(sys.argv[3])
        files = {p.name: p.read_bytes() for p in model.iterdir() if p.is_file()}
        Hub.large = {n: b for n, b in files.items() if n.endswith(".safetensors")}
        Hub.small = {n: b for n, b in files.items() if n not in Hub.large}
        import transformers
        subprocess.run([program, "pull", "org/model"], check=True)
        transformers.VisionTextDualEncoderModel.from_pretrained("org/model", local_files_only=True)
        transformers.AutoTokenizer.from_pretrained("org/model", local_files_only=True)
        os.environ["HF_HOME"] = f"{d}/second"
        huggingface_hub.snapshot_download("org/model", cache_dir=f"{d}/second/hub")
        subprocess.run([program, "tokenize", "--model", "org/model", "--text", "a"], check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})
        print("each finds what the other fetched")


main()
