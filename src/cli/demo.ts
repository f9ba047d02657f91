/** `vipair demo`: raises a lab, rehearses every failover in it, shows what a client saw, and leaves nothing behind. */
import { askPair } from '../api/client.js';
import type { Result } from '../base/result.js';
import type { LabFailure } from '../lab/failure.js';
import type { Lab, LabPorts } from '../lab/lab.js';
import { raiseLab, removeLab } from '../lab/raise.js';
import { controlSocketOf, untilRedundant } from '../lab/readiness.js';
import { REHEARSALS } from '../lab/rehearsal.js';
import type { Rehearsed } from '../lab/rehearse.js';
import { rehearse } from '../lab/rehearse.js';
import { defaultSettings } from '../lab/settings.js';
import { NODE_NAMES, parseLabName } from '../lab/topology.js';
import { millis } from '../base/time.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import { renderStatus } from './status/status.js';
import { renderTable } from './table.js';
import type { OutputForm } from './terminal.js';
import { complain, print, printJson } from './terminal.js';

export interface DemoRequest {
  readonly form: OutputForm;
  /** Makes the lab's name this run's own, so that two demos can run beside each other. */
  readonly pid: number;
}

export interface DemoPorts extends LabPorts {
  readonly signal: AbortSignal;
}

export async function demo(asked: DemoRequest, ports: DemoPorts): Promise<ExitCode> {
  const name = parseLabName(`demo-${String(asked.pid)}`);
  if (!name.ok) {
    return EXIT.failed;
  }
  const tell = asked.form === 'text' ? print : complain;
  tell(
    `Building a lab: a client, two nodes, two web servers, in network namespaces of this machine.`,
  );
  const raised = await raiseLab(defaultSettings(name.value), ports);
  if (!raised.ok) {
    return reportLabFailure(raised.error);
  }
  try {
    const rehearsed = await rehearseAll(raised.value, tell, ports);
    if (!rehearsed.ok) {
      return reportLabFailure(rehearsed.error);
    }
    if (asked.form === 'json') {
      printJson(rehearsed.value);
    } else {
      print(`\n${report(rehearsed.value)}`);
    }
    return ports.signal.aborted ? EXIT.failed : EXIT.ok;
  } finally {
    const removed = await removeLab(name.value, ports);
    tell(
      removed.ok
        ? 'Nothing of the lab is left.'
        : `The lab is not all gone: ${removed.error.detail}`,
    );
  }
}

async function rehearseAll(
  lab: Lab,
  tell: (line: string) => void,
  ports: DemoPorts,
): Promise<Result<readonly Rehearsed[], LabFailure>> {
  const ready = await untilRedundant(lab, ports.clock, READY_WITHIN);
  if (!ready.ok) {
    return ready;
  }
  for (const name of NODE_NAMES) {
    const status = await askPair(controlSocketOf(lab.nodes[name]));
    tell(status.ok ? `\n${renderStatus(status.value)}` : `${name}: no daemon answers`);
  }
  tell(`\nRehearsing. A client opens a new connection every 5 ms, and keeps two streams open.`);
  const rehearsed: Rehearsed[] = [];
  for (const rehearsal of REHEARSALS) {
    if (ports.signal.aborted) {
      break;
    }
    tell(`- ${rehearsal.name}: ${rehearsal.story}`);
    const outcome = await rehearse(lab, rehearsal, ports);
    if (!outcome.ok) {
      return outcome;
    }
    rehearsed.push(outcome.value);
  }
  return { ok: true, value: rehearsed };
}

function report(rehearsed: readonly Rehearsed[]): string {
  const rows = rehearsed.map((each) => [
    each.name,
    each.before ?? 'nobody',
    each.after ?? 'nobody',
    each.gapMs.toFixed(0),
    `${String(each.failed)} of ${String(each.requests)}`,
    String(each.streamsBroken),
    each.twoOwnersMs.toFixed(0),
    each.noOwnerMs.toFixed(0),
  ]);
  const head = ['FAULT', 'BEFORE', 'AFTER', 'GAP ms', 'FAILED REQUESTS', 'STREAMS BROKEN'];
  return renderTable([...head, 'TWO OWNERS ms', 'NO OWNER ms'], rows);
}

const READY_WITHIN = millis(30_000);
