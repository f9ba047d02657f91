/** How a page of drills looks: on a screen by day and by night, and on paper. */

/** Two nodes have a colour each that people tell apart who see red and green alike; both are named wherever they are used. */
const DAY = `
  --ink: #1b2330; --soft: #5a6676; --paper: #ffffff; --wash: #f4f6f9; --line: #d9dfe7;
  --good: #17753f; --bad: #b3261e; --doubt: #8a5a00;
  --good-wash: #e6f4ec; --bad-wash: #fbeae8; --doubt-wash: #fbf1dc;
  --node-0: #2160c4; --node-1: #c2570c; --lost: #b3261e;`;

const NIGHT = `
  --ink: #e7ebf1; --soft: #9ba7b6; --paper: #12161c; --wash: #1a2029; --line: #2c3541;
  --good: #56c98c; --bad: #ff8a80; --doubt: #e6b455;
  --good-wash: #14291e; --bad-wash: #33191a; --doubt-wash: #2e2512;
  --node-0: #74aaff; --node-1: #f3a362; --lost: #ff6f64;`;

export function pageStyle(): string {
  return `
:root { color-scheme: light dark; ${DAY} }
@media (prefers-color-scheme: dark) { :root { ${NIGHT} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1020px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 22px; line-height: 1.25; margin: 0; letter-spacing: -0.01em; }
h3 { font-size: 13px; margin: 32px 0 10px; text-transform: uppercase; letter-spacing: 0.06em; color: var(--soft); }
p { margin: 6px 0; }
a { color: inherit; }
.soft { color: var(--soft); }
.meta { color: var(--soft); font-size: 13px; }
.drill { margin-top: 44px; padding-top: 28px; border-top: 1px solid var(--line); }
.drill:first-child { margin-top: 0; padding-top: 0; border-top: 0; }
.head { display: flex; align-items: center; gap: 14px; flex-wrap: wrap; }
.badge { display: inline-block; padding: 3px 12px; border-radius: 999px; font-weight: 600; font-size: 13px;
  border: 1px solid currentColor; white-space: nowrap; }
.passed, .kept { color: var(--good); } .failed, .exceeded { color: var(--bad); }
.stopped, .unknown, .unseen { color: var(--doubt); }
.badge.passed { background: var(--good-wash); } .badge.failed { background: var(--bad-wash); }
.badge.stopped { background: var(--doubt-wash); }
.why { margin: 18px 0 0; padding: 12px 18px 12px 34px; border-left: 4px solid var(--bad); background: var(--bad-wash); }
.why.stopped { border-color: var(--doubt); background: var(--doubt-wash); color: inherit; }
.why.failed { color: inherit; }
.why li + li { margin-top: 6px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 18px 0 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin: 24px 0 0; }
.tile { background: var(--wash); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px 14px; }
.tile .value { font-size: 25px; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; white-space: nowrap; }
.tile .of { font-size: 14px; font-weight: 400; color: var(--soft); }
.tile .value.none { font-size: 18px; line-height: 32px; font-weight: 500; color: var(--soft); }
.bar { height: 6px; border-radius: 3px; background: var(--line); margin-top: 10px; overflow: hidden; }
.bar > i { display: block; height: 100%; border-radius: 3px; background: currentColor; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; }
th, td { padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.word { white-space: nowrap; }
th.number:first-child { width: 1%; white-space: nowrap; }
.overview td:first-child { min-width: 150px; }
.scroll { overflow-x: auto; }
.drawing { display: block; width: 100%; min-width: 680px; height: auto; font-size: 13px; }
.drawing text { fill: var(--ink); font-family: inherit; }
.drawing .tick, .drawing .who { fill: var(--soft); font-size: 12px; }
.drawing .phase { font-weight: 600; }
.grid { stroke: var(--line); stroke-width: 1; }
.stripe { fill: var(--wash); }
.step { stroke-width: 7; stroke-linecap: round; }
.node-0 { stroke: var(--node-0); fill: var(--node-0); } .node-1 { stroke: var(--node-1); fill: var(--node-1); }
.node-none { stroke: var(--ink); fill: var(--ink); }
.dot { stroke: var(--paper); stroke-width: 2; }
.answered { stroke: none; } .drawing .name { fill: var(--paper); font-size: 11px; font-weight: 600; }
.lost { fill: var(--lost); stroke: none; }
.median { fill: none; stroke: var(--ink); stroke-width: 2; stroke-linejoin: round; }
.slowest { fill: none; stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 3 2.5; stroke-linejoin: round; }
.mark { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 3; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 22px; color: var(--soft); font-size: 13px; margin: 10px 0 0; }
.legend svg { width: 26px; height: 12px; vertical-align: -1px; margin-right: 7px; }
footer { margin-top: 56px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--soft); font-size: 12.5px; }
@media (max-width: 700px) { .tiles { grid-template-columns: repeat(2, 1fr); } main { padding: 24px 16px 48px; } }
@media print {
  :root { color-scheme: light; ${DAY} }
  @page { margin: 14mm; }
  body { font-size: 9.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  .drawing { min-width: 0; } .scroll { overflow: visible; }
  .several .drill { break-before: page; border-top: 0; margin-top: 0; padding-top: 0; }
  h3 { break-after: avoid; margin-top: 20px; }
  tr, .tile, .drawing, .why { break-inside: avoid; }
  table { font-size: 9pt; } th, td { padding-top: 4px; padding-bottom: 4px; }
  .tile .value { font-size: 20px; } dl { margin-top: 12px; }
}
`;
}
