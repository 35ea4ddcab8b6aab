"""How a card looks: on a screen, light or dark, wide or a phone's, and printed on A4."""

from base64 import b64encode
from hashlib import sha256

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--rule:#d0d7de;--accent:#0b57a4;
--good:#116329;--poor:#9a3412;--wash:#f6f8fa}
@media (prefers-color-scheme:dark){:root{--paper:#0f1419;--ink:#e6edf3;--soft:#a3adb8;--rule:#3a434d;--accent:#79b8ff;
--good:#6fdd8b;--poor:#ffb27a;--wash:#182028}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:1080px;margin:0 auto;padding:1.5rem 1.25rem 2.5rem}
header{border-bottom:2px solid var(--accent);margin-bottom:.5rem;padding-bottom:.6rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .2rem}
h2{font-size:1rem;margin:0 0 .35rem;color:var(--accent)}
p{margin:0 0 .35rem}
header p{margin:0;color:var(--soft)}
.parts{columns:2;column-gap:2.2rem;padding-top:.8rem}
section{break-inside:avoid;padding-bottom:1.1rem}
.wide{column-span:all}
.said{border-left:4px solid var(--soft);padding:.15rem .7rem;margin:.35rem 0;background:var(--wash)}
.good{border-color:var(--good)}.poor{border-color:var(--poor)}
.said b{color:var(--soft)}.good b{color:var(--good)}.poor b{color:var(--poor)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92em;margin:.2rem 0 .5rem}
caption{text-align:left;color:var(--soft);padding:.1rem 0 .2rem}
th,td{text-align:left;vertical-align:top;padding:.2rem .5rem .2rem 0;border-bottom:1px solid var(--rule)}
th{font-weight:400}
thead th{color:var(--soft);border-bottom-color:var(--soft)}
tbody th{min-width:7em}
td,thead th{overflow-wrap:normal}
.n{text-align:right;font-variant-numeric:tabular-nums;padding:.2rem 0 .2rem .8rem;white-space:nowrap}
.b{padding-left:.8rem}
dl{margin:0}
dl div{display:flex;gap:.7rem;border-bottom:1px solid var(--rule);padding:.15rem 0}
dt{flex:0 0 9.5em;color:var(--soft)}dd{margin:0;min-width:0}
figure{margin:.2rem 0 .5rem;max-width:420px}
figcaption{color:var(--soft);font-size:.92em}
svg{display:block;width:100%;height:auto}
svg text{font:9px system-ui,sans-serif;fill:var(--soft)}
.frame{fill:none;stroke:var(--rule)}.ideal{stroke:var(--soft);stroke-dasharray:4 3}
.curve{fill:none;stroke:var(--accent);stroke-width:1.5}.dot{fill:var(--accent)}
.span{stroke:var(--accent);stroke-width:5;opacity:.3}
.bar{width:6em;height:.6em;display:inline-block;vertical-align:middle}.bar rect{fill:var(--accent)}
ul{margin:.1rem 0 .4rem;padding-left:1.1rem}
footer{margin-top:1.2rem;color:var(--soft);font-size:.9em}
@media (max-width:980px){.parts{columns:1}}
@media (max-width:700px){main{padding:1rem .8rem}h1{font-size:1.35rem}
.wide table{min-width:36em}}
@page{size:A4;margin:8mm}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--rule:#bbb;--accent:#0b57a4;--good:#116329;
--poor:#9a3412;--wash:#fff}
body{font-size:7.2pt;line-height:1.2}main{max-width:none;padding:0}h1{font-size:14pt}h2{font-size:9pt;margin:0 0 1mm}
header{margin:0;padding-bottom:1mm}
.parts{columns:2;column-gap:6mm;padding-top:1.5mm}section{padding-bottom:1.4mm}.scroll{overflow:visible}
.long{break-inside:auto}.long .scroll{columns:2;column-gap:6mm}
th,td,.n{padding-top:.2mm;padding-bottom:.2mm}tbody th{min-width:5em}
table{margin:.3mm 0 1mm}p{margin:0 0 .6mm}.said{margin:.4mm 0}.wide table{min-width:0}.bar{width:4em}
figure{max-width:34mm;margin:0 0 1mm}dl div{padding:.2mm 0}footer{margin-top:1mm}
.long th,.long td{padding-right:.8mm}.long tbody th{min-width:4em}.long .n{padding-left:.6mm;white-space:normal}
tr,figure,.said,dl div{break-inside:avoid}h2{break-after:avoid}
.bar rect,.dot,.said{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
""".strip()
"""The whole of it; colours of text have a contrast of 4.5 to 1 at least to the ground, in light and in dark."""

POLICY = (
    "default-src 'none'; style-src 'sha256-"
    + b64encode(sha256(STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'"
)
"""The Content-Security-Policy of a card: this style, and nothing else."""
