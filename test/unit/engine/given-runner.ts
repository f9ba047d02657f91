/** A group at work on a fake machine, and the effects it is asked to carry out. */
import { expect } from 'vitest';
import type { Result } from '../../../src/base/result.js';
import { done } from '../../../src/base/result.js';
import { millis } from '../../../src/base/time.js';
import type { NodeEvent } from '../../../src/core/node.js';
import type { SwitchoverOutcome } from '../../../src/core/notice.js';
import type { VrrpEffect } from '../../../src/core/vrrp-state.js';
import type { GroupRunnerOptions } from '../../../src/engine/group-runner.js';
import { GroupRunner } from '../../../src/engine/group-runner.js';
import type { KernelRefusal } from '../../../src/ports/address-table.js';
import { FakeMachine, PLAN } from './fakes.js';

export const HOLD = {
  kind: 'hold',
  lease: millis(2945),
  confirm: 'wanted',
} as const satisfies VrrpEffect;
export const RELEASE: VrrpEffect = { kind: 'release' };
export const ANNOUNCE: VrrpEffect = { kind: 'announce' };
export const ADVERT: VrrpEffect = { kind: 'send-advert', priority: 200, interval: millis(1000) };
export function running(options: Partial<GroupRunnerOptions> = {}) {
  const machine = new FakeMachine();
  const events: NodeEvent[] = [];
  const ended: [number, SwitchoverOutcome][] = [];
  const guards: Result<undefined, KernelRefusal>[] = [];
  const runner = new GroupRunner(
    { index: 3, plan: PLAN, layers: 'lease and backstop', ...options },
    {
      ...machine.ports,
      dispatch: (event) => events.push(event),
      guardAgain: () => {
        machine.calls.push('guard again');
        return Promise.resolve(guards.shift() ?? done);
      },
      switchoverEnded: (index, outcome) => ended.push([index, outcome]),
    },
  );
  return { machine, events, ended, guards, runner };
}

export function open(options: Partial<GroupRunnerOptions> = {}) {
  const all = running(options);
  expect(all.runner.open()).toEqual({ ok: true, value: undefined });
  all.machine.calls.length = 0;
  return all;
}
