/** Each fault of a drill, done for real: first a look at what is there and how it will be undone, then the deed. */
import { accessSync, constants } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatCidr, isIpv6 } from '../../base/ip.js';
import type { Result } from '../../base/result.js';
import { done, fail, ok } from '../../base/result.js';
import { millis } from '../../base/time.js';
import { unreachable } from '../../base/unreachable.js';
import type { DrillFault } from '../../core/drill-fault.js';
import type { HandOrder } from '../../core/drill-order.js';
import type { AddressTable, HeldAddress } from '../../ports/address-table.js';
import type { Announcer } from '../../ports/announcer.js';
import type { Clock } from '../../ports/clock.js';
import type { LeaseRefusal } from '../../ports/lease-table.js';
import type { ProcessHost } from '../../ports/process-host.js';
import { burn, burnerMark, mostBurners } from './burners.js';
import { drilledProcesses, runningDaemon } from './drilled-processes.js';
import { dropScript } from './dropping.js';
import { fill, fillerFor } from './filler.js';
import type { Undo } from './hand-record.js';
import type { HandSetup } from './hand-setup.js';
import { noteLink, setLink } from './link-down.js';
import { signalTo } from './process-identity.js';
import { appendRefusedLine } from './refused-line.js';
import { unitWithMain } from './systemd-unit.js';

export interface FaultPorts {
  readonly processes: Pick<ProcessHost, 'run'>;
  /** One transaction, as `nft -f` reads it; `check` changes nothing. */
  readonly rules: (
    script: string,
    mode: 'load' | 'check',
  ) => Promise<Result<undefined, LeaseRefusal>>;
  readonly addresses: Pick<AddressTable, 'held' | 'release'>;
  readonly announcer: Announcer;
  readonly clock: Pick<Clock, 'wallTime'>;
  /** Asks the daemon; an error is its refusal. */
  readonly reloadProxy: () => Promise<ReloadOutcome>;
}

export type ReloadOutcome = 'refused' | 'reloaded' | 'no answer';

/** A fault that can be done here and now. */
export interface PlannedFault {
  readonly undo: Undo;
  readonly inflict: () => Promise<Result<undefined, string>>;
}

export interface FaultContext {
  readonly order: HandOrder;
  readonly setup: HandSetup;
  /** Of the fault, among those of its order. */
  readonly index: number;
}

type Planned = Result<PlannedFault, string>;

/** Changes nothing. An error is a sentence: why it cannot be done here, or could not be undone. */
export function planFault(
  fault: DrillFault,
  context: FaultContext,
  ports: FaultPorts,
): Promise<Planned> {
  switch (fault.kind) {
    case 'signal':
      return planSignal(fault, context);
    case 'restart-daemon':
      return planRestart(context, ports);
    case 'bad-proxy-config':
      return Promise.resolve(planRefusedLine(context, ports));
    case 'link-down':
      return planLinkDown(fault.interface, ports);
    case 'drop':
      return planDrop(fault, context, ports);
    case 'remove-address':
      return planRemoval(fault, ports);
    case 'add-address':
      return planAddition(fault, context, ports);
    case 'burn-processors':
      return Promise.resolve(planBurning(fault.processes, context));
    case 'fill-disk':
      return Promise.resolve(planFilling(context));
    case 'power-off':
      return Promise.resolve(planPowerOff(fault.node, context, ports));
    default:
      return unreachable(fault);
  }
}

async function planSignal(
  { to, signal }: DrillFault & { readonly kind: 'signal' },
  { setup }: FaultContext,
): Promise<Planned> {
  const processes = await drilledProcesses(to, setup);
  if (!processes.ok) {
    return processes;
  }
  return ok({
    undo: signal === 'stop' ? { kind: 'go-on', processes: processes.value } : NOTHING,
    inflict: () => {
      for (const each of processes.value) {
        signalTo(each, signal === 'stop' ? 'SIGSTOP' : 'SIGKILL');
      }
      return Promise.resolve(done);
    },
  });
}

async function planRestart({ setup }: FaultContext, { processes }: FaultPorts): Promise<Planned> {
  const daemon = runningDaemon(setup.daemon);
  if (daemon === undefined) {
    return fail('no daemon runs on this node');
  }
  const unit = await unitWithMain(daemon.pid, processes);
  return ok({
    undo: NOTHING,
    inflict: async () => {
      if (unit === undefined) {
        // As the unit's RestartKillSignal= says.
        signalTo(daemon, 'SIGUSR2');
        return done;
      }
      // Not waited for: it takes as long as the next daemon's start.
      const args = ['--no-ask-password', '--no-block', 'restart', '--', unit];
      return said(`systemctl restart ${unit}`, await processes.run('systemctl', args, PROGRAM));
    },
  });
}

function planRefusedLine({ setup }: FaultContext, { reloadProxy }: FaultPorts): Planned {
  const path = setup.proxy?.config;
  if (path === undefined) {
    return fail('no proxy is configured');
  }
  if (setup.proxy?.run === 'systemd') {
    return fail(
      `systemd starts HAProxy on this node, after a loss of power also with a line in ${path} that it refuses`,
    );
  }
  try {
    accessSync(path, constants.W_OK | constants.R_OK);
  } catch (error) {
    return fail(
      `the daemon may not write ${path}, which it must to put a refused line there (${String(error)})`,
    );
  }
  return ok({
    undo: { kind: 'proxy-config', path },
    inflict: async () => {
      try {
        appendRefusedLine(path);
      } catch (error) {
        return fail(`${path}: ${String(error)}`);
      }
      const reloaded = await reloadProxy();
      return reloaded === 'refused'
        ? done
        : fail(
            reloaded === 'reloaded'
              ? `HAProxy was reloaded although ${path} has a line that it must refuse`
              : 'the daemon did not answer in time when it was asked to reload HAProxy',
          );
    },
  });
}

