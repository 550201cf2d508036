"""Pictures, what Pillow 10.2.0 makes of them, and what transformers 4.37.2 feeds a model.

    python images.py ../../testdata/images

Needs Python 3.11 with pillow==10.2.0, transformers==4.37.2, numpy==1.26.4 and safetensors; PyTorch is not used. Pillow writes no
arithmetic coding: cjpeg of libjpeg-turbo does.
All pictures are drawn here from fixed seeds. Writes
  files/*                       pictures in every format that is read
  broken/*                      files that must be refused
  refused/*                     whole files in forms that are not read
  decode.safetensors.gz         NAME -> uint8 [H, W, 3], as Image.open(f).convert("RGB")
  upright.safetensors.gz        NAME -> the same after ImageOps.exif_transpose
  resize.safetensors.gz         "WxH-FILTER" -> uint8 [H, W, 3] of files/rgb.png
  processors/NAME/preprocessor_config.json
  pixels.safetensors.gz         "NAME/FILE" -> float32 [3, H, W]
  truncated.json                "BYTES@NAME" -> CRC-32 of what is read of files cut there
"""
import gzip, io, json, os, shutil, struct, subprocess, sys, tempfile, zlib
import numpy as np
import PIL
from PIL import Image, ImageDraw, ImageFile, ImageOps
from safetensors.numpy import save
from transformers import AutoImageProcessor

assert PIL.__version__ == "10.2.0"
OUT = sys.argv[1]
for folder in ("files", "broken", "refused", "processors"):
    shutil.rmtree(os.path.join(OUT, folder), ignore_errors=True)
    os.makedirs(os.path.join(OUT, folder))


