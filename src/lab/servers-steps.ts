/** What happens to a pair that has a server more than haproxy.cfg says, one thing after the other. */
import { rmSync } from 'node:fs';
import { askServer } from '../api/client.js';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { LabFailure } from './failure.js';
import { giveAway } from './give-away.js';
import { proxyWorker } from './haproxy-socket.js';
import type { Lab, Running } from './lab.js';
import { PROBE_DEFAULTS } from './measure.js';
import type { LabNode } from './node.js';
import { eventually, pause } from './pause.js';
import type { ProbeReport } from '../prober/sample.js';
import { controlSocketOf, untilRedundant } from './readiness.js';
import { HOST_ADDRESSES, WEB_SERVER_PORT } from './topology.js';

/** Which servers HAProxy is to have: `draining` on the node with the open connections, and gone from the other. */
export type ServersExpected = 'configured' | 'added' | 'draining';

export interface ServersStep {
  readonly name: string;
  readonly story: string;
  readonly expected: ServersExpected;
  /** A death costs requests, which are counted and not judged. */
  readonly failures: 'judged' | 'shown';
  /** `moves`: it is on the other node afterwards. */
  readonly address: 'stays' | 'moves';
  /** The former owner has no power afterwards. */
  readonly power?: 'lost';
  act(scene: ServersScene): Acted;
}

export interface ServersScene {
  readonly lab: Lab;
  /** Owns the address as the step begins, and the other one. */
  readonly owner: LabNode;
  readonly other: LabNode;
  readonly clock: Clock;
  readonly connections: OpenConnections;
}

type Acted = Promise<Result<undefined, LabFailure>>;

/** What clients hold open through the virtual address, from one step to another. */
export class OpenConnections {
  #running: Running<ProbeReport> | undefined;
  #broken = 0;

  async open(lab: Lab, clock: Clock): Acted {
    const started = await lab.startProbe({ ...PROBE_DEFAULTS, streams: STREAMS });
    if (!started.ok) {
      return started;
    }
    this.#running = started.value;
    await pause(clock, STREAMS_OPEN_WITHIN);
    return done;
  }

  async close(): Acted {
    const report = await this.#running?.finish();
    this.#running = undefined;
    if (report?.ok === false) {
      return report;
    }
    this.#broken = report?.value.streamBreaks.length ?? 0;
    return done;
  }

  /** Of those that were closed last: how many had ended before. */
  get broken(): number {
    return this.#broken;
  }
}

/** The server in question; what it runs on is one of the lab's web servers. */
const ADDED = 'web/web3';
const DEFINITION = `${HOST_ADDRESSES.web1}:${String(WEB_SERVER_PORT)} check inter 1s fall 2 rise 1`;
/** HAProxy gives each server its turn: with so many, each has some. */
const STREAMS = 24;
const STREAMS_OPEN_WITHIN = millis(1_000);

