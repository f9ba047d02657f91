/** Whole daemons on a fake machine: time passes when the test rings the next alarm. */
import type { Ip } from '../../../src/base/ip.js';
import { done, ok } from '../../../src/base/result.js';
import { centis, millis, seconds } from '../../../src/base/time.js';
import type { Config, GroupConfig } from '../../../src/config/config.js';
import type { Daemon } from '../../../src/daemon.js';
import { startDaemon } from '../../../src/daemon.js';
import type { HeldAddress } from '../../../src/ports/address-table.js';
import { SimCommonFiles } from '../../sim/common-files.js';
import { SimJournal } from '../../sim/journal.js';
import { FakeMachine, OWN, PEER, settled, VIPS } from '../engine/fakes.js';

export const WEB: GroupConfig = {
  name: 'web',
  version: 3,
  instances: [
    {
      interface: 'eth0',
      vrid: 51,
      family: 'ipv4',
      addresses: VIPS.map((address) => ({ address, prefixLength: 24 })),
    },
  ],
  advertInterval: centis(100),
  prefer: undefined,
  priority: undefined,
  failback: { kind: 'never' },
  startHold: millis(0),
  unicast: undefined,
  checksum: 'with-pseudo-header',
  authentication: undefined,
  track: [],
  virtualMac: false,
  accept: true,
  duplicateProbe: false,
  keepConnections: undefined,
  announce: { burst: 2, burstAgainAfter: millis(5000), refreshEvery: millis(60_000) },
};

/** A second group, of the one address that it names. */
export const MAIL: GroupConfig = {
  ...WEB,
  name: 'mail',
  instances: [
    {
      interface: 'eth0',
      vrid: 52,
      family: 'ipv4',
      addresses: [{ address: '192.0.2.200' as Ip, prefixLength: 24 }],
    },
  ],
};

export const CONFIG: Config = {
  pair: {
    nodes: [
      { name: 'lb1', address: OWN },
      { name: 'lb2', address: PEER },
    ],
    keyFiles: [],
    port: 5112,
    heartbeat: millis(100),
  },
  groups: [WEB],
  proxy: undefined,
  replicate: undefined,
  hooks: [],
  runtime: {
    directory: '/run/vipair',
    stateDirectory: '/var/lib/vipair',
    controlSocket: '/run/vipair/control.sock',
  },
};

/** An address of an interface's own, that no vipair put there. */
export const own: HeldAddress = {
  interface: 'eth0',
  cidr: { address: OWN, prefixLength: 24 },
  state: 'usable',
  ours: false,
  validFor: undefined,
};

/** One that an earlier life of this daemon put there. */
export const leftOver = (address: Ip): HeldAddress => ({
  ...own,
  cidr: { address, prefixLength: 24 },
  state: 'usable',
  ours: true,
  validFor: seconds(3),
});

export function machineWith(...held: readonly HeldAddress[]): FakeMachine {
  const machine = new FakeMachine();
  machine.held = held;
  return machine;
}

export const start = (
  machine: FakeMachine,
  config: Config = CONFIG,
  files: SimCommonFiles = new SimCommonFiles(),
) =>
  startDaemon(
    { config, configFile: '/etc/vipair/vipair.yaml', node: 'lb1', version: '1.2.3', pid: 42 },
    {
      ...machine.ports,
      sysctls: machine.sysctls,
      foundSettings: machine.foundSettings,
      commonFiles: files,
      scripts: { run: () => Promise.resolve(done) },
      processes: { find: () => Promise.resolve(ok(1)) },
      files: { readInteger: () => Promise.resolve(ok(0)) },
      listeners: { listening: () => Promise.resolve(ok([])) },
      secrets: { read: () => Promise.resolve(ok(new Uint8Array(32))) },
      pairTransports: {
        open: () => {
          throw new Error('no key, no channel');
        },
      },
      random: { fraction: () => 0.5 },
      witness: undefined,
      history: undefined,
      replication: undefined,
      intentJournal: new SimJournal(),
    },
  );

/** One that takes part. */
export async function started(machine = machineWith(own), config: Config = CONFIG) {
  const daemon = await start(machine, config);
  if (!daemon.ok) {
    throw new Error(daemon.error.map((each) => each.detail).join());
  }
  return { machine, clock: machine.clock, daemon: daemon.value };
}

/** One that nobody contradicted: it is master of its groups. */
export async function asMaster(machine = machineWith(own), config: Config = CONFIG) {
  const all = await started(machine, config);
  all.clock.ringNext();
  await settled();
  machine.calls.length = 0;
  return all;
}

/** Lets alarms ring until the promise is kept. */
export async function inTime<T>(machine: FakeMachine, promise: Promise<T>): Promise<T> {
  const state: { kept: 'no' | 'yes' } = { kept: 'no' };
  void promise.then(() => {
    state.kept = 'yes';
  });
  await settled();
  while (state.kept === 'no') {
    machine.clock.ringNext();
    await settled();
  }
  return promise;
}

export const roleOf = (daemon: Daemon) => daemon.status().groups.map((group) => group.role);
