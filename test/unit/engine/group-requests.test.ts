import { expect, it } from 'vitest';
import type { NodeEvent, NodeState } from '../../../src/core/node.js';
import { NO_PEER } from '../../../src/core/node-peer.js';
import { unstarted } from '../../../src/core/group-state.js';
import { instant, millis } from '../../../src/base/time.js';
import { GroupRequests } from '../../../src/engine/group-requests.js';
import { PEER, PLAN } from './fakes.js';

const NOW = instant(0);

/** A master whose peer says that it is in fault. */
function given() {
  const dispatched: NodeEvent[] = [];
  const master = {
    ...unstarted(PLAN.vrrp),
    fault: undefined,
    vrrp: {
      name: 'master',
      nextAdvertAt: NOW,
      lastAdvertAt: NOW,
      leaseUntil: instant(10_000),
      announcements: undefined,
      contest: undefined,
    } as const,
  };
  const resigning = {
    ...master,
    vrrp: {
      name: 'resigning',
      since: NOW,
      until: NOW,
      purpose: 'switchover',
      lookedAgain: 'no',
    } as const,
  };
  const state: NodeState = {
    phase: 'running',
    peer: {
      ...NO_PEER,
      life: { name: 'fresh', interval: millis(100), lateAt: instant(250) },
      views: new Map([
        [
          'web',
          {
            group: 'web',
            role: 'fault',
            priority: 199,
            interval: millis(1000),
            address: PEER,
            lan: 'reachable',
          },
        ],
      ]),
    },
    groups: [master],
    proxy: { name: 'none' },
  };
  const engine = {
    state,
    dispatch: (event: NodeEvent) => {
      dispatched.push(event);
      engine.state = { ...state, groups: [resigning] };
    },
  };
  return { requests: new GroupRequests([{ plan: PLAN }], engine), dispatched };
}

it('a group is not given to a node that says it could not take it over', async () => {
  const { requests, dispatched } = given();
  const error = { code: 'not-ready', group: 'web', why: 'it is in fault' };
  expect(await requests.switchover('web', 'ready')).toEqual({ ok: false, error });
  expect(dispatched).toEqual([]);
});

it('unless the operator insists: if nobody comes, it is undone', async () => {
  const { requests, dispatched } = given();
  const asked = requests.switchover('web', 'any');
  expect(dispatched).toEqual([{ kind: 'switchover', group: 0 }]);
  const undone = { kind: 'undone', reason: 'no other node took over' } as const;
  requests.switchoverEnded(0, undone);
  expect(await asked).toEqual({ ok: true, value: undone });
});