def draw(width, height, seed):
    """Waves, noise and a few shapes: smooth parts, edges and saturated colours."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 120 * np.sin(x / rng.uniform(4, 14) + y / rng.uniform(4, 18) + 2 * c) for c in range(3)]
    pixels = np.clip(np.stack(waves, -1) + rng.normal(0, 7, (height, width, 3)), 0, 255).astype("uint8")
    picture = Image.fromarray(pixels)
    pen = ImageDraw.Draw(picture)
    for _ in range(5):
        at = [int(rng.integers(0, width)), int(rng.integers(0, height))]
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        pen.ellipse([at[0] - width // 6, at[1] - height // 6, at[0] + width // 6, at[1] + height // 6], fill=colour)
        pen.line([0, at[1], width, at[0]], fill=colour[::-1], width=2)
    return picture


def put(name, data, folder="files"):
    with open(os.path.join(OUT, folder, name), "wb") as f:
        f.write(data)


def read(name):
    with open(os.path.join(OUT, "files", name), "rb") as f:
        return f.read()


def write(picture, name, **options):
    picture.save(os.path.join(OUT, "files", name), **options)


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def raw_png(width, height, depth, colour, seed, transparency=None, palette=0, interlaced=False):
    """A PNG of random samples in a form that Pillow does not write itself."""
    rng = np.random.default_rng(seed)
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = b""
    for x, y, dx, dy in passes if interlaced else [(0, 0, 1, 1)]:
        across, down = -(-(width - x) // dx), -(-(height - y) // dy)
        for _ in range(down if across > 0 else 0):
            rows += bytes([int(rng.integers(0, 5))]) + rng.bytes((across * bits + 7) // 8)
    data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    if palette:
        data += png_chunk(b"PLTE", rng.bytes(3 * palette))
    if transparency is not None:
        data += png_chunk(b"tRNS", transparency)
    return data + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


wide, tall, tiny = draw(121, 77, 1), draw(60, 100, 2), draw(40, 33, 3)
alpha = wide.convert("RGBA")
alpha.putalpha(wide.convert("L"))
solid = alpha.copy()
solid.putalpha(255)

# PNG
write(wide, "rgb.png"), write(alpha, "rgba.png"), write(solid, "rgba-opaque.png"), write(tall.convert("L"), "gray.png")
write(tall.convert("LA"), "gray-alpha.png"), write(tiny, "tiny.png"), write(draw(3, 200, 4), "sliver.png"), write(draw(1, 1, 5), "dot.png")
write(draw(3000, 1, 6), "strip.png"), write(tall.convert("1"), "bits.png")
indexed = tall.convert("P", palette=Image.ADAPTIVE)
write(indexed, "palette.png"), write(indexed, "palette-transparent.png", transparency=3)
write(Image.fromarray(np.asarray(tall.convert("L")).astype("uint16") * 2 + 3), "gray16.png")
put("gray16-key.png", raw_png(13, 9, 16, 0, 10, transparency=b"\x01\x02"))
put("rgb16.png", raw_png(13, 9, 16, 2, 11)), put("rgba16-interlaced.png", raw_png(13, 9, 16, 6, 12, interlaced=True))
put("gray2.png", raw_png(13, 9, 2, 0, 13)), put("gray-alpha16.png", raw_png(13, 9, 16, 4, 14))
put("gray4-interlaced.png", raw_png(13, 9, 4, 0, 15, interlaced=True)), put("rgb-key.png", raw_png(13, 9, 8, 2, 16, transparency=bytes(6)))
put("palette4-short.png", raw_png(13, 9, 4, 3, 17, palette=9, transparency=b"\x00\x80")), put("palette1.png", raw_png(13, 9, 1, 3, 18, palette=2))
put("rgb-interlaced.png", raw_png(13, 9, 8, 2, 19, interlaced=True))
pieces = read("tiny.png")
start = pieces.index(b"IDAT") - 4
packed = pieces[start + 8:-16]
put("pieces.png", pieces[:start] + b"".join(png_chunk(b"IDAT", packed[i:i + 7]) for i in range(0, len(packed), 7)) + png_chunk(b"IEND", b""))
put("checksum.png", pieces[:-16] + b"\0\0\0\0" + pieces[-12:])  # a chunk's, which Pillow does not look at

# JPEG
for sub, name in enumerate(("444", "422", "420")):
    write(wide, f"ycc{name}.jpg", quality=88, subsampling=sub), write(tall, f"odd{name}.jpg", quality=60, subsampling=sub)
    write(draw(5, 3, 20 + sub), f"small{name}.jpg", quality=95, subsampling=sub), write(draw(33, 17, 30 + sub), f"progressive{name}.jpg", progressive=True, subsampling=sub)
write(draw(320, 213, 7), "large.jpg", quality=90), write(draw(2, 2, 8), "two.jpg", subsampling=2)
write(wide, "progressive.jpg", quality=80, progressive=True), write(wide.convert("L"), "gray.jpg", quality=85), write(wide, "optimised.jpg", quality=35, optimize=True)
write(wide, "restart.jpg", quality=70, restart_marker_blocks=5), write(wide.convert("CMYK"), "cmyk.jpg", quality=90)
inks = read("cmyk.jpg")
at = inks.index(b"Adobe") + 11
put("ycck.jpg", inks[:at] + b"\x02" + inks[at + 1:])
plain = read("odd444.jpg")
put("rgb.jpg", plain[:2] + b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00" + plain[20:])  # Adobe in place of JFIF: the samples are RGB
for turn in range(1, 9):
    exif = Image.Exif()
    exif[0x112] = turn
    write(draw(19, 12, 40), f"exif{turn}.jpg", quality=92, exif=exif.tobytes())

# Scripts that stop early: libjpeg guesses at what they leave out.
SCANS = {"means": "0 1 2: 0-0, 0, 0;", "coarse": "0 1 2: 0-0, 0, 1; 0: 1-63, 0, 2; 1: 1-5, 0, 1;", "part": "0 1 2: 0-0, 0, 0; 0: 1-63, 0, 1; 1: 1-63, 0, 0; 2: 1-63, 0, 0;"}
cjpeg = {"arithmetic": ["-arithmetic"], "arithmetic-progressive": ["-arithmetic", "-progressive", "-sample", "1x1"], "arithmetic-restart": ["-arithmetic", "-restart", "3B"]}
cjpeg |= {"progressive-" + name: ["-scans", name] for name in SCANS}
for name, options in cjpeg.items():
    ppm = io.BytesIO()
    draw(45, 38, 60).save(ppm, "ppm")
    with tempfile.TemporaryDirectory() as folder:
        for script, text in SCANS.items():
            with open(os.path.join(folder, script), "w") as f:
                f.write(text)
        put(name + ".jpg", subprocess.run(["cjpeg", "-quality", "85", *options], cwd=folder, input=ppm.getvalue(), stdout=subprocess.PIPE, check=True).stdout)

# WebP
write(wide, "lossy.webp", quality=80), write(wide, "lossless.webp", lossless=True), write(alpha, "alpha.webp", quality=70)
write(tall, "lossy-odd.webp", quality=50, method=0), write(draw(17, 15, 50), "lossy-small.webp", quality=90), write(draw(1, 1, 51), "lossy-dot.webp")
write(tiny, "frames.webp", save_all=True, append_images=[tiny.rotate(90)], quality=60)

# GIF, BMP, TIFF
write(wide, "flat.gif"), write(tall, "interlaced.gif", interlace=1), write(tall.convert("P"), "transparent.gif", transparency=7)
write(tall.convert("P"), "frames.gif", save_all=True, append_images=[wide.resize(tall.size).convert("P")])
write(wide, "rgb.bmp"), write(tall.convert("L"), "gray.bmp"), write(tall.convert("P"), "palette.bmp"), write(tall.convert("1"), "bits.bmp")
write(wide, "rgb.tiff"), write(wide, "lzw.tiff", compression="tiff_lzw"), write(tall.convert("L"), "deflate.tiff", compression="tiff_adobe_deflate")
write(tall.convert("1"), "fax.tiff", compression="group4"), write(tiny.convert("RGBA"), "packbits.tiff", compression="packbits")
write(Image.fromarray(np.asarray(tiny.convert("L")).astype("uint16") * 2), "gray16.tiff")

write(tiny.convert("CMYK"), "cmyk.tiff", compression="tiff_lzw"), write(alpha.convert("LA"), "gray-alpha.tiff", compression="packbits")
write(wide, "predictor.tiff", compression="tiff_lzw", tiffinfo={317: 2}), write(tall.convert("P"), "palette.tiff")
write(wide, "turned.tiff", tiffinfo={274: 6}), write(tall.convert("LA"), "turned-lzw.tiff", compression="tiff_lzw", tiffinfo={274: 7})


def raw_tiff(order, tags, chunks, tiled=False):
    """A TIFF of given tags, SHORTs all, and strips or tiles, in a form that Pillow does not write."""
    tags = {**tags, 324 if tiled else 273: [0] * len(chunks), 325 if tiled else 279: [len(c) for c in chunks]}
    far = 8 + 2 + 12 * len(tags) + 4  # where values lie that an entry has no room for, and after them the chunks
    start = far + sum(2 * len(v) for v in tags.values() if isinstance(v, list) and len(v) > 2)
    tags[324 if tiled else 273] = [start + sum(map(len, chunks[:i])) for i in range(len(chunks))]
    entries, values = b"", b""
    for tag, value in sorted(tags.items()):
        value = value if isinstance(value, list) else [value]
        data = struct.pack(f"{order}{len(value)}H", *value)
        if len(data) > 4:
            data, values = struct.pack(order + "I", far + len(values)), values + data
        entries += struct.pack(order + "HHI", tag, 3, len(value)) + data.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(tags))
    return head + entries + bytes(4) + values + b"".join(chunks)


def tiff_tags(width, height, bits, photometric, samples=1, **more):
    return {256: width, 257: height, 258: [bits] * samples, 259: 1, 262: photometric, 277: samples, 278: height} | {int(k[1:]): v for k, v in more.items()}


bytes_of = np.random.default_rng(62).bytes
put("tiles.tiff", raw_tiff("<", tiff_tags(37, 21, 8, 2, 3, t322=16, t323=16), [bytes_of(16 * 16 * 3) for _ in range(6)], tiled=True))
put("tiles-deflate.tiff", raw_tiff(">", tiff_tags(37, 21, 8, 1, t259=8, t322=32, t323=16), [zlib.compress(bytes_of(32 * 16)) for _ in range(4)], tiled=True))
put("planes.tiff", raw_tiff("<", tiff_tags(19, 11, 8, 2, 3, t284=2, t278=6), [bytes_of(19 * n) for n in (6, 5) * 3]))
put("rgb16.tiff", raw_tiff(">", tiff_tags(13, 9, 16, 2, 3), [bytes_of(13 * 9 * 6)])), put("gray2.tiff", raw_tiff("<", tiff_tags(13, 9, 2, 0), [bytes_of(4 * 9)]))
put("palette4.tiff", raw_tiff(">", tiff_tags(13, 9, 4, 3, t320=[int(v) for v in np.random.default_rng(63).integers(0, 65536, 48)]), [bytes_of(7 * 9)]))
put("premultiplied.tiff", raw_tiff("<", tiff_tags(13, 9, 8, 2, 4, t338=1), [bytes_of(13 * 9 * 4)]))
write(tall.convert("1"), "fax3.tiff", compression="group3")


def raw_bmp(width, height, bits, rows, masks=(), palette=b"", compression=0):
    """A bottom-up BMP of given rows, with colours in bit fields where there are masks."""
    fields = b"".join(struct.pack("<I", m) for m in masks)
    at = 54 + len(fields) + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 3 if masks else compression, len(rows), 0, 0, len(palette) // 4, 0)
    return b"BM" + struct.pack("<IHHI", at + len(rows), 0, 0, at) + header + fields + palette + rows


bytes_of = np.random.default_rng(60).bytes
put("fields565.bmp", raw_bmp(7, 5, 16, bytes_of(16 * 5), masks=(0xF800, 0x7E0, 0x1F))), put("rgb555.bmp", raw_bmp(7, 5, 16, bytes_of(16 * 5)))
put("short-palette.bmp", raw_bmp(9, 4, 4, bytes_of(8 * 4), palette=bytes_of(4 * 6))), put("alpha.bmp", raw_bmp(6, 5, 32, bytes_of(24 * 5)))
runs = b"".join(bytes([3, row, 0, 4, 9, 8, 7, 6, 2, 1, 0, 0]) for row in range(6)) + b"\x00\x01"
put("runs.bmp", raw_bmp(9, 6, 8, runs, palette=bytes_of(4 * 10), compression=1))


def raw_gif(screen, frame, palette, transparent=None):
    """A GIF of one frame at any place of its screen, without compression: samples of 7 bits, a clear code before each 100."""
    rng = np.random.default_rng(61)
    codes = [c for i in range(frame[2] * frame[3]) for c in ([128] if i % 100 == 0 else []) + [int(rng.integers(0, 128))]] + [129]
    packed = sum(c << (8 * i) for i, c in enumerate(codes)).to_bytes(len(codes), "little")
    blocks = b"".join(bytes([len(packed[i:i + 255])]) + packed[i:i + 255] for i in range(0, len(packed), 255)) + b"\x00"
    control = b"" if transparent is None else b"!\xf9\x04" + bytes([1, 0, 0, transparent, 0])
    return (b"GIF89a" + struct.pack("<HHBBB", *screen, 0x86, 0, 0) + palette + control + b"," + struct.pack("<HHHHB", *frame, 0) + b"\x07" + blocks + b";")


put("see-through.gif", raw_gif((12, 11), (0, 0, 12, 11), bytes_of(384), transparent=17))
put("placed.gif", raw_gif((20, 15), (3, 4, 9, 8), bytes_of(384), transparent=5)), put("overhang.gif", raw_gif((5, 5), (3, 2, 9, 8), bytes_of(384)))
put("grey-ramp.gif", raw_gif((9, 8), (0, 0, 9, 8), bytes(v for i in range(128) for v in (i, i, i))))

# What must be refused. The last bytes are cut where Pillow notices it too.
put("empty.png", b"", "broken"), put("text.png", b"This is not a picture.\n", "broken")
for name, cut in (("rgb.png", 500), ("odd420.jpg", 300), ("progressive.jpg", 2), ("lossy.webp", 100), ("flat.gif", 200), ("rgb.bmp", 40), ("rgb.tiff", 900)):
    put("cut-" + name, read(name)[:-cut], "broken")
put("crc.png", read("rgb.png").replace(b"IDAT", b"IDAT\x00", 1)[:-1], "broken")
put("stream.png", pieces[:start] + png_chunk(b"IDAT", packed[:-1] + bytes([packed[-1] ^ 1])) + png_chunk(b"IEND", b""), "broken")  # the samples' checksum
put("bomb.png", b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 200000, 200000, 8, 2, 0, 0, 0)) + png_chunk(b"IDAT", zlib.compress(bytes(100))) + png_chunk(b"IEND", b""), "broken")
put("zero.png", b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 5, 8, 2, 0, 0, 0)) + png_chunk(b"IEND", b""), "broken")

half, third, quarter = [0.5] * 3, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
clip = dict(image_mean=[0.48145466, 0.4578275, 0.40821073], image_std=[0.26862954, 0.26130258, 0.27577711])
plain, square = dict(image_mean=half, image_std=half), dict(height=32, width=32)
VIT = dict(image_processor_type="ViTImageProcessor", size=square)
PROCESSORS = {
    "vit": dict(VIT, resample=2, do_resize=True, do_rescale=True, rescale_factor=1 / 255, do_normalize=True, **plain),
    "vit-defaults": dict(image_processor_type="ViTImageProcessor"),
    "vit-oblong": dict(VIT, size=dict(height=41, width=23), resample=3, **plain),
    "vit-old": dict(feature_extractor_type="ViTFeatureExtractor", do_resize=True, size=33, do_normalize=True, resample=2, **plain),
    "vit-pair": dict(VIT, size=[21, 34], image_mean=0.4, image_std=0.3),
    "vit-raw": dict(VIT, do_rescale=False, do_normalize=False),
    "vit-unscaled": dict(VIT, do_rescale=False, **plain),
    "vit-factor": dict(VIT, rescale_factor=1 / 127.5, do_normalize=False),
    "vit-same": dict(VIT, do_resize=False),
    "deit": dict(image_processor_type="DeiTImageProcessor", size=dict(height=41, width=40), resample=3, crop_size=square, **clip),
    "deit-old": dict(feature_extractor_type="DeiTFeatureExtractor", size=37, crop_size=31),
    "beit": dict(image_processor_type="BeitImageProcessor", size=dict(height=36, width=36), resample=3, do_center_crop=False, **plain),
    "beit-old": dict(feature_extractor_type="BeitFeatureExtractor", size=38, crop_size=32, do_center_crop=True, resample=2, **plain),
    "clip": dict(image_processor_type="CLIPImageProcessor", size=dict(shortest_edge=32), crop_size=square, resample=3, do_convert_rgb=True, **clip),
    "clip-old": dict(feature_extractor_type="CLIPFeatureExtractor", size=33, crop_size=32, resample=3, do_resize=True, do_center_crop=True, **clip),
    "clip-square": dict(image_processor_type="CLIPImageProcessor", size=30, use_square_size=True, crop_size=30),
    "clip-bigcrop": dict(image_processor_type="CLIPImageProcessor", size=dict(shortest_edge=24), crop_size=dict(height=38, width=45), resample=2, **clip),
    "clip-uncropped": dict(image_processor_type="CLIPImageProcessor", size=dict(shortest_edge=27), do_center_crop=False),
    "chinese-clip": dict(image_processor_type="ChineseCLIPImageProcessor", size=square, crop_size=square, resample=3, **clip),
    "bit": dict(image_processor_type="BitImageProcessor", size=dict(shortest_edge=40), crop_size=square, resample=3, image_mean=third, image_std=quarter),
    "siglip": dict(image_processor_type="SiglipImageProcessor", size=square, resample=3, **plain),
    "dpt": dict(image_processor_type="DPTImageProcessor", size=square, keep_aspect_ratio=False, ensure_multiple_of=1, **plain),
    "dpt-aspect": dict(image_processor_type="DPTImageProcessor", size=square, keep_aspect_ratio=True, ensure_multiple_of=8, do_pad=True, size_divisor=14, **plain),
    "yolos": dict(image_processor_type="YolosImageProcessor", size=dict(shortest_edge=32, longest_edge=64), do_pad=False, image_mean=third, image_std=quarter),
    "yolos-old": dict(feature_extractor_type="YolosFeatureExtractor", size=40, max_size=90),
    "convnext": dict(image_processor_type="ConvNextImageProcessor", size=dict(shortest_edge=32), crop_pct=0.875, resample=3, **plain),
    "vithybrid": dict(image_processor_type="ViTHybridImageProcessor", size=dict(shortest_edge=32), crop_size=square, resample=3, **plain),
    "donut": dict(image_processor_type="DonutImageProcessor", size=dict(height=32, width=42), do_align_long_axis=True, **plain),
    "donut-old": dict(feature_extractor_type="DonutFeatureExtractor", size=[30, 44], do_align_long_axis=True, do_thumbnail=True),
}
for number, name in enumerate(("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")):
    PROCESSORS[name] = dict(VIT, resample=number, **plain)

decode, upright, resize, pixels = {}, {}, {}, {}
SOME = ("rgb.png", "sliver.png", "gray.png", "tiny.png")
for name in sorted(os.listdir(os.path.join(OUT, "files"))):
    picture = Image.open(os.path.join(OUT, "files", name))
    if name.startswith("exif"):
        upright[name] = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    picture = picture.convert("RGB")
    decode[name] = np.asarray(picture)
for processor, config in PROCESSORS.items():
    folder = os.path.join(OUT, "processors", processor)
    os.makedirs(folder)
    with open(os.path.join(folder, "preprocessor_config.json"), "w") as f:
        json.dump(config, f, indent=1)
    for name in ("tiny.png",) if processor == "vit-defaults" else SOME:
        try:
            made = AutoImageProcessor.from_pretrained(folder)(Image.fromarray(decode[name]), return_tensors="np")["pixel_values"][0]
        except (ValueError, ZeroDivisionError) as e:  # scaled to nothing: the tests expect an error there too
            assert "must be > 0" in str(e) or "division by zero" in str(e), (processor, name, e)
            pixels[f"{processor}/{name}"] = np.zeros((0,), "float32")
            continue
        pixels[f"{processor}/{name}"] = np.ascontiguousarray(made).astype("float32")
source = Image.open(os.path.join(OUT, "files", "rgb.png")).convert("RGB")
for number in range(6):
    for width, height in ((1, 1), (121, 20), (20, 77), (64, 64), (200, 90), (13, 150), (121, 77)):
        resize[f"{width}x{height}-{number}"] = np.asarray(source.resize((width, height), resample=number))
for name, tensors in dict(decode=decode, upright=upright, resize=resize, pixels=pixels).items():
    with open(os.path.join(OUT, name + ".safetensors.gz"), "wb") as f:
        f.write(gzip.compress(save({k: np.ascontiguousarray(v) for k, v in tensors.items()}), 9, mtime=0))
    print(name, len(tensors))

# Forms that are not read
plain = read("small444.jpg")
frame = plain.index(b"\xff\xc0")
put("lossless.jpg", plain[:frame] + b"\xff\xc3" + plain[frame + 2:], "refused"), put("bits12.jpg", plain[:frame + 4] + b"\x0c" + plain[frame + 5:], "refused")
Image.fromarray(np.asarray(tiny.convert("L")).astype("float32")).save(os.path.join(OUT, "refused", "float.tiff"))
tiny.save(os.path.join(OUT, "refused", "tiny.ppm")), tiny.save(os.path.join(OUT, "refused", "tiny.ico"), sizes=[(16, 16)])
tiny.convert("YCbCr").save(os.path.join(OUT, "refused", "jpeg.tiff"), compression="jpeg")

# Truncated files: "BYTES@NAME" -> the CRC-32 of the RGB samples, as read by default and with LOAD_TRUNCATED_IMAGES; null where refused.
cut = {}
for name in sorted(os.listdir(os.path.join(OUT, "files"))):
    data = read(name)
    for size in sorted({len(data) * percent // 100 for percent in (2, 10, 25, 40, 55, 75, 90, 97)} | {len(data) - n for n in (1, 2, 5, 13)}):
        for ImageFile.LOAD_TRUNCATED_IMAGES in (False, True):
            try:
                value = zlib.crc32(np.asarray(Image.open(io.BytesIO(data[:size])).convert("RGB")).tobytes())
            except (OSError, SyntaxError, ValueError):
                value = None
            cut.setdefault(f"{size}@{name}", []).append(value)
ImageFile.LOAD_TRUNCATED_IMAGES = False
with open(os.path.join(OUT, "truncated.json"), "w") as f:
    f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in cut.items()) + "\n}\n")
