import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { later, millis } from '../../../src/base/time.js';
import { fail } from '../../../src/base/result.js';
import type { AuthenticationParams } from '../../../src/core/authentication.js';
import type { InstancePlan } from '../../../src/engine/group-plan.js';
import { Signatures } from '../../../src/engine/signatures.js';
import { readTrailer } from '../../../src/wire/trailer.js';
import { FakeMachine, PLAN } from './fakes.js';

const SIGNED: AuthenticationParams = {
  mode: 'permissive',
  keys: [{ id: 1, secret: new Uint8Array(32) }],
  signWith: 1,
  window: millis(5000),
  replay: 'time',
};
const MESSAGE = Uint8Array.of(1, 2, 3, 4);

function planWith(authentication: AuthenticationParams | undefined, vrid = 51): InstancePlan {
  const [instance] = PLAN.instances;
  return { ...instance!, vrid, ownAddress: '192.0.2.1' as Ip, authentication };
}

function sequenceOf(bytes: Uint8Array): bigint {
  const trailer = readTrailer(bytes.subarray(MESSAGE.length));
  return trailer.ok ? trailer.value.sequence : 0n;
}

describe('the signatures of a virtual router', () => {
  it('are later than all of the daemon before, although the wall clock was set back', () => {
    const machine = new FakeMachine();
    const last = sequenceOf(new Signatures('web', machine.ports).sign(planWith(SIGNED), MESSAGE));
    const clock = {
      ...machine.ports.clock,
      now: () => machine.clock.now(),
      wallTime: () =>
        (machine.clock.wallTime() - 2000) as ReturnType<typeof machine.clock.wallTime>,
    };
    const next = new Signatures('web', { ...machine.ports, clock });
    expect(sequenceOf(next.sign(planWith(SIGNED), MESSAGE))).toBeGreaterThan(last);
  });

  it('leave nothing behind where nothing is signed', () => {
    const machine = new FakeMachine();
    const signatures = new Signatures('web', machine.ports);
    expect(signatures.sign(planWith(undefined), MESSAGE)).toBe(MESSAGE);
    expect(signatures.sign(planWith({ ...SIGNED, mode: 'receive-only' }), MESSAGE)).toBe(MESSAGE);
    const { interface: name, family } = planWith(SIGNED);
    expect(machine.ports.signingMemory.read(`${name}-51-${family}`)).toBeUndefined();
  });

  it('are kept for each VRID, as both nodes may change it', () => {
    const machine = new FakeMachine();
    const signatures = new Signatures('web', machine.ports);
    for (const vrid of [51, 52]) {
      signatures.sign(planWith(SIGNED, vrid), MESSAGE);
    }
    const { interface: name, family } = planWith(SIGNED);
    for (const vrid of [51, 52]) {
      expect(machine.ports.signingMemory.read(`${name}-${String(vrid)}-${family}`)).toBeDefined();
    }
  });

  it('go on where they cannot be kept, which is tried once a second and told once a minute', () => {
    const machine = new FakeMachine();
    let attempts = 0;
    const signatures = new Signatures('web', {
      ...machine.ports,
      signingMemory: {
        read: () => undefined,
        keep: () => {
          attempts += 1;
          return fail({ code: 'not-kept', detail: 'ENOSPC' });
        },
      },
    });
    for (let nth = 0; nth < 21; nth += 1) {
      expect(sequenceOf(signatures.sign(planWith(SIGNED), MESSAGE))).toBeGreaterThan(0n);
      machine.clock.time = later(machine.clock.time, millis(100));
    }
    expect(attempts).toBe(3);
    expect(machine.events).toEqual([{ event: 'signing.not-kept', group: 'web', detail: 'ENOSPC' }]);
  });
});
