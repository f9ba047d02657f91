/**
 * Steps of a node as text that people can follow: when, what happened, what was decided and why, what was done, and
 * what is waited for. It is given the recorded steps and reads no clock and no file.
 */
import type { Instant } from '../base/time.js';
import { between } from '../base/time.js';
import type { NodeState } from '../core/node.js';
import type { Notice } from '../core/notice.js';
import { decisionText } from './decision-text.js';
import { effectText } from './effect-text.js';
import { eventText } from './event-text.js';
import type { Happened, Scene } from './scene.js';
import { groupChange, groupScene } from './scene.js';
import { alarmsOf } from './timer-text.js';
import { durationText } from './wording.js';

/** One step in words. */
export interface Explanation {
  /** When, as the scene's clock reads. */
  readonly at: string;
  /** What happened. */
  readonly event: string;
  /** The roles that changed or stayed, and the reasons; `nothing changes` where nothing did. */
  readonly decided: readonly string[];
  /** What is done, in order. */
  readonly effects: readonly string[];
  /** What is waited for now, the next first; empty where that is what it was before. */
  readonly alarms: readonly string[];
}

export function explain(scene: Scene, happened: Happened): Explanation {
  const { effects, now } = happened;
  return {
    at: scene.clock(now),
    event: eventText(scene, happened),
    decided: decisions(scene, happened),
    effects: effects.map((effect) => effectText(scene, effect, now)),
    alarms: alarmsChanged(scene, happened),
  };
}

/** The steps as blocks of aligned lines, without a final newline. */
export function explanationText(explanations: readonly Explanation[]): string {
  const width = Math.max(0, ...explanations.map(({ at }) => at.length));
  return explanations.map((each) => block(each, width)).join('\n\n');
}

/** What the node is waiting for, line by line; the next is the first. */
export function alarmsText(scene: Scene, state: NodeState, now: Instant): readonly string[] {
  const alarms = alarmsOf(scene, state).map(({ at, name }) => ({
    at: scene.clock(at),
    left: at > now ? `in ${durationText(between(now, at))}` : 'now',
    name,
  }));
  const widths = {
    at: Math.max(0, ...alarms.map(({ at }) => at.length)),
    left: Math.max(0, ...alarms.map(({ left }) => left.length)),
  };
  return alarms.map(
    ({ at, left, name }) => `${at.padStart(widths.at)}  ${left.padEnd(widths.left)}  ${name}`,
  );
}

function decisions(scene: Scene, happened: Happened): readonly string[] {
  const several = scene.params.groups.length > 1;
  const all = scene.params.groups.flatMap(({ group }, index) => {
    const decided = decisionText(groupScene(scene, index), groupChange(happened, index));
    return several ? decided.map((each) => `${group}: ${each}`) : decided;
  });
  const phase =
    happened.after.phase === 'stopped' && happened.before.phase !== 'stopped'
      ? ['nothing is left to do']
      : [];
  const decided = [...proxyMoves(happened), ...all, ...phase];
  return decided.length === 0 ? ['nothing changes'] : decided;
}

function proxyMoves({ before, after, effects }: Happened): readonly string[] {
  const moves = effects.flatMap((effect) =>
    effect.kind === 'proxy' &&
    effect.effect.kind === 'tell' &&
    effect.effect.notice.event === 'proxy.state'
      ? [proxyMove(effect.effect.notice)]
      : [],
  );
  return moves.length === 0 && before.proxy !== after.proxy
    ? [`the proxy stays ${after.proxy.name}`]
    : moves;
}

function proxyMove({ from, to, cause }: Extract<Notice, { event: 'proxy.state' }>): string {
  return `proxy ${from} → ${to}: ${cause}`;
}

function alarmsChanged(scene: Scene, { before, after, now }: Happened): readonly string[] {
  const was = alarmsOf(scene, before);
  const is = alarmsOf(scene, after);
  const same =
    was.length === is.length &&
    was.every(({ at, name }, index) => at === is[index]?.at && name === is[index].name);
  if (same) {
    return [];
  }
  return is.length === 0 ? ['none'] : alarmsText(scene, after, now);
}

function block({ at, event, decided, effects, alarms }: Explanation, width: number): string {
  const numbered = effects.map((each, index) => `${String(index + 1)}. ${each}`);
  const labelled = [
    ...section('decided', decided),
    ...section('effects', numbered),
    ...section('alarms', alarms),
  ];
  const indent = ' '.repeat(width + GAP.length);
  return [
    `${at.padStart(width)}${GAP}${event}`,
    ...labelled.map((line) => `${indent}${line}`),
  ].join('\n');
}

/** The label stands before the first line only. */
function section(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(LABEL)}${line}`);
}

const GAP = '  ';
/** As wide as `decided`, and the gap. */
const LABEL = 9;
