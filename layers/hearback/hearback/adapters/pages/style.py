"""The one style sheet. It travels inside each page, named to the browser by its hash."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

_STYLE = """
:root{color-scheme:light dark;
--ground:#f3f2ee;--card:#fff;--text:#1c2430;--quiet:#545d6b;--line:#858d99;--soft:#e4e2dc;
--accent:#0b5a73;--on:#fff;--tint:#e3f0f4;--star:#d17b00;--face:#ffe9b8;--bad:#a1261c}
@media(prefers-color-scheme:dark){:root{
--ground:#11161b;--card:#1a2128;--text:#e8ecf0;--quiet:#aab4bf;--line:#7d8995;--soft:#2d363f;
--accent:#7fcbe0;--on:#05222b;--tint:#1f3a44;--star:#f4b740;--face:#6b4f16;--bad:#ffb0a6}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100svh;display:flex;flex-direction:column;align-items:center;justify-content:center;
padding:12px;background:var(--ground);color:var(--text);
font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
main{width:100%;max-width:34rem;padding:28px 20px;background:var(--card);border:1px solid var(--soft);border-radius:18px}
footer{padding:16px 12px 4px;font-size:.875rem;text-align:center}
h1{margin:0 0 .35em;font-size:1.4rem;line-height:1.3;font-weight:650;text-wrap:balance}
h2{margin:1.75em 0 0;padding-top:1.4em;border-top:1px solid var(--soft);font-size:1.125rem;line-height:1.35;font-weight:600}
p{margin:0 0 1em}
a{color:var(--accent);text-underline-offset:.2em}
.q a{display:inline-block}
.q{color:var(--quiet)}
.brand{margin-bottom:.75em;font-size:.9375rem;font-weight:600;color:var(--quiet)}
.bad{margin-top:.9rem;padding:.7em .9em;border:1px solid var(--bad);border-radius:10px;color:var(--bad)}
.words{white-space:pre-line}
fieldset{min-width:0;margin:0;padding:0;border:0}
legend{padding:0;width:100%}
.scale{position:relative;display:grid;grid-template-columns:repeat(auto-fit,minmax(3rem,1fr));gap:6px;
margin:1.25rem 0 1.5rem;padding-bottom:2.5rem}
.n2{grid-template-columns:repeat(2,1fr)}.n3{grid-template-columns:repeat(3,1fr)}.n4{grid-template-columns:repeat(4,1fr)}
.n5{grid-template-columns:repeat(5,1fr)}.n6{grid-template-columns:repeat(3,1fr)}.n7,.n8{grid-template-columns:repeat(4,1fr)}
.n9,.n10{grid-template-columns:repeat(5,1fr)}.n11{grid-template-columns:repeat(6,1fr)}
.o{display:grid;min-width:0}
.o>input,.o>.f{grid-area:1/1}
.o>input{width:100%;height:100%;margin:0;opacity:0;cursor:pointer;z-index:1}
.f{display:flex;align-items:center;justify-content:center;min-height:3.25rem;border:2px solid transparent;border-radius:12px;
font-size:1.1875rem;font-weight:600;font-variant-numeric:tabular-nums;transition:background-color .12s,transform .12s}
.f svg{display:block;width:100%;max-width:2.75rem;height:auto;fill:none;stroke:currentColor;stroke-width:1.4;
stroke-linejoin:round;stroke-linecap:round;color:var(--line)}
.faces .f svg{color:var(--quiet)}
.eye{fill:currentColor;stroke:none}
.numbers .f{border:1.5px solid var(--line)}
.numbers :checked+.f{background:var(--accent);border-color:var(--accent);color:var(--on)}
.stars :checked+.f svg,.stars .o:has(~.o :checked) .f svg{color:var(--star);fill:currentColor}
.faces :checked+.f{border-color:var(--accent);background:var(--tint)}
.faces :checked+.f svg{color:var(--text)}
.faces :checked+.f circle:first-child{fill:var(--face)}
:checked+.f{transform:scale(1.04)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
:focus-visible+.f{outline:3px solid var(--accent);outline-offset:2px}
.v{position:absolute;inset:auto 0 0;overflow:hidden;font-weight:600;text-align:center;text-overflow:ellipsis;white-space:nowrap;
opacity:0;pointer-events:none}
:checked~.v{opacity:1}
.ends{grid-column:1/-1;display:flex;margin-top:2px;justify-content:space-between;gap:1.5rem;font-size:.875rem;line-height:1.35;color:var(--quiet)}
.ends span{max-width:48%}
.ends span+span{text-align:right}
.ask{margin-top:1.5rem}
.ask legend,.ask label:first-child{font-weight:600}
.tick{display:flex;align-items:center;gap:.75rem;min-height:3rem;margin-top:8px;padding:.5rem .9rem;border:1.5px solid var(--line);
border-radius:12px;cursor:pointer}
.tick:has(:checked){border-color:var(--accent);background:var(--tint)}
.tick input{flex:none;width:1.25rem;height:1.25rem;margin:0;accent-color:var(--accent)}
textarea{display:block;width:100%;min-height:7rem;margin-top:8px;padding:.75rem .9rem;border:1.5px solid var(--line);border-radius:12px;
background:var(--card);color:inherit;font:inherit;resize:vertical}
textarea::placeholder{color:var(--quiet);opacity:1}
[dir=rtl] textarea:placeholder-shown{direction:rtl}
button{display:block;width:100%;min-height:3.25rem;padding:.6rem 1.25rem;border:2px solid transparent;border-radius:12px;
background:var(--accent);color:var(--on);font:inherit;font-weight:650;cursor:pointer}
.second{background:none;border-color:var(--line);color:var(--text)}
button+button{margin-top:.75rem}
.ask+button{margin-top:1.5rem}
form+p{margin-top:1.25rem}
.mark{display:block;width:3rem;height:3rem;margin-bottom:.9rem;fill:none;stroke:var(--accent);stroke-width:1.6;
stroke-linecap:round;stroke-linejoin:round}
.mark circle{fill:var(--tint);stroke:none}
ul{margin:0 0 1em;padding:0;list-style:none}
li a{display:inline-block;padding:.4rem 0}
p:last-child{margin-bottom:0}
@media(hover:hover){.o:hover .f,.tick:hover{background:var(--tint)}.numbers .o:hover :checked+.f{background:var(--accent)}
button:hover{filter:brightness(1.12)}}
@media(min-width:23.5rem){.n6{grid-template-columns:repeat(6,1fr)}.n7{grid-template-columns:repeat(7,1fr)}}
@media(min-width:37rem){main{padding:40px}h1{font-size:1.6rem}.scale{gap:8px}.n5{gap:12px}
.n8{grid-template-columns:repeat(8,1fr)}.n9{grid-template-columns:repeat(9,1fr)}
.n10{grid-template-columns:repeat(10,1fr)}.n11{grid-template-columns:repeat(11,1fr);gap:5px}}
@media(prefers-contrast:more){:root{--quiet:var(--text);--line:var(--text);--soft:var(--text)}}
@media(forced-colors:active){:checked+.f{outline:3px solid Highlight;outline-offset:-3px}
:focus-visible+.f{outline:3px dashed CanvasText;outline-offset:2px}
.tick:has(:checked){border-color:Highlight}button{border-color:ButtonText}}
@media(prefers-reduced-motion:reduce){.f{transition:none}:checked+.f{transform:none}}
"""


@cache
def style() -> str:
    """The style sheet as it stands in the page."""
    return _STYLE.replace("\n", "")


@cache
def hash_of(sheet: str) -> str:
    """How a page's policy names the one style that may run: a source expression of CSP 3."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()}'"