async function planLinkDown(
  name: string,
  { processes, addresses, clock }: FaultPorts,
): Promise<Planned> {
  const held = await addresses.held(name);
  if (!held.ok) {
    return fail(`${name}: ${held.error.detail}`);
  }
  const ours = held.value.filter((each) => each.ours).map(({ cidr }) => cidr);
  const undo = await noteLink(name, ours, { processes, clock });
  return undo.ok ? ok({ undo: undo.value, inflict: () => setLink(name, 'down', processes) }) : undo;
}

async function planDrop(
  { packets }: DrillFault & { readonly kind: 'drop' },
  { index }: FaultContext,
  { rules }: FaultPorts,
): Promise<Planned> {
  const script = dropScript(index, packets);
  const load = async (mode: 'load' | 'check'): Promise<Result<undefined, string>> => {
    const loaded = await rules(script, mode);
    return loaded.ok ? done : fail(`nftables: ${loaded.error.detail}`);
  };
  const checked = await load('check');
  return checked.ok ? ok({ undo: { kind: 'rules' }, inflict: () => load('load') }) : checked;
}

type AddressFault = DrillFault & { readonly kind: 'remove-address' | 'add-address' };

async function planRemoval(fault: AddressFault, { addresses }: FaultPorts): Promise<Planned> {
  const what = `${fault.address.address} on ${fault.interface}`;
  const held = await heldOne(fault, addresses);
  if (!held.ok) {
    return held;
  }
  // The daemon puts its own back by itself; another's would be lost.
  const there = held.value;
  return there?.ours === true
    ? ok({
        undo: NOTHING,
        inflict: async () => {
          const released = await addresses.release(there);
          return released.ok ? done : fail(`remove ${what}: ${released.error.detail}`);
        },
      })
    : fail(`this node does not hold ${what} as a virtual address`);
}

async function planAddition(
  fault: AddressFault,
  { order }: FaultContext,
  { addresses, announcer, processes }: FaultPorts,
): Promise<Planned> {
  const { address, interface: name } = fault;
  const held = await heldOne(fault, addresses);
  if (!held.ok) {
    return held;
  }
  if (held.value !== undefined) {
    return fail(`this node has ${address.address} on ${name} already`);
  }
  // Whatever becomes of us, the kernel takes it away soon after.
  const lifetime = String(Math.ceil(order.lastsMs / 1000) + LIFETIME_MARGIN_S);
  const args = [
    ...['address', 'add', formatCidr(address), 'dev', name],
    ...['valid_lft', lifetime, 'preferred_lft', lifetime],
    ...(isIpv6(address.address) ? ['nodad'] : []),
  ];
  return ok({
    undo: { kind: 'take-address', address, interface: name },
    inflict: async () => {
      const added = said(`add ${address.address}`, await processes.run('ip', args, PROGRAM));
      for (let times = 0; added.ok && times < ANNOUNCED; times += 1) {
        announcer.announce({ interface: name, cidr: address });
        await sleep(ANNOUNCED_EVERY_MS);
      }
      return added;
    },
  });
}

async function heldOne(
  { address, interface: name }: AddressFault,
  addresses: FaultPorts['addresses'],
): Promise<Result<HeldAddress | undefined, string>> {
  const held = await addresses.held(name);
  return held.ok
    ? ok(held.value.find(({ cidr }) => cidr.address === address.address))
    : fail(`${name}: ${held.error.detail}`);
}

function planBurning(count: number, { order, setup }: FaultContext): Planned {
  const most = mostBurners();
  const mark = burnerMark({ node: setup.node, id: order.id });
  return count > most
    ? fail(`this node has room for ${String(most)} processes that compute, not ${String(count)}`)
    : ok({
        undo: { kind: 'burners', mark },
        inflict: () => burn(count, { command: setup.burner, mark, lastsMs: order.lastsMs }),
      });
}

function planFilling({ setup }: FaultContext): Planned {
  const path = fillerFor(setup.stateDirectory, setup.runtimeDirectory);
  return path.ok
    ? ok({ undo: { kind: 'filler', path: path.value }, inflict: () => fill(path.value) })
    : path;
}

function planPowerOff(node: string, { setup }: FaultContext, { processes }: FaultPorts): Planned {
  const powerOn = wordsFor(node, setup.power?.on);
  const [program, ...args] = wordsFor(node, setup.power?.off);
  if (program === undefined || powerOn.length === 0) {
    return fail(
      'the configuration of this node does not say how the other one’s power is taken and given back',
    );
  }
  return node === setup.node
    ? fail('a node cannot take its own power: nobody would give it back')
    : ok({
        undo: { kind: 'command', command: powerOn },
        inflict: async () => said(program, await processes.run(program, args, PROGRAM)),
      });
}

/** `{node}` stands for the node whose power it is. */
function wordsFor(node: string, command: readonly string[] | undefined): readonly string[] {
  return (command ?? []).map((word) => word.replaceAll('{node}', node));
}

function said(
  what: string,
  ran: Result<unknown, { readonly detail: string }>,
): Result<undefined, string> {
  return ran.ok ? done : fail(`${what}: ${ran.error.detail.trim()}`);
}

const NOTHING: Undo = { kind: 'nothing' };
/** Of a power supply that is asked over a network. */
const PROGRAM = { within: millis(30_000) };
/** Longer than everything else needs to be undone. */
const LIFETIME_MARGIN_S = 5;
const ANNOUNCED = 3;
const ANNOUNCED_EVERY_MS = 50;
