/** The stick tables of a lab's nodes, as HAProxy's own socket shows them. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import type { Instant, Millis } from '../../base/time.js';
import { between, millis } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import type { LabFailure } from '../failure.js';
import { askHaproxy } from '../haproxy-socket.js';
import type { Lab } from '../lab.js';
import type { LabNode } from '../node.js';
import { eventually } from '../pause.js';
import type { Tables } from './judgement.js';
import { differences } from './judgement.js';
import { PERSISTENCE_TABLES } from './sections.js';
import type { TableRows } from './table-rows.js';
import { readTableRows } from './table-rows.js';

/** All of the lab's tables, each at a moment of its own, some milliseconds apart. */
export async function tablesOf(node: LabNode): Promise<Result<Tables, LabFailure>> {
  const tables = new Map<string, TableRows>();
  for (const name of PERSISTENCE_TABLES) {
    const answer = await askHaproxy(node, `show table ${name}`);
    if (!answer.ok) {
      return answer;
    }
    tables.set(name, readTableRows(answer.value));
  }
  return ok(tables);
}

/** Waits until both nodes have the same rows, while nobody visits; says how long it took since `from`. */
export async function untilAlike(
  lab: Lab,
  clock: Clock,
  { from, within }: { readonly from: Instant; readonly within: Millis },
): Promise<Result<Millis, LabFailure>> {
  let apart = 'no answer';
  const isAlike = async (): Promise<boolean> => {
    const [here, there] = await Promise.all([tablesOf(lab.nodes.lb1), tablesOf(lab.nodes.lb2)]);
    if (!here.ok || !there.ok) {
      return false;
    }
    const rows = differences(here.value, there.value);
    apart = `${String(rows.length)} rows differ: ${rows.slice(0, EXAMPLES).join('; ')}`;
    return rows.length === 0;
  };
  return (await eventually(clock, { within, every: LOOK_EVERY }, isAlike))
    ? ok(between(from, clock.now()))
    : fail({ code: 'not-ready', detail: `the tables of the nodes did not become alike: ${apart}` });
}

const EXAMPLES = 3;
const LOOK_EVERY = millis(50);
