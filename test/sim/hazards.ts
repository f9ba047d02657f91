/**
 * What the schedules of a run had to be lived through, counted: a simulation that never meets a hazard has not shown
 * that anything survives it.
 */
import Table from 'cli-table3';
import { FAULT_KINDS } from './faults.js';
import { DEED_KINDS } from './service-deeds.js';
import { isAdopted } from './settings.js';
import type { Outcome, Scenario } from './world.js';

/** In this many schedules every hazard comes up; in fewer, one may be missing by chance. */
export const ENOUGH_SCHEDULES = 2000;

/** What daemons must have had to say, and what must have happened, somewhere in a run. */
const EXPECTED: readonly string[] = [
  'address.duplicate',
  'address.left-over',
  'address.refused',
  'address.removed',
  'address.stolen',
  'failback.asked',
  'history.kept',
  'history.not-kept',
  'lease.lost',
  'lease.rules-restored',
  'link.state',
  'given away for maintenance',
  'moves of the address',
  'orders.maintenance',
  'orders.paused',
  'orders.resumed',
  'pair.channel',
  'intents agree',
  'pair.path',
  'pair.peer',
  'pair.refused',
  'reload.doubtful',
  'reload.prepared',
  'reload.refused',
  'reload.switched',
  'reload.undone',
  'rejected: trailer-missing',
  'rejected: trailer-replayed',
  'rejected: trailer-stale',
  'rejected: version',
  'service.rules-loaded',
  'service.rules-refused',
  'service.rules-restored',
  'service.served',
  'service.unserved',
  'services: both nodes alike',
  'services: one that moved its own share',
  'services: rules as they should be',
  'socket.failed',
  'switchover.ended',
  'two owners for a moment',
  'two unfit nodes',
  'vrrp.contest',
  'vrrp.interval-differs',
  'vrrp.kept',
  'vrrp.mute',
  'vrrp.path-broken',
  'vrrp.path-healed',
  'vrrp.stalled',
];

const SETTINGS: readonly string[] = [
  'version 2',
  'version 3',
  'interval 100 ms',
  'interval 1000 ms',
  'with a proxy',
  'a proxy that systemd runs',
  'held at start',
  'failback never',
  'failback manual',
  'failback after',
  'signed adverts',
  'pair channel',
  'peer of version 1',
  'peer of version 2',
  'peer of version 3',
  'two paths of the channel',
  'history on a disk',
  'unequal clocks',
  'services of the kernel',
];

export type HazardCounts = readonly (readonly [hazard: string, schedules: number])[];

/** Counts, for each hazard, the schedules that met it. */
export class Hazards {
  readonly #counts = new Map<string, number>();

  add(scenario: Scenario, outcome: Outcome): void {
    const met = new Set([
      ...settingsOf(scenario),
      ...scenario.faults.map(({ fault }) => fault.kind),
      ...(scenario.deeds ?? []).map(({ kind }) => kind),
      ...outcome.met,
      ...(outcome.moves > 0 ? ['moves of the address'] : []),
      ...(outcome.longestDual > 0 ? ['two owners for a moment'] : []),
    ]);
    for (const hazard of met) {
      this.#counts.set(hazard, this.of(hazard) + 1);
    }
  }

  /** What another process met. */
  merge(counts: HazardCounts): void {
    for (const [hazard, count] of counts) {
      this.#counts.set(hazard, this.of(hazard) + count);
    }
  }

  get counts(): HazardCounts {
    return [...this.#counts];
  }

  /** In how many schedules. */
  of(hazard: string): number {
    return this.#counts.get(hazard) ?? 0;
  }

  /** What no schedule met. */
  get missing(): readonly string[] {
    return [...SETTINGS, ...FAULT_KINDS, ...DEED_KINDS, ...EXPECTED].filter(
      (hazard) => this.of(hazard) === 0,
    );
  }

  /** Three lists side by side: settings, faults, and what was said and done. */
  get table(): string {
    const table = new Table({
      head: ['settings', '', 'faults', '', 'met', ''],
      colAligns: ['left', 'right', 'left', 'right', 'left', 'right'],
      style: { head: [], border: [], compact: true },
    });
    const columns = [SETTINGS, [...FAULT_KINDS, ...DEED_KINDS], EXPECTED];
    const height = Math.max(...columns.map((column) => column.length));
    for (let row = 0; row < height; row += 1) {
      table.push(columns.flatMap((column) => this.#cells(column[row])));
    }
    return table.toString();
  }

  #cells(hazard: string | undefined): readonly [string, string] {
    return hazard === undefined ? ['', ''] : [hazard, String(this.of(hazard))];
  }
}

function settingsOf({ settings }: Pick<Scenario, 'settings'>): readonly string[] {
  const {
    version,
    interval,
    proxy,
    startHold,
    failback,
    authentication,
    channel,
    clockRates,
    journal,
    paths,
  } = settings;
  return [
    `version ${String(version)}`,
    `interval ${String(interval)} ms`,
    `failback ${failback.kind}`,
    ...(proxy === 'none' ? [] : ['with a proxy']),
    ...(isAdopted({ proxy }) ? ['a proxy that systemd runs'] : []),
    ...(startHold > 0 ? ['held at start'] : []),
    ...(authentication === 'signed' ? ['signed adverts'] : []),
    ...(channel === 'none' ? [] : ['pair channel']),
    ...(channel.startsWith('peer of') ? [channel] : []),
    ...(channel !== 'none' && paths === 'two' ? ['two paths of the channel'] : []),
    ...(journal === 'kept' ? ['history on a disk'] : []),
    ...(settings.services === 'none' ? [] : ['services of the kernel']),
    ...(clockRates[0] === clockRates[1] ? [] : ['unequal clocks']),
  ];
}
