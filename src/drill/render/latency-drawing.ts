/** What clients saw as a drawing: how long answers took, how many requests failed, and which node answered. */
import type { DrillReport, DrillStretch } from '../../telemetry/drill.js';
import type { Markup } from './markup.js';
import { element, NO_MARKUP, text } from './markup.js';
import { coordinate, nodeClass } from './move-drawing.js';
import type { Scale } from './scale.js';
import { decadesAround, placeOn, placeOnLog, ticksOf } from './scale.js';
import { firstMove, offsetText, tickText } from './words.js';

const WIDTH = 960;
const HEIGHT = 330;
const LEFT = 62;
const RIGHT = 948;
const TOP = 30;
/** Of the field; below it are the strip of nodes and the axis. */
const BOTTOM = 262;
const STRIP = 16;
const TICKS = 9;
/** A field that is lost to one of fifty requests can still be seen. */
const LEAST_SHADE = 0.18;
/** Narrower than this a run of answers bears no name. */
const NAME_WIDTH = 34;
/** A report has fewer; a damaged one does not fill the page. */
const MOST_STRETCHES = 2_000;

interface Field {
  readonly x: Scale;
  readonly y: Scale;
  /** Of a stretch, in milliseconds. */
  readonly step: number;
  readonly nodes: readonly string[];
}

/** Nothing where nobody measured. */
export function latencyDrawing(report: Pick<DrillReport, 'plot' | 'timeline' | 'nodes'>): Markup {
  const plot = report.plot.slice(0, MOST_STRETCHES);
  const [first] = plot;
  const last = plot.at(-1);
  if (first === undefined || last === undefined) {
    return NO_MARKUP;
  }
  const step = stepOf(plot);
  const field: Field = {
    x: { from: first.atMs, to: last.atMs + step, start: LEFT, end: RIGHT },
    y: { ...decadesAround(plot.flatMap(durationsOf)), start: BOTTOM, end: TOP },
    ...{ step, nodes: report.nodes },
  };
  return element(
    'svg',
    { viewBox: `0 0 ${String(WIDTH)} ${String(HEIGHT)}`, role: 'img', class: 'drawing' },
    element('title', {}, text(titleOf(plot))),
    plot.filter(({ failed }) => failed > 0).map((each) => shade(each, field)),
    axes(field),
    curve(plot, 'slowestMs', field),
    curve(plot, 'medianMs', field),
    strip(plot, field),
    marks(report.timeline, field),
  );
}

/** Stretches are equal, but one in which nothing was asked is left out. */
function stepOf(plot: readonly DrillStretch[]): number {
  const steps = plot
    .slice(1)
    .map(({ atMs }, index) => atMs - (plot[index]?.atMs ?? atMs))
    .filter((each) => each > 0);
  return steps.length === 0 ? 1 : steps.reduce((least, each) => Math.min(least, each));
}

function durationsOf({ medianMs, slowestMs }: DrillStretch): readonly number[] {
  return [medianMs, slowestMs].flatMap((each) => (each === undefined ? [] : [each]));
}

function titleOf(plot: readonly DrillStretch[]): string {
  const failed = plot.reduce((total, each) => total + each.failed, 0);
  const requests = plot.reduce((total, each) => total + each.requests, 0);
  return `Duration of answers over time; ${String(failed)} of ${String(requests)} requests failed`;
}

/** The more requests of a stretch failed, the darker. */
function shade({ atMs, failed, requests }: DrillStretch, { x, step }: Field): Markup {
  const begin = placeOn(x, atMs);
  const share = requests === 0 ? 1 : Math.min(1, failed / requests);
  return element(
    'rect',
    {
      ...{ class: 'lost', x: coordinate(begin), y: TOP, height: BOTTOM - TOP },
      width: coordinate(placeOn(x, atMs + step) - begin),
      'fill-opacity': (LEAST_SHADE + share * 0.5).toFixed(2),
    },
    element(
      'title',
      {},
      text(`${offsetText(atMs)}: ${String(failed)} of ${String(requests)} failed`),
    ),
  );
}

