/** `vipair lab drills --sabotage` and `--interrupt`: can the drills tell, and do they leave anything behind when they are cut short? */
import type { Centis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import { drillSettings, onDrillLab } from '../lab/drills/drill-lab.js';
import type { InterruptionSeen } from '../lab/drills/interruptions.js';
import { interrupt, interruptions } from '../lab/drills/interruptions.js';
import { leftSince, pictureOfMachine } from '../lab/drills/machine-picture.js';
import type { SabotageSeen } from '../lab/drills/sabotage.js';
import { SABOTAGES, seeSabotage } from '../lab/drills/sabotage.js';
import type { LabFailure } from '../lab/failure.js';
import { untilSettled } from '../lab/drills/settled.js';
import { parseLabName } from '../lab/topology.js';
import type { LabName } from '../lab/topology.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import type { MigratePorts } from './migrate.js';
import { renderTable } from './table.js';
import type { OutputForm } from './terminal.js';
import { complain, print, printJson } from './terminal.js';

export interface TrickAsked {
  readonly interval: Centis;
  readonly form: OutputForm;
  readonly pid: number;
}

/** `main`: the path of the program. */
export async function labSabotage(
  { interval, form, pid }: TrickAsked,
  ports: MigratePorts & { readonly main: string },
): Promise<ExitCode> {
  const tell = form === 'text' ? print : complain;
  const seen: SabotageSeen[] = [];
  for (const sabotage of SABOTAGES) {
    if (ports.signal.aborted) {
      break;
    }
    tell(`- ${sabotage.name}: ${sabotage.story}; then the drill ${sabotage.drill}`);
    const one = await seeSabotage(
      sabotage,
      drillSettings(labName('sabotage', pid), interval),
      ports,
    );
    if (!one.ok) {
      return reportLabFailure(one.error);
    }
    tell(`    ${one.value.verdict}: ${one.value.seen.why.join('\n    ')}`);
    seen.push(one.value);
  }
  if (form === 'json') {
    printJson({ sabotages: seen });
  } else {
    const rows = seen.map(({ name, drill, verdict, seen: { verdict: said, why } }) => [
      ...[name, drill, said, verdict],
      why.find((each) => SABOTAGES.some((of) => of.name === name && of.cause.test(each))) ?? '–',
    ]);
    print(`\n${renderTable(['WRONG', 'DRILL', 'IT SAYS', '', 'BECAUSE'], rows)}\n`);
  }
  return seen.length === SABOTAGES.length && seen.every(({ verdict }) => verdict === 'told')
    ? EXIT.ok
    : EXIT.failed;
}

export interface InterruptAsked extends TrickAsked {
  readonly count: number;
  readonly seed: number;
}

export async function labInterrupt(
  { interval, form, pid, count, seed }: InterruptAsked,
  ports: MigratePorts,
): Promise<ExitCode> {
  const tell = form === 'text' ? print : complain;
  const before = pictureOfMachine();
  const settings = drillSettings(labName('interrupt', pid), interval);
  const seen = await onDrillLab(settings, ports, async ({ lab }): Promise<Seen> => {
    const ready = await untilSettled(lab, ports.clock);
    if (!ready.ok) {
      return ready;
    }
    const all: InterruptionSeen[] = [];
    for (const each of interruptions(count, seed)) {
      if (ports.signal.aborted) {
        break;
      }
      const one = await interrupt(lab, each, ports);
      if (!one.ok) {
        return one;
      }
      tell(
        `- ${String(all.length + 1)}: ${each.drill}, ${each.blow} after ${String(each.afterMs)} ms: ${one.value.verdict}${one.value.left.map((what) => `\n    ${what}`).join('')}`,
      );
      all.push(one.value);
    }
    return ok(all);
  });
  if (!seen.ok) {
    return reportLabFailure(seen.error);
  }
  const left = leftSince(before, pictureOfMachine());
  const bad = seen.value.filter(({ verdict }) => verdict !== 'nothing left');
  if (form === 'json') {
    printJson({ seed, interruptions: seen.value, left });
  } else {
    print(
      `\n${String(seen.value.length)} drills were cut short; ${String(bad.length)} left something behind; on the machine ${left.length === 0 ? 'nothing is left' : `is left: ${left.join(', ')}`}\n`,
    );
  }
  return seen.value.length === count && bad.length === 0 && left.length === 0
    ? EXIT.ok
    : EXIT.failed;
}

type Seen = Result<readonly InterruptionSeen[], LabFailure>;

function labName(what: string, pid: number): LabName {
  const name = parseLabName(`${what}-${String(pid)}`);
  invariant(name.ok, 'the lab of this command is named well');
  return name.value;
}
