import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { done } from '../../../src/base/result.js';
import { instant, later, millis } from '../../../src/base/time.js';
import type { GroupFound } from '../../../src/core/group-state.js';
import type { NodeEvent } from '../../../src/core/node.js';
import { newNode, nodeDeadline } from '../../../src/core/node.js';
import type { ProxyParams } from '../../../src/core/proxy-state.js';
import { Engine } from '../../../src/engine/engine.js';
import { GroupRunner } from '../../../src/engine/group-runner.js';
import { ProxyRunner } from '../../../src/engine/proxy-runner.js';
import type { WitnessedStep } from '../../../src/ports/witness.js';
import { FakeMachine, packet, PEER, PLAN, settled } from './fakes.js';
import { FakeProxy } from './fake-proxy.js';

const FOUND = { links: ['up'], leaseUntil: undefined, leftOver: 'no' } satisfies GroupFound;
const OTHER_PEER = '198.51.100.12' as Ip;
const STARTED: NodeEvent = { kind: 'started', found: [FOUND] };
const PROXY: ProxyParams = {
  run: 'supervised',
  probeEvery: millis(250),
  probeTimeout: millis(1000),
};

/** A node of one group, started, on a machine that obeys. */
function engine(proxy: 'with a proxy' | 'bare' = 'bare') {
  const machine = new FakeMachine();
  const host = new FakeProxy();
  const stops: string[] = [];
  const steps: WitnessedStep[] = [];
  const dispatch = (event: NodeEvent): void => {
    subject.dispatch(event);
  };
  const runner = new GroupRunner(
    { index: 0, plan: PLAN, layers: 'lease and backstop' },
    {
      ...machine.ports,
      dispatch,
      guardAgain: () => Promise.resolve(done),
      switchoverEnded: () => undefined,
    },
  );
  const params = { groups: [PLAN.vrrp], proxy: proxy === 'bare' ? undefined : PROXY };
  const subject: Engine = new Engine(params, {
    clock: machine.clock,
    log: machine.ports.log,
    groups: [runner],
    proxy:
      proxy === 'bare'
        ? undefined
        : new ProxyRunner({
            proxy: host,
            dispatch,
            companion: undefined,
            replicator: () => 'not awaited',
          }),
    witness: { saw: (step) => steps.push(step) },
    changed: () => undefined,
    stopped: () => stops.push('stopped'),
  });
  runner.open();
  return { machine, clock: machine.clock, host, stops, steps, runner, subject, params };
}

type Running = ReturnType<typeof engine>;

/** The group's node, after the silence that makes it master. */
async function asMaster(): Promise<Running> {
  const all = engine();
  all.subject.dispatch(STARTED);
  all.clock.ringNext();
  await settled();
  expect(all.subject.state.groups[0]?.vrrp.name).toBe('master');
  return all;
}

