import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { instant, later, millis } from '../../../src/base/time.js';
import type { ProxyState } from '../../../src/core/proxy-state.js';
import type { Sample, Thing, TrackedThing, TrackerState } from '../../../src/core/tracking.js';
import {
  faultsOf,
  newTracker,
  pending,
  proxySample,
  sample,
  settleTracker,
  trackerDeadline,
  trackersDeadline,
} from '../../../src/core/tracking.js';

const NOW = instant(100_000);
const after = (ms: number) => later(NOW, millis(ms));
const SCRIPT: Thing = { kind: 'script', rise: 2, fall: 3 };
const LINK: Thing = { kind: 'interface', debounce: millis(1000) };
const FILE: Thing = { kind: 'file' };
const WELL: Sample = { kind: 'well' };
const BAD: Sample = { kind: 'failing', why: 'no' };

function tracked(thing: Thing, weight?: number): TrackedThing {
  const consequence =
    weight === undefined ? ({ kind: 'fault' } as const) : ({ kind: 'weight', weight } as const);
  return { name: thing.kind, thing, consequence };
}

/** `+` a good look, `-` a bad one, a digit a file's value. */
function looked(letter: string): Sample {
  if (letter === '+' || letter === '-') {
    return letter === '+' ? WELL : BAD;
  }
  return { kind: 'value', value: Number(letter) };
}

/** The verdict after each of the looks, which are 400 ms apart, in one letter: unknown, well, failing or a value. */
function verdicts(thing: TrackedThing, looks: string): string {
  let state = newTracker();
  return Array.from(looks)
    .map((letter, position) => {
      const step = sample(thing, state, looked(letter), after(400 * position));
      expect(step.changed !== undefined).toBe(letterOf(step.state) !== letterOf(state));
      state = step.state;
      return letterOf(state);
    })
    .join('');
}

function letterOf({ verdict }: TrackerState): string {
  return verdict.kind === 'value' ? String(verdict.value) : verdict.kind.slice(0, 1);
}

describe('looks become verdicts', () => {
  it.each<readonly [string, TrackedThing, string, string]>([
    ['one good look is enough where nothing is known', tracked(SCRIPT), '+', 'w'],
    ['a bad one is not', tracked(SCRIPT), '--+', 'uuw'],
    ['nor are fewer than fall', tracked(SCRIPT), '---', 'uuf'],
    ['fall bad looks in a row', tracked(SCRIPT), '+--+---', 'wwwwwwf'],
    ['rise good looks in a row', tracked(SCRIPT), '---+-++', 'uuffffw'],
    ['a process likewise', tracked({ ...SCRIPT, kind: 'process' }), '+---', 'wwwf'],
    ['neighbours likewise', tracked({ ...SCRIPT, kind: 'neighbours' }), '+---', 'wwwf'],
    ['the proxy has its own patience', tracked({ kind: 'proxy' }), '-+-', 'fwf'],
    ['a link counts at once at start', tracked(LINK), '-', 'f'],
    ['later only what lasts', tracked(LINK), '+-+-', 'wwww'],
    ['longer than the debounce', tracked(LINK), '+----', 'wwwwf'],
    ['either way', tracked(LINK), '-++++', 'ffffw'],
    ['another number than 0 in a file is a fault', tracked(FILE), '05', 'wf'],
    ['and 0 is well', tracked(FILE), '50', 'fw'],
    ['what cannot be read twice fails', tracked(FILE), '0-0--', 'wwwwf'],
    ['with a weight the number counts', tracked(FILE, -1), '05577', '05577'],
    ['as long as nothing else is read', tracked(FILE, -1), '5-5--3', '5555f3'],
  ])('%s', (_why, thing, looks, expected) => {
    expect(verdicts(thing, looks)).toBe(expected);
  });

  it('a change tells from what to what, another reason is none', () => {
    const thing = tracked({ ...SCRIPT, fall: 1 });
    const failed = sample(thing, newTracker(), BAD, NOW);
    expect(failed.changed).toEqual({ from: { kind: 'unknown' }, to: BAD });
    const again = sample(thing, failed.state, { kind: 'failing', why: 'exit code 2' }, NOW);
    expect(again.changed).toBeUndefined();
    expect(again.state.verdict).toEqual({ kind: 'failing', why: 'exit code 2' });
    expect(sample(tracked(FILE), newTracker(), looked('7'), NOW).state.verdict).toEqual({
      kind: 'failing',
      why: 'it holds 7',
    });
  });
});

