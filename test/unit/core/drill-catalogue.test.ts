import { describe, expect, it } from 'vitest';
import { DRILL_NAMES, DRILLS, defaultLimits } from '../../../src/core/drill-catalogue.js';
import { LONGEST_FAULT, MOST_DROPPED, MOST_FAULTS } from '../../../src/wire/pair/drill.js';
import { millis } from '../../../src/base/time.js';
import { GIVEN_SCENE } from './given-drill.js';

describe.each(DRILL_NAMES)('the drill %s', (name) => {
  const drill = DRILLS[name];
  const faults = [
    ...drill.faults(GIVEN_SCENE),
    ...(drill.otherFaults === undefined ? [] : drill.otherFaults(GIVEN_SCENE)),
  ];

  it('says in sentences what it does, what must happen, and how it is undone', () => {
    for (const sentence of [drill.summary, drill.must, drill.undo]) {
      expect(sentence).toMatch(/^[A-Z].*\.$/u);
    }
  });

  it('does something, within the bounds', () => {
    expect(faults.length > 0 || name === 'switchover' || drill.where === 'simulator').toBe(true);
    expect(faults.length).toBeLessThanOrEqual(MOST_FAULTS);
    for (const fault of faults) {
      expect(fault.kind === 'drop' ? fault.packets.length : 0).toBeLessThanOrEqual(MOST_DROPPED);
    }
  });

  it.each([millis(30), millis(300), millis(3100)])(
    'lasts long enough to be noticed at a patience of %i ms, and no longer than the bound',
    (masterDown) => {
      const scene = { ...GIVEN_SCENE, masterDown };
      expect(drill.lasts(scene)).toBeGreaterThanOrEqual(millis(1500));
      expect(drill.lasts(scene)).toBeLessThanOrEqual(LONGEST_FAULT);
      if (drill.expected === 'moves' && name !== 'switchover') {
        expect(drill.lasts(scene)).toBeGreaterThanOrEqual(drill.gap(scene));
      }
    },
  );

  it('has limits that say the same as what is expected of it', () => {
    const limits = defaultLimits(name, GIVEN_SCENE);
    expect(limits.moves).toBe(drill.expected === 'stays' ? 0 : 1);
    expect(limits.failed).toBe(drill.failed === 'none' ? 0 : undefined);
    expect(limits.streamsBroken).toBe(
      drill.failed === 'none' && drill.expected === 'stays' ? 0 : undefined,
    );
    expect(limits.gapMs).toBe(limits.noOwnerMs);
  });
});

describe('the limits', () => {
  const has = new Set([...GIVEN_SCENE.has].filter((each) => each !== 'reachability'));

  it('bear that the preferred node takes back by itself what it has lost, and nothing else', () => {
    const scene = { ...GIVEN_SCENE, failback: 'by itself' as const };
    expect(defaultLimits('proxy-crash', scene).moves).toBe(2);
    expect(defaultLimits('channel-cut', scene).moves).toBe(0);
  });

  it('of a pair that does not watch its neighbours bear that both are master until the next advert', () => {
    const unwatched = { ...GIVEN_SCENE, has };
    expect(defaultLimits('isolated', GIVEN_SCENE)).toMatchObject({ twoOwnersMs: 50, moves: 1 });
    expect(defaultLimits('isolated', unwatched)).toMatchObject({ twoOwnersMs: 150, moves: 2 });
    expect(defaultLimits('link-down', unwatched)).toMatchObject({ twoOwnersMs: 50, moves: 1 });
  });
});

describe('the catalogue', () => {
  it('takes both families of a group, and every interface', () => {
    const scene = { ...GIVEN_SCENE, interfaces: ['eth0', 'eth2'] };
    expect(DRILLS['link-down'].faults(scene)).toHaveLength(2);
    expect(DRILLS['vrrp-filtered-both-ways'].faults(scene)).toEqual([
      {
        kind: 'drop',
        packets: [
          { what: 'adverts', interface: 'eth0', direction: 'out' },
          { what: 'adverts', interface: 'eth0', direction: 'in' },
          { what: 'adverts', interface: 'eth2', direction: 'out' },
          { what: 'adverts', interface: 'eth2', direction: 'in' },
        ],
      },
    ]);
  });

  it('takes the power from the master, on the other node', () => {
    expect(DRILLS['node-power-loss'].otherFaults?.(GIVEN_SCENE)).toEqual([
      { kind: 'power-off', node: 'lb1' },
    ]);
  });

  it('does to one server only what it says of one', () => {
    expect(DRILLS['backend-down-one'].faults(GIVEN_SCENE)).toEqual([
      { kind: 'drop', packets: [{ what: 'server', address: '10.77.0.21', port: 8080 }] },
    ]);
  });
});
