/**
 * How a report looks: the light theme of the workbench (src-renderer/styles/tokens.css), on A4. One style sheet, inside the
 * file; the fonts are those of the machine that shows it.
 */
import { createHash } from 'node:crypto';

/** Text as a string of CSS in which nothing can end it. */
export const cssString = (text: string): string =>
  `"${Array.from(text, (character) =>
    /[A-Za-z0-9]/.test(character) ? character : `\\${character.codePointAt(0)!.toString(16)} `,
  ).join('')}"`;

/** @param foot what stands at the foot of every page, beside its number */
export const styleSheet = (foot: string, ramp: readonly string[]): string => `
:root{--ink:#1a1a19;--ink-2:#4a4a47;--ink-3:#5f5f5b;--line:#d6d6d2;--line-2:#aeaeaa;--raised:#f1f1ef;--lapis:#2a539f;
--vermilion:#a93a1c;--vermilion-wash:#f9e3db;--verdigris:#14695a;--verdigris-wash:#d8efe8;--ochre:#7a5400;--ochre-wash:#f6ead0}
*{box-sizing:border-box}
html{color-scheme:light;print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{margin:0 auto;padding:32px 24px;max-width:860px;background:#fff;color:var(--ink);
font:13px/1.45 'IBM Plex Sans','Segoe UI','Helvetica Neue','Liberation Sans','Noto Sans',Arial,system-ui,sans-serif;overflow-wrap:break-word}
bdi,code,.hash{overflow-wrap:anywhere}
h1,h2,h3,h4{margin:0;line-height:1.2;break-after:avoid}
h1{font-size:26px;font-weight:600}
h2{font-size:19px;font-weight:600;margin-top:36px;padding-bottom:6px;border-bottom:2px solid var(--ink)}
h3{font-size:14px;font-weight:600;margin:20px 0 6px}
p{margin:6px 0;orphans:3;widows:3}
ul{margin:6px 0;padding-left:18px}
li{margin:2px 0}
a{color:var(--lapis);text-decoration:none}
code,.hash{font-family:'IBM Plex Mono','Cascadia Mono',Menlo,'Liberation Mono','DejaVu Sans Mono',monospace;font-size:11px}
.small{font-size:11px;color:var(--ink-2)}
.prose{white-space:pre-wrap}
table{width:100%;border-collapse:collapse;margin:8px 0;font-size:12px}
thead{display:table-header-group}
tr{break-inside:avoid}
tbody tr:nth-child(-n+2){break-after:avoid}
tbody tr:nth-last-child(-n+2){break-before:avoid}
table.dense th,table.dense td{padding-top:2px;padding-bottom:2px}
th,td{padding:5px 8px 5px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
thead th{border-bottom:1px solid var(--ink);font-weight:600;color:var(--ink-2)}
tbody th{font-weight:400;color:var(--ink-2);width:26%}
td.n,th.n{text-align:right;padding-right:12px;white-space:nowrap}
.title{border-bottom:4px solid var(--ink);padding-bottom:14px}
.title .kind{font-size:12px;font-weight:600;color:var(--ink-2)}
.title h1{margin:2px 0 0}
.contents{columns:2;column-gap:32px;list-style:none;padding:0;font-size:12px}
.contents li{break-inside:avoid}
.verdict{display:inline-block;padding:1px 8px;border-radius:3px;font-weight:600;white-space:nowrap}
.real{background:var(--verdigris-wash);color:var(--verdigris)}
.simulated{background:var(--vermilion-wash);color:var(--vermilion)}
.inconclusive{background:var(--ochre-wash);color:var(--ochre)}
.none{background:var(--raised);color:var(--ink-2)}
.statement{margin:10px 0;padding:12px 14px;border:1px solid var(--line-2);border-left:4px solid var(--ink);break-inside:avoid}
.statement .big{font-size:16px;margin:0 0 6px}
.statement dl{display:grid;grid-template-columns:130px 1fr;gap:3px 12px;margin:8px 0 0}
.statement dt{color:var(--ink-2)}
.statement dd{margin:0}
.warn{padding:8px 12px;background:var(--ochre-wash);color:#3d2b00;break-inside:avoid}
.bad{padding:8px 12px;background:var(--vermilion-wash);color:#5c1c0b;break-inside:avoid}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:12px;margin:10px 0;break-inside:avoid}
.row{display:grid;grid-template-columns:repeat(4,1fr);gap:10px;margin:10px 0}
.row.of-5{grid-template-columns:repeat(5,1fr)}
.row.of-6{grid-template-columns:repeat(6,1fr)}
.beside{display:grid;gap:12px;align-items:start}
.beside.with-1{grid-template-columns:3fr 1fr}
.beside.with-2{grid-template-columns:2fr 1fr 1fr}
.findings{display:grid;grid-template-columns:104px 1fr;gap:3px 8px;margin:4px 0}
.findings dt{color:var(--ink-2);white-space:nowrap}
.findings dt.contradiction{color:var(--vermilion);font-weight:600}
.findings dt.notice,.findings dt.unreadable{color:var(--ochre);font-weight:600}
.findings dd{margin:0}
.tiles{display:grid;grid-template-columns:3fr 2fr;gap:20px;align-items:start}
.tiles svg{display:block;overflow:visible;width:100%;max-height:240px;margin-top:10px}
figure{margin:0;break-inside:avoid;min-width:0}
figure img,.gone{display:block;width:100%;height:auto;max-height:340px;object-fit:contain;object-position:left top;
background:var(--raised);border:1px solid var(--line)}
.row figure img,.beside figure img{max-height:190px}
.maps img{image-rendering:pixelated}
.gone{padding:18px 10px;font-size:11px;color:var(--ink-2)}
figcaption{margin-top:3px;font-size:11px;line-height:1.35;color:var(--ink-2)}
.ramp{display:block;height:6px;margin:3px 0 1px;background:linear-gradient(to right,${ramp.join(',')})}
.ends{display:flex;justify-content:space-between;gap:8px;font-size:10px;line-height:1.25}
.ends span:nth-child(2){text-align:center}
.t{white-space:nowrap}
th.t,.hash.short{white-space:nowrap}
.limits{columns:2;column-gap:28px;font-size:11px;color:var(--ink-2)}
.limits li{break-inside:avoid}
.limits li:only-child{column-span:all}
.analysis,.tiers,.tiles{break-inside:avoid}
p:has(+table),p:has(+.pair),p:has(+.tiles){break-after:avoid}
.analysis h3{margin-top:16px}
.check{width:32%}
.name{min-width:136px}
.digest{min-width:218px}
.thumb{width:76px;padding-right:10px}
.thumb img{display:block;width:66px;height:auto;max-height:66px;object-fit:contain;object-position:left top}
.ran{color:var(--verdigris)}.not-run{color:var(--ochre)}.failed{color:var(--vermilion)}
.sign{display:grid;grid-template-columns:1fr 1fr;gap:36px;margin-top:44px;break-inside:avoid;break-before:avoid}
.sign div{border-top:1px solid var(--ink);padding-top:4px;font-size:11px;color:var(--ink-2)}
@page{size:A4;margin:17mm 16mm 19mm;@bottom-left{content:${foot};font:8pt 'IBM Plex Sans','Segoe UI',Arial,sans-serif;color:#5f5f5b}
@bottom-right{content:"Page " counter(page) " of " counter(pages);font:8pt 'IBM Plex Sans','Segoe UI',Arial,sans-serif;color:#5f5f5b}}
@media print{body{padding:0 1px 0 0;max-width:none;font-size:9.5pt}table{font-size:8.5pt}.small,figcaption,.limits{font-size:8pt}
code,.hash{font-size:7.5pt}.picture{break-before:page}.picture h2{margin-top:0}a{color:inherit}
figure img{max-height:78mm}.row figure img,.beside figure img{max-height:44mm}}
`;

/** What a page may do that holds this style sheet: show it and the pictures inside the file, and nothing else. */
export const reportPolicy = (style: string): string =>
  `default-src 'none'; img-src data:; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; ` +
  `base-uri 'none'; form-action 'none'`;