function axes({ x, y }: Field): readonly Markup[] {
  const decades = Math.round(Math.log10(y.to / y.from));
  const rows = [...Array(decades + 1).keys()].map((power) => y.from * 10 ** power);
  return [
    ...rows.map((value) => {
      const at = coordinate(placeOnLog(y, value));
      return element(
        'g',
        {},
        element('line', { class: 'grid', x1: LEFT, x2: RIGHT, y1: at, y2: at }),
        element(
          'text',
          { class: 'tick', x: LEFT - 8, y: at, dy: 4, 'text-anchor': 'end' },
          text(tickText(value)),
        ),
      );
    }),
    ...ticksOf(x, TICKS).map((value) => {
      const at = coordinate(placeOn(x, value));
      return element(
        'g',
        {},
        element('line', { class: 'grid', x1: at, x2: at, y1: BOTTOM, y2: BOTTOM + STRIP + 12 }),
        element(
          'text',
          { class: 'tick', x: at, y: BOTTOM + STRIP + 27, 'text-anchor': 'middle' },
          text(secondsText(value)),
        ),
      );
    }),
    element(
      'text',
      { class: 'tick', x: (LEFT + RIGHT) / 2, y: HEIGHT - 4, 'text-anchor': 'middle' },
      text('seconds after the fault'),
    ),
  ];
}

/** Broken where nothing was answered. */
function curve(
  plot: readonly DrillStretch[],
  key: 'medianMs' | 'slowestMs',
  { x, y, step }: Field,
): Markup {
  let isDrawing = false;
  const steps = plot.flatMap((each) => {
    const value = each[key];
    if (value === undefined) {
      isDrawing = false;
      return [];
    }
    const command = isDrawing ? 'L' : 'M';
    isDrawing = true;
    const across = coordinate(placeOn(x, each.atMs + step / 2));
    return [`${command}${across} ${coordinate(placeOnLog(y, value))}`];
  });
  return element('path', { class: key === 'medianMs' ? 'median' : 'slowest', d: steps.join('') });
}

/** Who answered: a run of one node's answers is one field, named where there is room. */
function strip(plot: readonly DrillStretch[], { x, step, nodes }: Field): readonly Markup[] {
  const runs: { node: string; from: number; to: number }[] = [];
  for (const { node, atMs } of plot) {
    const run = runs.at(-1);
    if (node !== undefined && run?.node === node && Math.abs(run.to - atMs) < step / 2) {
      runs[runs.length - 1] = { ...run, to: atMs + step };
    } else if (node !== undefined) {
      runs.push({ node, from: atMs, to: atMs + step });
    }
  }
  return runs.map(({ node, from, to }) => {
    const begin = placeOn(x, from);
    const width = placeOn(x, to) - begin;
    const box = { x: coordinate(begin), y: BOTTOM + 4, width: coordinate(width), height: STRIP };
    return element(
      'g',
      {},
      element('rect', { ...box, class: `answered ${nodeClass(node, nodes)}` }),
      ...(width < NAME_WIDTH
        ? []
        : [
            element(
              'text',
              { class: 'name', x: coordinate(begin + 6), y: BOTTOM + STRIP },
              text(node),
            ),
          ]),
    );
  });
}

function marks(timeline: DrillReport['timeline'], { x }: Field): readonly Markup[] {
  const move = firstMove(timeline);
  const answered = move.find(({ phase }) => phase === 'answered');
  const all = [
    { at: 0, label: 'fault', anchor: 'end', shift: -5 },
    ...(answered === undefined
      ? []
      : [
          {
            ...{ at: answered.atMs, anchor: 'start', shift: 5 },
            label: `answered ${offsetText(answered.atMs)}`,
          },
        ]),
  ];
  return all
    .filter(({ at }) => at >= x.from && at <= x.to)
    .map(({ at, label, anchor, shift }) => {
      const place = placeOn(x, at);
      return element(
        'g',
        {},
        element('line', {
          ...{
            class: 'mark',
            x1: coordinate(place),
            x2: coordinate(place),
            y1: TOP - 18,
            y2: BOTTOM,
          },
        }),
        element(
          'text',
          { class: 'phase', x: coordinate(place + shift), y: TOP - 9, 'text-anchor': anchor },
          text(label),
        ),
      );
    });
}

function secondsText(milliseconds: number): string {
  return String(Number((milliseconds / 1_000).toFixed(3)));
}
