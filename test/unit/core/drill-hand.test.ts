import { describe, expect, it } from 'vitest';
import { instant, later, millis } from '../../../src/base/time.js';
import type { FoundHand, Hand, HandEvent } from '../../../src/core/drill-hand.js';
import {
  armedHand,
  isAsBefore,
  isOver,
  onFinding,
  stepHand,
  undoOrder,
} from '../../../src/core/drill-hand.js';

const NOW = instant(10_000);
const TERMS = { armedFor: millis(60_000), lastsFor: millis(30_000) };
const SOON = later(NOW, millis(1));
const ENDS = later(NOW, TERMS.lastsFor);
const UNDO_BY = later(NOW, millis(60_000));

const armed = (deadline = SOON): Hand => ({ phase: 'armed', deadline });
const fired = (faults: 'inflicting' | 'inflicted', deadline = ENDS): Hand => ({
  phase: 'fired',
  deadline,
  faults,
});
const undoing = (why: (Hand & { phase: 'undoing' })['why']): Hand => ({
  phase: 'undoing',
  deadline: UNDO_BY,
  why,
});
const over = (phase: 'undone' | 'expired' | 'failed'): Hand => ({ phase });
const whole = (kind: 'inflicted' | 'undone'): HandEvent => ({ kind, outcome: 'whole' });
const inPart = (kind: 'inflicted' | 'undone'): HandEvent => ({ kind, outcome: 'in part' });
const [FIRE, UNDO, ALARM] = [{ kind: 'fire' }, { kind: 'undo' }, { kind: 'alarm' }] as const;

describe('the hand of a drill', () => {
  it('waits to be fired', () => {
    expect(armedHand(TERMS, NOW)).toEqual(armed(later(NOW, TERMS.armedFor)));
  });

  it.each<[string, Hand, HandEvent, Hand, 'nothing' | 'inflict' | 'undo']>([
    ['fires when it is told', armed(), FIRE, fired('inflicting'), 'inflict'],
    ['expires when nobody tells it', armed(NOW), ALARM, over('expired'), 'nothing'],
    ['and not before', armed(), ALARM, armed(), 'nothing'],
    ['does not fire late', armed(NOW), FIRE, over('expired'), 'nothing'],
    ['is looked over when it never fired', armed(), UNDO, undoing('asked'), 'undo'],
    ['has done nothing yet', armed(), whole('undone'), armed(), 'nothing'],
    ['waits', fired('inflicting'), whole('inflicted'), fired('inflicted'), 'nothing'],
    [
      'keeps no half fault',
      fired('inflicting'),
      inPart('inflicted'),
      undoing('not all of it could be done'),
      'undo',
    ],
    ['undoes when it is told', fired('inflicted'), UNDO, undoing('asked'), 'undo'],
    ['also in the middle of a fault', fired('inflicting'), UNDO, undoing('asked'), 'undo'],
    ['undoes by itself', fired('inflicted', NOW), ALARM, undoing('time was up'), 'undo'],
    ['and not before', fired('inflicted'), ALARM, fired('inflicted'), 'nothing'],
    ['fires once', fired('inflicted'), FIRE, fired('inflicted'), 'nothing'],
    ['has undone nothing yet', fired('inflicted'), whole('undone'), fired('inflicted'), 'nothing'],
    ['is done', undoing('asked'), whole('undone'), over('undone'), 'nothing'],
    ['says where it is not', undoing('asked'), inPart('undone'), over('failed'), 'nothing'],
    ['undoes once', undoing('time was up'), UNDO, undoing('time was up'), 'nothing'],
    ['hears of its faults late', undoing('asked'), whole('inflicted'), undoing('asked'), 'nothing'],
    ['stays undone', over('undone'), FIRE, over('undone'), 'nothing'],
    ['stays expired', over('expired'), FIRE, over('expired'), 'nothing'],
    ['stays failed', over('failed'), UNDO, over('failed'), 'nothing'],
  ])('%s', (_what, hand, event, next, then) => {
    expect(stepHand(hand, event, { ...TERMS, now: NOW })).toEqual({ hand: next, then });
  });

  it('takes no phase or event that there is none of', () => {
    const at = { ...TERMS, now: NOW };
    expect(() => stepHand({ phase: 'lost' } as never, FIRE, at)).toThrow();
    expect(() => stepHand(fired('inflicted'), { kind: 'lost' } as never, at)).toThrow();
  });

  it('undoes the last first', () => {
    expect(undoOrder(['a', 'b', 'c'])).toEqual(['c', 'b', 'a']);
  });
});

describe('who finds the file of a hand', () => {
  const LONG_AGO = instant(0);
  it.each<[string, FoundHand['phase'], Partial<FoundHand>, ReturnType<typeof onFinding>]>([
    ['leaves one alone that lives', 'fired', {}, 'nothing'],
    ['also one that is armed', 'armed', {}, 'nothing'],
    ['gives it some time', 'fired', { deadline: NOW }, 'nothing'],
    ['undoes in place of one that is gone', 'fired', { process: 'gone' }, 'undo'],
    ['also what it had begun to undo', 'undoing', { process: 'gone' }, 'undo'],
    ['has nothing to undo of one that was armed', 'armed', { process: 'gone' }, 'expire'],
    ['does not wait for one that is stuck', 'fired', { deadline: LONG_AGO }, 'end and undo'],
    ['knows no deadline', 'fired', { deadline: undefined }, 'nothing'],
    ['does not believe a number of a former boot', 'fired', { boot: 'former' }, 'undo'],
    ['leaves what is over', 'undone', { process: 'gone' }, 'nothing'],
    ['leaves what has expired', 'expired', { process: 'gone' }, 'nothing'],
    ['leaves what a person has to mend', 'failed', { process: 'gone' }, 'nothing'],
  ])('%s', (_what, phase, found, expected) => {
    const lives = { deadline: SOON, process: 'lives', boot: 'this' } as const;
    expect(onFinding({ phase, ...lives, ...found }, NOW)).toBe(expected);
  });
});

describe('a phase', () => {
  it.each([
    ['armed', false, false],
    ['fired', false, false],
    ['undoing', false, false],
    ['undone', true, true],
    ['expired', true, true],
    ['failed', true, false],
  ] as const)('%s: over %s, as before %s', (phase, over, before) => {
    expect(isOver(phase)).toBe(over);
    expect(isAsBefore(phase)).toBe(before);
  });
});
