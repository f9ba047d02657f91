import { describe, expect, it } from 'vitest';
import { fail } from '../../../src/base/result.js';
import { instant, later, millis } from '../../../src/base/time.js';
import { settled, VIPS } from './fakes.js';
import { HOLD, open, RELEASE } from './given-runner.js';

const CLAIMS = ['claim 192.0.2.100/24 for 4 s', 'claim 192.0.2.101/24 for 4 s'];
const RELEASES = ['release 192.0.2.100/24', 'release 192.0.2.101/24'];

describe('a group holds its addresses', () => {
  it('address and lease in one turn, and says when the kernel has confirmed', async () => {
    const { machine, events, runner } = open();
    runner.carryOut(HOLD);
    expect(machine.calls).toEqual([...CLAIMS, `renew ${VIPS.join()} for 2945 ms`]);
    expect(events).toEqual([]);
    await settled();
    expect(events).toEqual([{ kind: 'addresses-held', group: 3 }]);
  });

  it('silently, where no confirmation is wanted', async () => {
    const { events, runner } = open();
    runner.carryOut({ ...HOLD, confirm: 'needless' });
    await settled();
    expect(events).toEqual([]);
  });

  it('without nftables, by their lifetime alone', () => {
    const { machine, runner } = open({ layers: 'backstop only' });
    runner.carryOut(HOLD);
    runner.carryOut(RELEASE);
    expect(machine.calls).toEqual([...CLAIMS, ...RELEASES]);
  });

  it.each([
    ['an address', 'claim', 'wanted'],
    ['a lease', 'renew', 'wanted'],
    ['an address that it held before', 'claim', 'needless'],
  ] as const)('the kernel refuses %s: the core hears of it once', async (_why, call, confirm) => {
    const { machine, events, runner } = open();
    machine.refuse(call);
    runner.carryOut({ ...HOLD, confirm });
    await settled();
    const detail = `refused: no ${call}`;
    expect(events).toEqual([{ kind: 'address-refused', group: 3, detail }]);
  });

  describe('whose rules somebody flushed', () => {
    const renewal = `renew ${VIPS.join()} for 2945 ms`;

    const ENDED = {
      kind: 'address-refused',
      group: 3,
      detail: 'no-answer: the lease ended before its rules were back',
    };

    /** The kernel refuses the first renewal; what happens next happens while the rules are put back. */
    function flushed(meanwhile: (all: ReturnType<typeof open>) => void) {
      const all = open();
      all.machine.refuse('renew');
      all.runner.carryOut(HOLD);
      all.machine.calls.length = 0;
      all.machine.refusing.delete('renew');
      meanwhile(all);
      return all;
    }

    it('puts them back and renews what is left of the lease', async () => {
      const { machine, events } = flushed(({ machine: { clock } }) => {
        clock.time = later(clock.time, millis(45));
      });
      await settled();
      expect(machine.calls).toEqual(['guard again', renewal.replace('2945', '2900')]);
      expect(machine.told()).toEqual(['lease.rules-restored']);
      expect(events).toEqual([{ kind: 'addresses-held', group: 3 }]);
    });

    it('renews nothing that was released meanwhile', async () => {
      const { machine, events } = flushed(({ runner }) => {
        runner.carryOut(RELEASE);
      });
      await settled();
      expect(machine.calls).toEqual([`revoke ${VIPS.join()}`, ...RELEASES, 'guard again']);
      expect(machine.told()).toEqual([]);
      expect(events).toEqual([ENDED]);
    });

    it('renews nothing that has ended meanwhile', async () => {
      const { machine, events } = flushed(({ machine: { clock } }) => {
        clock.time = later(clock.time, millis(2945));
      });
      await settled();
      expect(machine.calls).toEqual(['guard again']);
      expect(machine.told()).toEqual([]);
      expect(events).toEqual([ENDED]);
    });

    it('is put back once: a renewal that is refused again is a refusal', async () => {
      const { machine, events } = flushed(({ machine: each }) => {
        each.refuse('renew');
      });
      await settled();
      expect(machine.calls).toEqual(['guard again', renewal]);
      expect(events).toEqual([{ kind: 'address-refused', group: 3, detail: 'refused: no renew' }]);
    });

    it('and that cannot be put back: the core hears of it', async () => {
      const { machine, events } = flushed(({ guards }) => {
        guards.push(fail({ code: 'refused', detail: 'no table' }));
      });
      await settled();
      expect(machine.calls).toEqual(['guard again']);
      expect(events).toEqual([{ kind: 'address-refused', group: 3, detail: 'refused: no table' }]);
    });
  });

  it.each<[string, number, (all: ReturnType<typeof open>) => void, 'claimed' | 'left']>([
    ['far from its end it is left', 55, () => undefined, 'left'],
    ['near its end it is claimed again', 56, () => undefined, 'claimed'],
    [
      'after somebody removed an address it is claimed again',
      0,
      ({ runner }) => {
        runner.addressRemoved();
      },
      'claimed',
    ],
    [
      'after a release it is claimed again',
      0,
      ({ runner }) => {
        runner.carryOut(RELEASE);
      },
      'claimed',
    ],
  ])('an address has a lifetime of whole seconds: %s', (_why, passed, meanwhile, outcome) => {
    const all = open();
    const { machine, runner } = all;
    runner.carryOut(HOLD);
    machine.clock.time = later(machine.clock.time, millis(passed));
    meanwhile(all);
    machine.calls.length = 0;
    runner.carryOut({ ...HOLD, confirm: 'needless' });
    const claims = outcome === 'claimed' ? CLAIMS : [];
    expect(machine.calls).toEqual([...claims, `renew ${VIPS.join()} for 2945 ms`]);
  });

  it('and knows how long: from the hold to the release', () => {
    const { machine, runner } = open();
    expect(runner.leaseUntil()).toBeUndefined();
    runner.carryOut(HOLD);
    expect(runner.leaseUntil()).toBe(instant(machine.clock.time + 2945));
    runner.carryOut(RELEASE);
    expect(runner.leaseUntil()).toBeUndefined();
  });

  it('gives them up: the lease first, which silences the kernel at once', () => {
    const { machine, runner } = open();
    runner.carryOut(RELEASE);
    expect(machine.calls).toEqual([`revoke ${VIPS.join()}`, ...RELEASES]);
  });

  it.each(['revoke', 'release'] as const)('a %s that fails is told', async (call) => {
    const { machine, events, runner } = open();
    machine.refuse(call);
    runner.carryOut(RELEASE);
    await settled();
    const detail = `not released, refused: no ${call}`;
    expect(machine.events).toContainEqual({ event: 'address.refused', group: 'web', detail });
    expect(events).toEqual([]);
  });
});