describe('the engine carries out what the core decides', () => {
  it('and shows each step to its witness, when its effects were carried out', () => {
    const { subject, steps, machine, clock } = engine();
    subject.dispatch(STARTED);
    expect(steps.map(({ event, at }) => [event, at])).toEqual([[STARTED, clock.time]]);
    expect(steps[0]).toMatchObject({ before: { phase: 'looking-around' }, after: subject.state });
    const seen: number[] = [];
    machine.onCall = () => seen.push(steps.length);
    clock.ringNext();
    expect(seen).toEqual([1, 1, 1]);
    expect(steps).toHaveLength(2);
  });

  it('nothing before it was told anything', () => {
    const { subject, params, clock, machine } = engine();
    expect(subject.state).toEqual(newNode(params));
    expect(clock.alarms).toEqual([]);
    expect(machine.events).toEqual([]);
  });

  it('notices go to the log and, those an operator asks for, to the history', () => {
    const { subject, machine } = engine();
    subject.dispatch(STARTED);
    subject.dispatch({ kind: 'link', group: 0, instance: 0, state: 'down' });
    expect(machine.told()).toEqual(['vrrp.state', 'link.state', 'vrrp.state']);
    expect(subject.history.entries().map((entry) => entry.text)).toEqual([
      'web: starting → backup, listening first',
      'web: eth0 is down',
      'web: backup → fault, link eth0 down',
    ]);
    expect(subject.history.entries()[0]?.at).toBe(1_700_000_100_000);
  });

  it('masters that change like a flood are told once a second', () => {
    const { subject, machine, clock } = engine();
    subject.dispatch(STARTED);
    const sources = [PEER, OTHER_PEER, PEER];
    for (const source of sources) {
      machine.receive(packet({ source }));
    }
    clock.time = later(clock.time, millis(999));
    machine.receive(packet({ source: OTHER_PEER }));
    clock.time = later(clock.time, millis(1));
    machine.receive(packet({ source: PEER }));
    const masters = machine.events.flatMap((each) =>
      each.event === 'vrrp.master' ? [each.source] : [],
    );
    expect(masters).toEqual([PEER, PEER]);
    expect(subject.state.groups[0]?.vrrp).toMatchObject({ master: { address: PEER } });
  });

  it('adverts that cannot be sent come back as events: the group is given up for a second', async () => {
    const { machine, subject, clock } = await asMaster();
    for (let failures = 0; failures < 3; failures += 1) {
      clock.time = later(clock.time, millis(20));
      machine.sockets[0]?.handlers.failed({ code: 'socket', detail: 'ENOBUFS' });
    }
    expect(subject.state.groups[0]).toMatchObject({
      vrrp: { name: 'initialize' },
      rest: { until: later(clock.time, millis(1000)), cause: 'adverts cannot be sent' },
    });
    expect(machine.events).toContainEqual({
      event: 'vrrp.mute',
      group: 'web',
      detail: 'ENOBUFS',
    });
  });

  it('and so does the end of a switchover', async () => {
    const { subject, machine } = await asMaster();
    subject.dispatch({ kind: 'switchover', group: 0 });
    machine.receive(packet());
    expect(machine.told().filter((event) => event === 'switchover.ended')).toHaveLength(1);
    expect(subject.history.entries().map((entry) => entry.event)).toContain('switchover.ended');
  });

  it('a takeover: addresses and lease, then the word once the kernel has confirmed', async () => {
    const { machine, runner } = await asMaster();
    expect(machine.calls.map((call) => call.split(' ')[0])).toEqual([
      ...['open', 'claim', 'claim', 'renew', 'announce', 'announce', 'send'],
    ]);
    expect(runner.tally.becameMaster).toBe(1);
  });

  it('a refused claim comes back as an event: the group is given up', async () => {
    const { machine, subject, clock } = engine();
    machine.refuse('claim');
    subject.dispatch(STARTED);
    clock.ringNext();
    await settled();
    expect(subject.state.groups[0]).toMatchObject({ fault: 'the kernel refused an address' });
    expect(machine.calls).toContain('send priority 0 every 100 cs');
    expect(machine.calls).not.toContain('announce 192.0.2.100');
  });

  it('what concerns the proxy goes to the proxy, and comes back as events', async () => {
    const { subject, host } = engine('with a proxy');
    subject.dispatch(STARTED);
    await settled();
    expect(host.calls).toEqual(['connect']);
    expect(subject.state.proxy).toMatchObject({ name: 'serving', pid: 7 });
    expect(subject.state.groups[0]?.vrrp.name).toBe('backup');
  });

  it('a stop is told once, and nothing rings after it', async () => {
    const { subject, stops, clock, machine } = await asMaster();
    subject.dispatch({ kind: 'stop', mode: 'hand-over' });
    subject.dispatch({ kind: 'stop', mode: 'release' });
    expect(stops).toEqual([]);
    clock.ringNext();
    clock.ringNext();
    const words = machine.calls.slice(-3);
    expect(words).toEqual(Array(3).fill('send priority 200 every 100 cs'));
    expect(stops).toEqual(['stopped']);
    expect(clock.pending()).toEqual([]);
  });
});

