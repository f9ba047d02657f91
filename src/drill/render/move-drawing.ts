/** The first move as a drawing: a row a phase, each beginning where the one before ended, to scale. */
import type { Markup } from './markup.js';
import { element, text } from './markup.js';
import type { Scale } from './scale.js';
import { placeOn, ticksOf } from './scale.js';
import type { PhaseMoment } from './words.js';
import { durationText, offsetText, tickText, whoOf } from './words.js';

const WIDTH = 960;
const TOP = 34;
const ROW = 34;
const LEFT = 190;
const RIGHT = 770;
const TICKS = 6;

/** `nodes`: of the pair, in the order of their colours. */
export function moveDrawing(phases: readonly PhaseMoment[], nodes: readonly string[]): Markup {
  const from = phases[0]?.atMs ?? 0;
  const to = phases.at(-1)?.atMs ?? 0;
  const scale: Scale = { from, to: Math.max(to, from + 1), start: LEFT, end: RIGHT };
  const height = TOP + ROW * phases.length + 8;
  return element(
    'svg',
    { viewBox: `0 0 ${String(WIDTH)} ${String(height)}`, role: 'img', class: 'drawing' },
    element('title', {}, text(titleOf(phases))),
    ticksOf(scale, TICKS).map((value) => tick(value, scale, height)),
    phases.map((each, index) => row(each, phases[index - 1], { index, scale, nodes })),
  );
}

/** `node-0` and `node-1` have a colour each; whoever is no node has that of the text. */
export function nodeClass(node: string | undefined, nodes: readonly string[]): string {
  const place = node === undefined ? -1 : nodes.indexOf(node);
  return place === 0 || place === 1 ? `node-${String(place)}` : 'node-none';
}

export function coordinate(value: number): string {
  return value.toFixed(1);
}

function titleOf(phases: readonly PhaseMoment[]): string {
  return phases.map((each) => `${each.phase} ${offsetText(each.atMs)}`).join(', ');
}

function tick(value: number, scale: Scale, height: number): Markup {
  const x = coordinate(placeOn(scale, value));
  return element(
    'g',
    {},
    element('line', { class: 'grid', x1: x, x2: x, y1: TOP - 8, y2: height }),
    element(
      'text',
      { class: 'tick', x, y: TOP - 14, 'text-anchor': 'middle' },
      text(tickText(value)),
    ),
  );
}

function row(
  each: PhaseMoment,
  before: PhaseMoment | undefined,
  { index, scale, nodes }: { index: number; scale: Scale; nodes: readonly string[] },
): Markup {
  const middle = TOP + ROW * index + ROW / 2;
  const [begin, end] = [before?.atMs ?? each.atMs, each.atMs].map((at) => placeOn(scale, at));
  const colour = nodeClass(each.node, nodes);
  const label = { y: middle + 5 };
  return element(
    'g',
    {},
    element('title', {}, text(each.text)),
    ...(index % 2 === 0
      ? [element('rect', { class: 'stripe', x: 0, y: middle - ROW / 2, width: WIDTH, height: ROW })]
      : []),
    element('text', { ...label, class: 'phase', x: 12 }, text(each.phase)),
    element('text', { ...label, class: 'who', x: 108 }, text(whoOf(each))),
    element('line', {
      ...{ class: `step ${colour}`, x1: coordinate(begin ?? 0), x2: coordinate(end ?? 0) },
      ...{ y1: middle, y2: middle },
    }),
    element('circle', { class: `dot ${colour}`, cx: coordinate(end ?? 0), cy: middle, r: 6 }),
    element(
      'text',
      { ...label, class: 'phase', x: RIGHT + 84, 'text-anchor': 'end' },
      text(offsetText(each.atMs)),
    ),
    ...(before === undefined
      ? []
      : [
          element(
            'text',
            { ...label, class: 'who', x: WIDTH - 12, 'text-anchor': 'end' },
            text(durationText(each.atMs - before.atMs)),
          ),
        ]),
  );
}
