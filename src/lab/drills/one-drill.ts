/** One drill on a lab's pair, by the command that an operator types; what came of it is read from the report that is kept. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Millis } from '../../base/time.js';
import { millis } from '../../base/time.js';
import type { DrillReport } from '../../telemetry/drill.js';
import type { Lab, LabPorts } from '../lab.js';
import type { NodeName } from '../topology.js';
import { otherNode } from '../topology.js';
import { onNode, proberOf } from './drill-lab.js';

export interface DrillSeen {
  readonly drill: string;
  readonly verdict: DrillReport['verdict'] | 'refused' | 'no report';
  /** A sentence each. */
  readonly why: readonly string[];
  readonly report: DrillReport | undefined;
}

/** Where the operator sits, but for what would take that very node. */
const OPERATOR: NodeName = 'lb2';

export async function runOne(
  lab: Lab,
  drill: string,
  { processes, vipair }: LabPorts,
): Promise<DrillSeen> {
  const operator = await operatorFor(lab, drill);
  const directory = `${lab.nodes[operator].files.vipairStateDirectory}/drills`;
  const before = new Set(reportsIn(directory));
  const [program = 'ip', ...args] = drillCommand(lab, drill, { operator, vipair });
  const ran = await processes.run(program, args, { within: DRILL_WITHIN });
  const [name] = reportsIn(directory).filter((each) => !before.has(each));
  const report = name === undefined ? undefined : readReport(`${directory}/${name}`);
  if (report !== undefined) {
    return { drill, verdict: report.verdict, why: report.why, report };
  }
  const said = ran.ok ? ran.value.stderr : ran.error.detail;
  const isRefused = !ran.ok && ran.error.code === 'failed' && ran.error.exit === REFUSED;
  return {
    drill,
    verdict: isRefused ? 'refused' : 'no report',
    why: said.trim().split('\n').slice(-MOST_LINES),
    report: undefined,
  };
}

/** With the consent of whoever began the lab. */
export function drillCommand(
  lab: Lab,
  drill: string,
  {
    vipair,
    operator = OPERATOR,
  }: { readonly vipair: readonly string[]; readonly operator?: NodeName },
): readonly string[] {
  return [
    ...onNode(lab, operator, vipair),
    ...['drill', 'run', drill, '--yes', '--really'],
    ...['-c', lab.nodes[operator].files.vipairConfig],
    ...['--prober', proberOf(lab, 'clients')],
    ...['--watcher', proberOf(lab, 'watcher')],
  ];
}

async function operatorFor(lab: Lab, drill: string): Promise<NodeName> {
  const owner = drill === 'node-power-loss' ? await lab.owner() : undefined;
  return owner === undefined ? OPERATOR : otherNode(owner.name);
}

function reportsIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.json'))
      .toSorted();
  } catch {
    return [];
  }
}

function readReport(file: string): DrillReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DrillReport;
  } catch {
    return undefined;
  }
}

const REFUSED = 5;
const MOST_LINES = 10;
/** Longer than the longest drill and all that is waited for after it. */
const DRILL_WITHIN: Millis = millis(240_000);