describe('one alarm at a time', () => {
  it('is set for the next deadline, and moved with it', () => {
    const { subject, params, clock, machine } = engine();
    subject.dispatch(STARTED);
    expect(clock.pending()).toEqual([nodeDeadline(params, subject.state)]);
    clock.time = later(clock.time, millis(500));
    machine.receive(packet());
    expect(clock.pending()).toEqual([nodeDeadline(params, subject.state)]);
    expect(clock.alarms.map((alarm) => alarm.fate)).toEqual(['cancelled', 'set']);
  });

  it('is left alone when the deadline stays', () => {
    const { subject, clock } = engine();
    subject.dispatch(STARTED);
    subject.dispatch({ kind: 'addresses-held', group: 0 });
    subject.dispatch({ kind: 'link', group: 0, instance: 0, state: 'up' });
    expect(clock.alarms).toHaveLength(1);
  });

  it('is cancelled when nothing is left to wait for', () => {
    const { subject, clock } = engine();
    subject.dispatch(STARTED);
    subject.dispatch({ kind: 'link', group: 0, instance: 0, state: 'down' });
    expect(clock.pending()).toEqual([]);
  });

  it('that rings is followed by the next, and its lateness is kept', async () => {
    const { subject, clock } = await asMaster();
    clock.ringNext(1.5);
    expect(clock.pending()).toHaveLength(1);
    expect(subject.lateness.status()).toMatchObject({ samples: 2, maxMs: 1.5 });
  });

  it('never rings after a halt', () => {
    const { subject, clock } = engine();
    subject.dispatch(STARTED);
    subject.halt();
    subject.halt();
    expect(clock.pending()).toEqual([]);
  });
});

describe('one event at a time', () => {
  it('what happens while effects are carried out waits until all of them are', () => {
    const { subject, machine, clock } = engine();
    subject.dispatch(STARTED);
    machine.onCall = (call) => {
      if (call.startsWith('renew')) {
        machine.receive(packet());
      }
    };
    clock.ringNext();
    expect(machine.events.map((event) => ('to' in event ? event.to : event.event))).toEqual([
      'backup',
      'master',
      'backup',
    ]);
    expect(machine.calls.map((call) => call.split(' ')[0])).toEqual([
      ...['open', 'claim', 'claim', 'renew', 'revoke', 'release', 'release', 'send'],
    ]);
    expect(subject.state.groups[0]?.vrrp).toMatchObject({ master: { priority: 254 } });
  });

  it('so many at most: what is over the limit is dropped, and that is told', () => {
    const { subject, machine, clock } = engine();
    subject.dispatch(STARTED);
    machine.onCall = () => {
      machine.onCall = () => undefined;
      for (let index = 0; index < 1100; index += 1) {
        const state = index % 2 === 0 ? 'missing' : 'down';
        subject.dispatch({ kind: 'link', group: 0, instance: 0, state });
      }
    };
    clock.ringNext();
    expect(machine.told().filter((event) => event === 'link.state')).toHaveLength(1024);
    expect(machine.told().filter((event) => event === 'daemon.overloaded')).toHaveLength(1);
    subject.dispatch({ kind: 'link', group: 0, instance: 0, state: 'up' });
    expect(subject.state.groups[0]?.vrrp.name).toBe('backup');
  });
});

it('an alarm asked for in the past rings and is dealt with', () => {
  const { subject, clock } = engine();
  subject.dispatch(STARTED);
  clock.ringNext(100_000);
  expect(subject.state.groups[0]?.vrrp).toMatchObject({
    name: 'backup',
    masterDownAt: instant(clock.time + 3218.75),
  });
});

it('works while it makes decisions, and changes nothing by saying so', () => {
  const { subject, steps } = engine();
  subject.dispatch(STARTED);
  const { state } = subject;
  expect(subject.works()).toBe(true);
  expect(subject.state).toEqual(state);
  expect(steps.at(-1)?.effects).toEqual([]);
});