export const SERVERS_STEPS: readonly ServersStep[] = [
  {
    name: 'as configured',
    story: 'nobody has said anything',
    ...{ expected: 'configured', failures: 'judged', address: 'stays' },
    act: () => Promise.resolve(done),
  },
  {
    name: 'added',
    story: `vipair server add ${ADDED} ${DEFINITION}, on the backup`,
    ...{ expected: 'added', failures: 'judged', address: 'stays' },
    act: ({ other }) => want(other, `add ${DEFINITION}`),
  },
  {
    name: 'drained',
    story: `${String(STREAMS)} connections are opened and stay open; vipair server remove ${ADDED}, on the master`,
    ...{ expected: 'draining', failures: 'judged', address: 'stays' },
    act: async ({ lab, owner, clock, connections }: ServersScene): Acted => {
      const opened = await connections.open(lab, clock);
      return opened.ok ? want(owner, 'remove') : opened;
    },
  },
  {
    name: 'removed',
    story: 'the connections end: the server goes with its last one',
    ...{ expected: 'configured', failures: 'judged', address: 'stays' },
    act: ({ connections }) => connections.close(),
  },
  {
    name: 'added again',
    story: `vipair server add ${ADDED}, on the master`,
    ...{ expected: 'added', failures: 'judged', address: 'stays' },
    act: ({ owner }) => want(owner, `add ${DEFINITION}`),
  },
  {
    name: 'HAProxy reloaded, master',
    story: 'SIGUSR2 to HAProxy, as systemctl reload does: a new worker reads haproxy.cfg',
    ...{ expected: 'added', failures: 'judged', address: 'stays' },
    act: ({ owner, clock }) => reloadProxy(owner, clock),
  },
  {
    name: 'HAProxy reloaded, backup',
    story: 'the same on the other node',
    ...{ expected: 'added', failures: 'judged', address: 'stays' },
    act: ({ other, clock }) => reloadProxy(other, clock),
  },
  {
    name: 'daemons restarted',
    story: 'both in turn, as an update does (SIGUSR2): the second when the pair is whole again',
    ...{ expected: 'added', failures: 'judged', address: 'stays' },
    act: async ({ lab, clock, other, owner }: ServersScene): Acted => {
      const restarted = await restartDaemon(other);
      // Both nodes of a lab have the same processors: two daemons that load at once would leave HAProxy none.
      const whole = restarted.ok ? await untilRedundant(lab, clock, RESTARTS_WITHIN) : restarted;
      return whole.ok ? restartDaemon(owner) : whole;
    },
  },
  {
    name: 'switchover',
    story: 'vipair switchover, on the master',
    ...{ expected: 'added', failures: 'judged', address: 'moves' },
    act: async ({ owner, clock }: ServersScene): Acted => {
      const given = await giveAway(owner, {}, clock);
      return given.ok ? done : given;
    },
  },
  {
    name: 'HAProxy killed',
    story: 'HAProxy is killed on the master, and started again by vipair',
    ...{ expected: 'added', failures: 'shown', address: 'moves' },
    act: ({ owner }: ServersScene): Acted => {
      owner.strikeProxy('kill');
      return Promise.resolve(done);
    },
  },
  {
    name: 'power lost',
    story: 'the master loses its power',
    ...{ expected: 'added', failures: 'shown', address: 'moves', power: 'lost' },
    act: async ({ owner }: ServersScene): Acted => {
      const off = await owner.powerOff();
      return off.ok ? done : off;
    },
  },
  {
    name: 'rejoined',
    story: 'it boots, with nothing but its disk',
    ...{ expected: 'added', failures: 'judged', address: 'stays' },
    act: ({ other }: ServersScene): Acted => {
      // /run is empty after a boot; the state directory is on a disk.
      rmSync(other.files.runtimeDirectory, { recursive: true, force: true });
      return other.powerOn();
    },
  },
];

/** Said to the daemon of one node, as `vipair server` does. */
async function want(node: LabNode, value: string): Acted {
  const wanted = { server: ADDED, aspect: 'existence', value } as const;
  const said = await askServer(controlSocketOf(node), wanted);
  return said.ok ? done : notReady(`${ADDED}, ${value}: ${JSON.stringify(said.error)}`);
}

/** Resolves when another worker answers. */
async function reloadProxy(node: LabNode, clock: Clock): Acted {
  const former = await proxyWorker(node);
  node.reloadProxy();
  const isAnother = async (): Promise<boolean> => {
    const worker = await proxyWorker(node);
    return worker !== undefined && worker !== former;
  };
  return (await eventually(clock, { within: RELOADS_WITHIN, every: LOOK_EVERY }, isAnother))
    ? done
    : notReady(`${node.name}: HAProxy has not been reloaded`);
}

async function restartDaemon(node: LabNode): Acted {
  const stopped = await node.stopEngine('hand-over');
  return stopped.ok ? node.startEngine() : stopped;
}

function notReady(detail: string): Result<undefined, LabFailure> {
  return fail({ code: 'not-ready', detail });
}

const RELOADS_WITHIN = millis(5_000);
const RESTARTS_WITHIN = millis(30_000);
const LOOK_EVERY = millis(20);
