/** One drill, planned for the pair as it is now. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import { LONGEST_FAULT } from '../wire/pair/drill.js';
import type { DrillExpectation, DrillName } from './drill-catalogue.js';
import { DRILL_NAMES, DRILLS, defaultLimits } from './drill-catalogue.js';
import { MOST_SERVERS } from './drill-drops.js';
import type { DrillFault } from './drill-fault.js';
import type { DrillLimits } from './drill-limits.js';
import { limitsOver } from './drill-limits.js';
import type { DrillNeed, DrillScene } from './drill-scene.js';

export interface DrillPlan {
  readonly name: DrillName;
  readonly summary: string;
  readonly must: string;
  readonly undo: string;
  readonly group: string;
  /** The node that it is done to. */
  readonly target: string;
  readonly expected: DrillExpectation;
  /** `switchover`: asked of the daemons, as an operator does. `clock-step`: of the target, in the simulator alone. */
  readonly act: 'faults' | 'switchover' | 'clock-step';
  readonly faults: readonly {
    readonly node: string;
    readonly faults: readonly DrillFault[];
  }[];
  /** From the fault until it is undone. */
  readonly lasts: Millis;
  readonly limits: DrillLimits;
  /** `asked for`: in the end both HAProxys are asked for every row. */
  readonly tables: 'as known' | 'asked for';
}

export interface DrillOrder {
  readonly name: string;
  readonly consent: 'usual' | 'really';
  readonly limits: Partial<DrillLimits>;
}

/** Fails with every reason why it cannot be done to this pair now, a sentence each. */
export function planDrill(
  { name, consent, limits }: DrillOrder,
  scene: DrillScene,
): Result<DrillPlan, readonly string[]> {
  if (!isDrill(name)) {
    return fail([unknownDrill(name)]);
  }
  const drill = DRILLS[name];
  const [target, other] = partiesOf(name, scene);
  const reasons = [
    ...(drill.where === 'simulator'
      ? [`${name} is done in the simulator alone: npm run sim -- --drill ${name}`]
      : []),
    ...missingFor(name, scene),
    ...(drill.consent === 'really' && consent !== 'really'
      ? [`${name} is not done without --really`]
      : []),
    ...(drill.consent === 'really' && target === scene.here
      ? [`${name} would take ${target} itself, on which it is asked for: ask for it on ${other}`]
      : []),
  ];
  return reasons.length > 0 ? fail(reasons) : ok(planOf(name, limits, scene));
}

/** The same plans for a pair that does not exist: whatever can only be done to one of those, and without anybody's consent. */
export function planSimulated(
  name: DrillName,
  scene: DrillScene,
): Result<DrillPlan, readonly string[]> {
  const missing = missingFor(name, scene);
  return missing.length > 0 ? fail(missing) : ok(planOf(name, {}, scene));
}

function missingFor(name: DrillName, scene: DrillScene): readonly string[] {
  const { needs, lasts } = DRILLS[name];
  const within = lasts(scene);
  return [
    ...needs
      .filter((need) => !scene.has.has(need))
      .map((need) => (need === 'all-servers' ? serversMissing(scene) : MISSING[need])),
    ...(within > LONGEST_PLAN
      ? [
          `${name} would last ${seconds(within)} with these intervals, and no fault may last longer than ${seconds(LONGEST_PLAN)}`,
        ]
      : []),
  ];
}

function seconds(time: Millis): string {
  return `${(time / 1000).toFixed(0)} s`;
}

/** It would not be the fault that the drill is about. */
function serversMissing({ servers, serversByName }: DrillScene): string {
  const more = serversByName.length - MOST_NAMED;
  return servers.length > MOST_SERVERS
    ? `the proxy has ${String(servers.length)} servers, and ${String(MOST_SERVERS)} can be cut off`
    : `packets to servers that haproxy.cfg has no address of cannot be dropped: ${serversByName.slice(0, MOST_NAMED).join('; ')}${more > 0 ? `; and ${String(more)} more` : ''}`;
}

/** The node that it is done to, and the other one. */
function partiesOf(name: DrillName, { master, backup }: DrillScene): readonly [string, string] {
  return DRILLS[name].to === 'master' ? [master, backup] : [backup, master];
}

function planOf(name: DrillName, limits: Partial<DrillLimits>, scene: DrillScene): DrillPlan {
  const drill = DRILLS[name];
  const [target, other] = partiesOf(name, scene);
  return {
    name,
    summary: drill.summary,
    must: drill.must,
    undo: drill.undo,
    group: scene.group,
    target,
    expected: drill.expected,
    act: name === 'switchover' || name === 'clock-step' ? name : 'faults',
    faults: [
      { node: target, faults: drill.faults(scene) },
      { node: other, faults: drill.otherFaults?.(scene) ?? [] },
    ],
    lasts: drill.lasts(scene),
    limits: limitsOver(defaultLimits(name, scene), limits),
    tables: drill.tables,
  };
}

export function isDrill(name: string): name is DrillName {
  return DRILL_NAMES.some((each) => each === name);
}

export function unknownDrill(name: string): string {
  return `no drill is called ${name}; there are: ${DRILL_NAMES.join(', ')}`;
}

/** A hand is given some time more, so that an answer that is lost does not end the fault early. */
export const SPARE: Millis = millis(5000);
const LONGEST_PLAN: Millis = millis(LONGEST_FAULT - SPARE);
const MOST_NAMED = 5;

const MISSING: Readonly<Record<Exclude<DrillNeed, 'all-servers'>, string>> = {
  'ready-backup': 'the other node could not take over now, so it would be an outage and no drill',
  channel: 'the pair has no channel between its daemons, or it is down (pair.key_file)',
  reachability:
    'the group watches no neighbours, so that a node cannot find that its LAN is gone (groups[].reachability)',
  proxy: 'no proxy is configured (proxy.haproxy)',
  'supervised-proxy':
    'no proxy is configured that vipair starts itself: where the machine lost its power meanwhile, systemd would start HAProxy before the line that it refuses is taken away (proxy.haproxy.run)',
  servers: 'haproxy.cfg has no server with an address and a port',
  'tracked-backends':
    'the group does not track the proxy’s backends (track: [{ backends: all, … }])',
  tables: 'no stick tables are replicated, or they are not the same on both nodes now (replicate)',
  'state-disk':
    'the state directory of the master is no file system of its own (runtime.state_directory)',
  'power-commands':
    'no commands are configured that take a node’s power and give it back (drills.power)',
};
