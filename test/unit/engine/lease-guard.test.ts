/** The rules of the lease, removed by somebody else. */
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { LeaseGuard } from '../../../src/engine/lease-guard.js';
import { FakeMachine, settled } from './fakes.js';

const ORDER = { addresses: ['10.0.0.1' as Ip], unaccepted: [] };
const GUARD = 'guard 10.0.0.1';
const REFUSED = { code: 'refused', detail: 'EPERM' } as const;

function given(rules: FakeMachine['rules'] = 'yes') {
  const machine = new FakeMachine();
  machine.rules = rules;
  const guard = new LeaseGuard({ ...machine.ports, order: () => ORDER });
  const look = async (): Promise<readonly string[]> => {
    machine.calls.length = 0;
    machine.clock.ringNext();
    await settled();
    return [...machine.calls];
  };
  return { machine, guard, look };
}

describe('every five seconds', () => {
  it('it is asked whether they are there, and nothing else is done where they are', async () => {
    const { machine, guard, look } = given();
    guard.begin('lease and backstop');
    const began = machine.clock.time;
    expect(await look()).toEqual(['guarded?']);
    expect(await look()).toEqual(['guarded?']);
    expect(machine.clock.time - began).toBe(10_000);
    expect(machine.told()).toEqual([]);
  });

  it('they are put back where they are missing, which is told', async () => {
    const { machine, guard, look } = given('rules missing');
    guard.begin('lease and backstop');
    expect(await look()).toEqual(['guarded?', GUARD]);
    expect(machine.told()).toEqual(['lease.rules-restored']);
    machine.rules = 'yes';
    expect(await look()).toEqual(['guarded?']);
  });

  it('that they cannot be put back is told once, until they were', async () => {
    const { machine, guard, look } = given('rules missing');
    guard.begin('lease and backstop');
    machine.refusing.set('guard', REFUSED);
    await look();
    await look();
    expect(machine.told()).toEqual(['lease.rules-missing']);
    expect(guard.inForce('lease and backstop')).toBe('backstop only');
    machine.refusing.delete('guard');
    await look();
    expect(guard.inForce('lease and backstop')).toBe('lease and backstop');
    machine.refusing.set('guard', REFUSED);
    await look();
    expect(machine.told().slice(1)).toEqual(['lease.rules-restored', 'lease.rules-missing']);
  });

  it('they are in force again where somebody else has put them back', async () => {
    const { machine, guard, look } = given('rules missing');
    guard.begin('lease and backstop');
    machine.refusing.set('guard', REFUSED);
    await look();
    machine.refusing.set('guarded', REFUSED);
    await look();
    expect(guard.inForce('lease and backstop')).toBe('backstop only');
    machine.refusing.clear();
    machine.rules = 'yes';
    await look();
    expect(guard.inForce('lease and backstop')).toBe('lease and backstop');
    machine.rules = 'rules missing';
    machine.refusing.set('guard', REFUSED);
    await look();
    expect(machine.told()).toEqual(['lease.rules-missing', 'lease.rules-missing']);
  });

  it('a kernel that gives no answer, or has no tables any more, is left to the next renewal', async () => {
    const { machine, guard, look } = given('tables missing');
    guard.begin('lease and backstop');
    expect(await look()).toEqual(['guarded?']);
    machine.refusing.set('guarded', REFUSED);
    expect(await look()).toEqual(['guarded?']);
    expect(machine.told()).toEqual([]);
  });
});

it('nothing is looked at where there are no rules, or twice', () => {
  const { machine, guard } = given();
  guard.begin('backstop only');
  expect(machine.clock.pending()).toEqual([]);
  guard.begin('lease and backstop');
  guard.begin('lease and backstop');
  expect(machine.clock.pending()).toHaveLength(1);
});

it('they are written once, however many ask for it at a time', async () => {
  const { machine, guard } = given();
  const [one, other] = [guard.again(), guard.again()];
  expect(one).toBe(other);
  await one;
  await guard.again();
  expect(machine.calls).toEqual([GUARD, GUARD]);
});

it('nothing is written any more once it has stopped, whatever a look has found', async () => {
  const { machine, guard } = given('rules missing');
  guard.begin('lease and backstop');
  machine.clock.ringNext();
  await guard.stop();
  expect(machine.calls).toEqual(['guarded?']);
  expect(machine.clock.pending()).toEqual([]);
});