describe('a link that changed', () => {
  const thing = tracked(LINK);
  const up = sample(thing, newTracker(), WELL, NOW).state;
  const doubted = sample(thing, up, BAD, after(100)).state;

  it('counts when it has lasted, without another look', () => {
    expect(trackerDeadline(thing, up)).toBeUndefined();
    expect(trackerDeadline(thing, doubted)).toBe(after(1100));
    expect(settleTracker(thing, doubted, after(1099))).toEqual({
      state: doubted,
      changed: undefined,
    });
    expect(settleTracker(thing, doubted, after(1100)).changed).toEqual({
      from: { kind: 'well' },
      to: BAD,
    });
    expect(settleTracker(thing, up, after(5000)).changed).toBeUndefined();
  });

  it('counts from the first word of it', () => {
    const missing = sample(thing, doubted, { kind: 'failing', why: 'missing' }, after(600)).state;
    expect(trackerDeadline(thing, missing)).toBe(after(1100));
    expect(settleTracker(thing, missing, after(1100)).state.verdict).toEqual({
      kind: 'failing',
      why: 'missing',
    });
  });

  it('is the first deadline of several', () => {
    const script = sample(tracked(SCRIPT), newTracker(), BAD, NOW).state;
    expect(trackersDeadline([tracked(SCRIPT), thing], [script, doubted])).toBe(after(1100));
    expect(trackersDeadline([tracked(SCRIPT)], [script])).toBeUndefined();
  });
});

describe('a group', () => {
  const things = [tracked(SCRIPT), tracked(LINK, -5), tracked(FILE)];

  it('that starts waits for what is not known', () => {
    const none = things.map(() => newTracker());
    expect(pending(things, none, 'faults')).toEqual(['script', 'file']);
    expect(pending(things, none, 'all')).toEqual(['script', 'interface', 'file']);
    const known = none.with(0, sample(things[0]!, none[0]!, WELL, NOW).state);
    expect(pending(things, known, 'faults')).toEqual(['file']);
  });

  it('is at fault for each fault that fails', () => {
    const states = [sample(things[0]!, newTracker(), BAD, NOW).state].concat(
      sample(things[1]!, newTracker(), BAD, NOW).state,
      sample(things[2]!, newTracker(), looked('1'), NOW).state,
    );
    expect(faultsOf(things, states)).toEqual([{ name: 'file', why: 'it holds 1' }]);
  });
});

it.each<readonly [ProxyState['name'], string]>([
  ['seeking', 'nothing'],
  ['serving', 'well'],
  ['none', 'failing'],
  ['checking', 'failing'],
  ['holding', 'failing'],
  ['starting', 'failing'],
  ['ending', 'failing'],
  ['waiting', 'failing'],
])('a proxy that is %s says %s', (name, expected) => {
  const proxy = { name } as ProxyState;
  expect(proxySample(proxy)?.kind ?? 'nothing').toBe(expected);
});

it('a kind that does not exist is a mistake of ours', () => {
  const proxy = { name: 'lost' } as unknown as ProxyState;
  expect(() => proxySample(proxy)).toThrow(BrokenAssumption);
  const thing = tracked({ kind: 'moon' } as unknown as Thing);
  expect(() => sample(thing, newTracker(), WELL, NOW)).toThrow(BrokenAssumption);
  expect(() => pending([thing], [], 'all')).toThrow(BrokenAssumption);
});
