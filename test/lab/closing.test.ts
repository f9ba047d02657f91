/** Connections that are closed are over on both nodes: whichever way the addresses go then, only those that live are held. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { servicesSection } from '../../src/lab/flows/flow-services.js';
import { MESSAGE_EVERY, prepareFlows } from '../../src/lab/flows/flows.js';
import { flowsRuns } from '../../src/lab/flows/flows-run.js';
import { isWhole } from '../../src/lab/flows/traffic-report.js';
import type { NodeName } from '../../src/lab/topology.js';
import { otherNode, VIRTUAL_ADDRESS } from '../../src/lab/topology.js';
import { mayRaiseLabs, must, pause, ports, Rig, TENTH, value } from './rig.js';

const RUN = must(
  flowsRuns({ families: ['ipv4'], count: 0, arms: ['vipair'], apart: 'a lab each' })[0],
  'a run',
);
const PORTS = RUN.services.flatMap(({ protocol, port }) => (protocol === 'tcp' ? [port] : []));
/** Of each service: those that live, and those that end in each way. */
const LIVING = 10;
const SHORT = 100;
const ENDINGS = ['closes', 'resets'];
/** All of them have been told to the other node by then. */
const TOLD_WITHIN_MS = 500;
/** Until the slowest retransmission of what was sent while nobody forwarded. */
const AFTERMATH_MS = 5_000;
/** Longer than the kernel keeps any flow that is being closed. */
const LONG_S = 120;
const LASTS_AT_MOST = millis(120_000);

/** Four at a time: each says something, is answered, and ends. */
const SHORT_ONES = `
  const { connect } = require('node:net');
  const [host, port, ending, count] = process.argv.slice(1);
  let left = Number(count);
  const next = () => {
    if (left === 0) return;
    left -= 1;
    const socket = connect(Number(port), host);
    socket.write(Buffer.alloc(256));
    socket.once('data', () => (ending === 'resets' ? socket.resetAndDestroy() : socket.end()));
    socket.on('error', ({ code }) => { throw new Error(code); });
    socket.on('close', next);
    socket.setTimeout(5000, () => { throw new Error('nobody answers'); });
  };
  for (let at = 0; at < 4; at += 1) next();
`;

describe.skipIf(!mayRaiseLabs)('short connections through the kernel', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('closing', {
      ...{ advertInterval: TENTH, backLan: 'there', pairChannel: 'open' },
      furtherVipair: servicesSection(RUN.services),
    });
    value(await prepareFlows(RUN, rig.lab, ports));
  });

  beforeEach(async () => {
    await rig.heal();
  });

  afterAll(async () => {
    await rig.remove();
  });

  /** Of the services' flows on a node that may go on for long; by the client's port. */
  async function lastingOn(node: NodeName): Promise<readonly string[]> {
    const table = await rig.told(node, 'conntrack', '-L', '-p', 'tcp', '-d', VIRTUAL_ADDRESS);
    return table.split('\n').filter((line) => {
      const [, timeout, port] = / (\d+) [A-Z_]+ src=.*? dport=(\d+) /u.exec(line) ?? [];
      return PORTS.includes(Number(port)) && Number(timeout) > LONG_S;
    });
  }

  async function closeMany(): Promise<void> {
    const said = await Promise.all(
      PORTS.flatMap((port) =>
        ENDINGS.map((ending) =>
          rig.inside(
            'client',
            ...[process.execPath, '-e', SHORT_ONES],
            ...[VIRTUAL_ADDRESS, String(port), ending, String(SHORT)],
          ),
        ),
      ),
    );
    expect(said.filter(({ exit }) => exit !== 0)).toEqual([]);
  }

  it.each<[string, (owner: NodeName) => Promise<void>]>([
    [
      'a planned move',
      async (owner) => {
        const moved = await rig.vipair('switchover', '--yes', '-c', rig.configOf(owner));
        expect(moved).toMatchObject({ exit: 0 });
      },
    ],
    [
      'a power loss',
      async (owner) => {
        value(await rig.node(owner).powerOff());
        await rig.soon('the other node has the address', async () => {
          return (await rig.owner()) === otherNode(owner);
        });
      },
    ],
  ])('are left in no table by %s, and those that live go on', async (_what, happens) => {
    const { master, backup } = await rig.settled();
    const living = value(
      await rig.lab.startTraffic({
        bunches: PORTS.map((port) => ({
          ...{ protocol: 'tcp', count: LIVING },
          target: { host: VIRTUAL_ADDRESS, port },
        })),
        ...{ every: MESSAGE_EVERY, lasting: LASTS_AT_MOST },
      }),
    );
    const expected = PORTS.length * LIVING;
    await rig.soon('those that live are on both nodes', async () => {
      return (await lastingOn(backup)).length === expected;
    });
    await closeMany();
    await pause(TOLD_WITHIN_MS);
    await happens(master);
    await pause(TOLD_WITHIN_MS);
    expect((await lastingOn(backup)).length).toBe(expected);
    await pause(AFTERMATH_MS);
    const { flows } = value(await living.finish());
    expect(flows.length).toBe(expected);
    expect(flows.filter((flow) => !isWhole(flow))).toEqual([]);
  });
});
