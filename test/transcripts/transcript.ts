/** The text of a scenario: its rule, the node, where it stands, and what happens. */
import type { Instant } from '../../src/base/time.js';
import { unreachable } from '../../src/base/unreachable.js';
import type { GroupParams } from '../../src/core/group-params.js';
import { roleOf } from '../../src/core/group-state.js';
import type { NodeState } from '../../src/core/node.js';
import { alarmsText, explain, explanationText } from '../../src/explain/explain.js';
import type { Scene } from '../../src/explain/scene.js';
import { secondsSince } from '../../src/explain/scene.js';
import { durationText, listText } from '../../src/explain/wording.js';
import type { Scenario } from './scenario.js';
import { ORIGIN, run } from './scenario.js';
import { PROXY, SHAPES, TRACKING } from './scenarios-health.js';
import { FROZEN, LINKS, REFUSED, RIVALS } from './scenarios-mishaps.js';
import { ARRIVING, FAILING_BACK, LEAVING } from './scenarios-moves.js';
import { PAIR } from './scenarios-pair.js';
import { ACTIVE, BACKUP, INITIALIZE } from './scenarios-rfc9568.js';

export const SCENARIOS: readonly Scenario[] = [
  ...INITIALIZE,
  ...BACKUP,
  ...ACTIVE,
  ...ARRIVING,
  ...LEAVING,
  ...FAILING_BACK,
  ...FROZEN,
  ...REFUSED,
  ...LINKS,
  ...RIVALS,
  ...TRACKING,
  ...PROXY,
  ...SHAPES,
  ...PAIR,
];

/** What the file of a scenario holds. */
export function transcript(scenario: Scenario): string {
  const scene: Scene = {
    params: scenario.node,
    addresses: scenario.addresses,
    clock: secondsSince(ORIGIN),
  };
  const { given, told } = run(scenario);
  const explained = told.map((happened) => explain(scene, happened));
  const { title, rule, differs = [] } = scenario;
  return `${[
    title,
    '='.repeat(title.length),
    '',
    ...labelled('rule', rule),
    ...labelled('differs', differs),
    ...labelled('node', nodeLines(scenario)),
    ...labelled(
      'given',
      scenario.given.length === 0
        ? ['a daemon that has just been started']
        : givenLines(scene, given),
    ),
    '',
    explanationText(explained),
  ].join('\n')}\n`;
}

function nodeLines({ node, addresses }: Scenario): readonly string[] {
  const groups = node.groups.flatMap((params, index) => [
    `${params.group}: ${listText(addresses[index] ?? [])}, version ${String(params.version)}, priority ${String(params.priority)}, an advert every ${durationText(params.interval)}`,
    `from ${listText(params.instances.map((each) => `${each.ownAddress} on ${each.interface}`))}; ${failbackText(params)}`,
    ...params.things.map(
      ({ name, consequence }) =>
        `tracks ${name}: ${consequence.kind === 'fault' ? 'its failure is a fault' : `weight ${String(consequence.weight)}`}`,
    ),
  ]);
  return node.proxy === undefined ? groups : [...groups, 'with a proxy'];
}

function failbackText({ failback }: GroupParams): string {
  switch (failback.kind) {
    case 'never':
      return 'Preempt_Mode off (failback: never)';
    case 'manual':
      return 'failback: manual';
    case 'after':
      return failback.stableFor === 0
        ? 'Preempt_Mode on (failback: after 0s)'
        : `failback: after ${durationText(failback.stableFor)}`;
    default:
      return unreachable(failback);
  }
}

function givenLines(
  scene: Scene,
  { state, now }: { readonly state: NodeState; readonly now: Instant },
): readonly string[] {
  const roles = state.groups.map((group) => {
    const master = group.vrrp.name === 'backup' ? group.vrrp.master : undefined;
    const follows =
      master === undefined ? '' : ` of ${master.address}, priority ${String(master.priority)}`;
    return `${roleOf(group)}${follows}`;
  });
  return [`at ${scene.clock(now)}: ${listText(roles)}`, ...alarmsText(scene, state, now)];
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(LABEL)}${line}`);
}

const LABEL = 9;
