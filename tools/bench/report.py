"""Rows to a JSON file and one page of Markdown tables, and the first of them into the README."""
import json
import statistics

BEGIN, END = "<!-- speed: written by tools/bench, from here -->", "<!-- speed: to here -->"


def spread(values, form="{:.3g}"):
    """The median, and the range where there is one."""
    middle = form.format(statistics.median(values))
    return middle if len(values) < 2 else f"{middle} ({form.format(min(values))}–{form.format(max(values))})"


def cell(row):
    """Time and ratio, or why there is none."""
    if row.get("error", "").startswith("refused"):
        return "refused"
    if row.get("error"):
        return row["error"].replace("|", "/").splitlines()[0][:60]
    values = row["rounds_ms"].values()
    text = number(statistics.median(values))
    ratios = row.get("ratios", [])
    if not ratios or row["engine"].startswith("ONNX Runtime CPU"):
        return text
    ratio = number(statistics.median(ratios))
    return f"{text} ({ratio} ×)"


def number(x):
    return f"{x:.3g}" if x < 1000 else f"{x:.0f}"


def works_table(rows):
    """Works down, engines across; vkdual bold."""
    engines = list(dict.fromkeys(r["engine"] for r in rows))
    names = list(dict.fromkeys(r["work"] for r in rows))
    by = {(r["work"], r["engine"]): r for r in rows}
    bold = lambda e, t: f"**{t}**" if e.startswith("vkdual") else t
    lines = ["| ms (× ONNX Runtime CPU) | " + " | ".join(bold(e, e) for e in engines) + " |", "|---|" + "---|" * len(engines)]
    for name in names:
        cells = [bold(e, cell(by[name, e])) if (name, e) in by else "–" for e in engines]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def detail_table(rows):
    lines = ["| work | engine | rounds | ms, median (range) | GFLOP/s | × ONNX Runtime CPU, median (range) | differs by |", "|---|---|---|---|---|---|---|"]
    for r in rows:
        if r.get("error"):
            lines.append(f"| {r['work']} | {r['engine']} | | {cell(r)} | | | {r.get('difference', ''):.1e} |" if r.get("difference") else
                         f"| {r['work']} | {r['engine']} | | {cell(r)} | | | |")
            continue
        ms = list(r["rounds_ms"].values())
        ratios = spread(r["ratios"]) if r.get("ratios") else ""
        differs = f"{r['difference']:.0e}" if r.get("difference") is not None else ""
        lines.append(f"| {r['work']} | {r['engine']} | {len(ms)} | {spread(ms)} | {r['flop'] / statistics.median(ms) / 1e6:.3g} | {ratios} | {differs} |")
    return lines


def command_lines(name, rows):
    if name == "pictures":
        lines = ["| 640×480 JPEGs to CLIP-B/32 embeddings | pictures | pictures a second | decoding alone | the model alone | differs from PyTorch by |", "|---|---|---|---|---|---|"]
        form = lambda r: [str(r["count"]), spread(r["rate"]), spread(r["decode"]) if r.get("decode") else "", spread(r["model"]) if r.get("model") else "",
                          f"{r['difference']:.0e}" if "difference" in r else ""]
    elif name == "texts":
        lines = ["| texts of 3 to 60 tokens, BERT-base | texts | tokens a second | the same of one length | mixed of equal |", "|---|---|---|---|---|"]
        form = lambda r: [str(r["count"]), spread(r["mixed"]), spread(r["equal"]), spread(r["ratio"])]
    elif name == "start":
        lines = ["| process start to a text's embedding, ViT-B/16 + BERT-base, f32 (vkdual loads the text tower alone) | seconds | × reading the file | 1.5 × reading + 0.3 s |", "|---|---|---|---|"]
        bar = 1.5 * statistics.median(rows[0]["seconds"]) + 0.3
        form = lambda r: [spread(r["seconds"]), spread(r["ratio"]) if r.get("ratio") else "",
                          f"{bar:.2f}: {'met' if statistics.median(r['seconds']) <= bar else 'missed'}" if r["engine"].startswith("vkdual") else ""]
    else:
        lines = ["| weights | engine | ms | × f32 | memory, MiB | cosine to f32 |", "|---|---|---|---|---|---|"]
        for r in rows:
            if r.get("error"):
                lines.append(f"| {r['work']} | {r['engine']} | {cell(r)} | | | |")
            else:
                lines.append(f"| {r['work']} | {r['engine']} | {spread(r['ms'])} | {spread(r['ratio'])} | {r['device_bytes'] >> 20} | {r['cosine']:.6f} |")
        return lines
    width = lines[0].count("|") - 2
    for r in rows:
        cells = [cell(r)] + [""] * (width - 1) if r.get("error") else form(r)
        lines.append(f"| {r['engine']} | " + " | ".join(cells) + " |")
    return lines


def head(machine):
    features = "AVX-512" if machine["avx512f"] else "AVX2" if machine["avx2"] else "no AVX2"
    return (f"{len(machine['cores_used'])} cores of {machine['cpu']} ({features}), load {machine['load']:.1f} at the start, {machine['date'][:10]}; "
            + ", ".join(machine["versions"]) + ".")


def markdown(result):
    works, lines = result["works"], ["# Results of tools/bench", "", head(result["machine"]), ""]
    if works:
        lines += works_table(works) + ["", "Round by round:", ""] + detail_table(works) + [""]
    for name, rows in result["commands"].items():
        lines += command_lines(name, rows) + [""]
    return "\n".join(lines)


def summary(result):
    """What the README gets: the tables without their details."""
    lines = [f"`tools/bench`, f32, engines interleaved, medians; in brackets the multiple of ONNX Runtime CPU's time, taken turn by turn: {head(result['machine'])}", ""]
    if result["works"]:
        lines += works_table(result["works"]) + [""]
    for name, rows in result["commands"].items():
        lines += command_lines(name, rows) + [""]
    return "\n".join(lines)


def write(result, json_path, markdown_path):
    with open(json_path, "w") as f:
        json.dump(result, f, indent=1, ensure_ascii=False)
        f.write("\n")
    with open(markdown_path, "w") as f:
        f.write(markdown(result))


def around(path):
    """What stands before and after the tables of a page."""
    with open(path) as f:
        text = f.read()
    before, found, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise SystemExit(f"bench: {path} lacks the lines\n{BEGIN}\n{END}")
    return before + BEGIN, END + after


def into_readme(result, path):
    before, after = around(path)
    with open(path, "w") as f:
        f.write(f"{before}\n{summary(result)}{after}")
