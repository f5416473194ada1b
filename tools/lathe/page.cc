// SPDX-License-Identifier: Apache-2.0
// The page of `lathe explain --html`: one file, no links to anything else.
#include "lathe/common.h"

namespace lathe::tool {

namespace {

constexpr const char* kHead = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>lathe explain</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 80em; padding: 0 1em; color: #222; background: #fff; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 3px 8px; border-bottom: 1px solid #ddd; vertical-align: top; word-break: break-word; }
th { position: sticky; top: 0; background: #f4f4f4; cursor: pointer; }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar { background: #6a9fd8; height: 0.8em; display: block; min-width: 1px; }
.fused { color: #246; } .removed { color: #888; } .refused { color: #a33; } .pruned { color: #888; }
.best { font-weight: bold; } code { font-size: 12px; } input { padding: 4px; width: 20em; margin: 0.5em 0; }
@media (prefers-color-scheme: dark) { body { background: #1b1b1b; color: #ddd; } th { background: #2a2a2a; } td { border-color: #333; } .fused { color: #8bc; } }
</style></head><body>
<h1 id="title"></h1><p id="about"></p>
<h2>Steps</h2><p>Times are those measured when each step was chosen. Click a heading to sort.</p><table id="steps"></table>
<h2>Nodes of the model</h2><input id="filter" placeholder="filter by name"><table id="nodes"></table>
<div id="more"></div>
<script type="application/json" id="data">)html";

constexpr const char* kTail = R"html(</script>
<script>
const data = JSON.parse(document.getElementById('data').textContent), engine = data.engine;
const make = (tag, text, cls) => { const e = document.createElement(tag); if (text !== undefined) e.textContent = text; if (cls) e.className = cls; return e; };
function table(id, heads, rows) {
  const t = document.getElementById(id), head = make('tr');
  let order = 1;
  heads.forEach((h, i) => {
    const th = make('th', h);
    th.onclick = () => {
      order = -order;
      const list = [...t.rows].slice(1).sort((a, b) => {
        const x = a.cells[i].dataset.v ?? a.cells[i].textContent, y = b.cells[i].dataset.v ?? b.cells[i].textContent;
        return order * (isNaN(x) || isNaN(y) ? String(x).localeCompare(String(y)) : x - y);
      });
      list.forEach(r => t.append(r));
    };
    head.append(th);
  });
  t.append(head);
  for (const r of rows) {
    const tr = make('tr', undefined, r.cls);
    for (const c of r.cells) {
      const td = make('td');
      if (typeof c === 'number') { td.className = 'n'; td.dataset.v = c; td.textContent = c ? c.toPrecision(4) : '–'; }
      else if (c instanceof Node) td.append(c); else td.textContent = c;
      tr.append(td);
    }
    t.append(tr);
  }
}
document.getElementById('title').textContent = data.file;
const flat = [];
(function walk(list, depth) { for (const s of list) { flat.push([s, depth]); s.regions.forEach(r => walk(r, depth + 1)); } })(engine.steps, 0);
const total = flat.reduce((t, [s]) => t + s.ms, 0);
document.getElementById('about').textContent = `Target ${engine.target}, library ${engine.library}: ${flat.length} steps, ${total.toFixed(3)} ms measured; ` +
  ['executed', 'fused', 'removed'].map(f => engine.nodes.filter(n => n.fate === f).length + ' nodes ' + f).join(', ') + '.';
const shape = t => `${t.type} ${t.shape.join('×')} ${t.format}`;
table('steps', ['ms', 'part', 'step', 'tactic', 'inputs', 'outputs', 'GFLOP/s', 'workspace'], flat.map(([s, depth]) => {
  const bar = make('span', undefined, 'bar'); bar.style.width = (total ? s.ms / total * 20 : 0) + 'em';
  return { cells: [s.ms, bar, '\u2003'.repeat(depth) + s.name, make('code', (s.tactic || s.op) + (s.params.length ? ' [' + s.params + ']' : '')),
    s.inputs.map(shape).join('; '), s.outputs.map(shape).join('; '), s.ms ? s.flops / s.ms / 1e6 : 0, s.workspace] };
}));
table('nodes', ['node', 'fate', 'where or why'], engine.nodes.map(n => ({ cls: n.fate, cells: [n.name, n.fate, n.detail] })));
document.getElementById('filter').oninput = e => [...document.getElementById('nodes').rows].slice(1).forEach(r => r.hidden = !r.cells[0].textContent.includes(e.target.value));
if (data.candidates) {
  const more = document.getElementById('more'), t = make('table');
  more.append(make('h2', 'Candidates'), make('p', 'Bold: the fastest of those that cover the same nodes. The cover then picks among sets of nodes.'), t);
  t.id = 'candidates';
  table('candidates', ['node', 'tactic', 'verdict', 'µs', 'workspace', 'reason'], data.candidates.map(c => ({ cls: c.verdict + (c.fastest ? ' best' : ''),
    cells: [c.node, make('code', c.tactic), c.verdict, c.us ?? 0, c.workspace ?? 0, c.reason ?? ''] })));
}
</script></body></html>
)html";

}  // namespace

std::string explainPage(const std::string& json) {
    // "</script" must not end the element that holds the JSON.
    std::string safe;
    for (char c : json) safe += c == '<' ? "\\u003c" : std::string(1, c);
    return kHead + safe + kTail;
}

}  // namespace lathe::tool
