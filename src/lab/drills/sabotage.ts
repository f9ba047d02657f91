/** Pairs with something wrong on purpose: the drill that is meant for it must fail, and name the cause. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { millis } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import { vipairCommand } from '../commands.js';
import type { LabFailure } from '../failure.js';
import type { Lab, LabPorts } from '../lab.js';
import { pause } from '../pause.js';
import { untilSettled } from './settled.js';
import type { LabSettings } from '../settings.js';
import { nodeFiles } from '../state-directory.js';
import { onDrillLab } from './drill-lab.js';
import type { DrillSeen } from './one-drill.js';
import { runOne } from './one-drill.js';
import type { Replaced } from './test-build.js';
import { makeTestBuild } from './test-build.js';

export interface Sabotage {
  readonly name: string;
  /** One sentence for whoever watches. */
  readonly story: string;
  readonly replaced: readonly Replaced[];
  /** To vipair.yaml of the second node. */
  readonly edit: { readonly from: string; readonly to: string } | undefined;
  /** What must find it. */
  readonly drill: string;
  /** What its reasons must name. */
  readonly cause: Readonly<RegExp>;
}

const NOTHING_DONE = ' return { ok: true, value: undefined };';

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'no lease',
    story: 'the kernel is asked for no lease, and addresses live for ever, as keepalived’s do',
    replaced: [
      ...[
        'async guard(order) {',
        'async renew(addresses, lasting) {',
        'async revoke(addresses) {',
      ].map((line) => ({ module: 'os/lease-table', line, by: `${line}${NOTHING_DONE}` })),
      {
        module: 'os/address-table',
        line: 'newAddress({ ...address, index: index.value }, validFor)',
        by: 'newAddress({ ...address, index: index.value }, 4294967295)',
      },
    ],
    edit: undefined,
    drill: 'daemon-freeze',
    cause: /both nodes answered for/u,
  },
  {
    name: 'stale announcements',
    story: 'gratuitous ARP is not sent, so that clients go on asking the former owner',
    replaced: [
      {
        module: 'os/announcer',
        line: 'announce(address) {',
        by: `announce(address) {${NOTHING_DONE}`,
      },
    ],
    edit: undefined,
    drill: 'link-down',
    cause: /clients had no answer|announcements have not reached them|clients’ ARP entry/u,
  },
  {
    name: 'tables not replicated',
    story: 'rows of stick tables that arrive from the other node are thrown away',
    replaced: [
      {
        module: 'tables/peer-rows',
        line: '#handAll(batch, { table, recovering }, session, outgoing) {',
        by: '#handAll(batch, { table, recovering }, session, outgoing) { while (batch.next()) {} return;',
      },
    ],
    edit: undefined,
    drill: 'table-divergence',
    cause: /stick tables are not the same|same stick tables on both nodes/u,
  },
  {
    name: 'another VRID',
    story: 'the second node’s file has another virtual router id than the first one’s',
    replaced: [],
    edit: { from: 'vrid: 51', to: 'vrid: 52' },
    drill: 'vrrp-filtered-both-ways',
    cause: /vrid/u,
  },
];

export interface SabotageSeen {
  readonly name: string;
  readonly drill: string;
  readonly seen: DrillSeen;
  /** `told`: the drill did not pass, and its reasons name the cause. */
  readonly verdict: 'told' | 'passed all the same' | 'failed without the cause';
}

export interface SabotagePorts extends LabPorts {
  readonly clock: Clock;
  /** The path of the program that is copied. */
  readonly main: string;
}

export async function seeSabotage(
  { name, replaced, edit, drill, cause }: Sabotage,
  settings: LabSettings,
  ports: SabotagePorts,
): Promise<Result<SabotageSeen, LabFailure>> {
  const directory = `${BUILDS}/${settings.name}`;
  const built = makeTestBuild(ports.main, directory, replaced);
  if (!built.ok) {
    return fail({ code: 'not-ready', detail: built.error });
  }
  const vipair = vipairCommand(ports.vipair[0] ?? 'node', built.value);
  const sabotaged = { ...ports, vipair };
  const outcome = await onDrillLab<SabotageSeen>(settings, sabotaged, async ({ lab }) => {
    // A pair that is wrong may never be settled: then the drill is refused, and has to say why.
    await untilSettled(lab, ports.clock);
    if (edit !== undefined) {
      const spoiled = await spoil(lab, edit, ports.clock);
      if (!spoiled.ok) {
        return spoiled;
      }
    }
    const seen = await runOne(lab, drill, sabotaged);
    return ok({ name, drill, seen, verdict: judge(seen, cause) });
  });
  rmSync(directory, { recursive: true, force: true });
  return outcome;
}

/** Found by a restart, as it is on a site where only one node was edited. */
async function spoil(
  lab: Lab,
  { from, to }: { readonly from: string; readonly to: string },
  clock: Clock,
): Promise<Result<undefined, LabFailure>> {
  const { vipairConfig } = nodeFiles(lab.settings.name, 'lb2');
  writeFileSync(vipairConfig, readFileSync(vipairConfig, 'utf8').replace(from, to));
  const stopped = await lab.nodes.lb2.stopEngine('hand-over');
  if (!stopped.ok) {
    return stopped;
  }
  // The service manager of the lab has started it again.
  await pause(clock, SPOILED_FOR);
  return ok(undefined);
}

function judge({ verdict, why }: DrillSeen, cause: Readonly<RegExp>): SabotageSeen['verdict'] {
  if (verdict === 'passed') {
    return 'passed all the same';
  }
  return why.some((each) => cause.test(each)) ? 'told' : 'failed without the cause';
}

/** A memory file system: a copy has some ten megabytes, and goes with the lab. */
const BUILDS = '/run/vipair-lab-builds';
const SPOILED_FOR = millis(4000);
