/** `vipair lab split-brain`: every path between two nodes broken in turn, with vipair and with keepalived beside it. */
import { millisToCentis } from '../base/time.js';
import { parseDuration } from '../config/duration.js';
import type { LabFailure } from '../lab/failure.js';
import type { Lab, LabPorts } from '../lab/lab.js';
import { PATH_FAULTS } from '../lab/path-faults.js';
import { raiseLab, removeLab } from '../lab/raise.js';
import type { Engine, LabSettings } from '../lab/settings.js';
import { defaultSettings } from '../lab/settings.js';
import type { Split } from '../lab/split-brain.js';
import { split } from '../lab/split-brain.js';
import { parseLabName } from '../lab/topology.js';
import type { Result } from '../base/result.js';
import { invariant } from '../base/unreachable.js';
import { ok } from '../base/result.js';
import type { LabSplitBrainAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import type { MigratePorts } from './migrate.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export interface SplitBrainRequest extends LabSplitBrainAsked {
  /** Makes the labs' names this run's own. */
  readonly pid: number;
}

type Rows = readonly (Split & { readonly engine: Engine })[];

export async function labSplitBrain(
  asked: SplitBrainRequest,
  ports: MigratePorts,
): Promise<ExitCode> {
  const interval = parseDuration(asked.adverts);
  if (!interval.ok) {
    complain(`vipair lab split-brain: --adverts ${asked.adverts}: ${interval.error}`);
    return EXIT.usage;
  }
  const tell = asked.form === 'text' ? print : complain;
  const advertInterval = millisToCentis(interval.value);
  const rows: (Split & { readonly engine: Engine })[] = [];
  for (const engine of ENGINES[asked.rival]) {
    const settings = settingsOf(engine, asked.pid, advertInterval);
    const done = await inLab(settings, { ports, tell }, async (lab) => {
      const seen = await all(lab, { ports, tell });
      return seen.ok ? ok(seen.value.map((each) => ({ ...each, engine }))) : seen;
    });
    if (!done.ok) {
      return reportLabFailure(done.error);
    }
    rows.push(...done.value);
  }
  if (asked.form === 'json') {
    printJson({ advertInterval: interval.value, faults: rows });
  } else {
    print(`\n${report(rows)}\n`);
  }
  const ours = rows.filter(({ engine }) => engine === 'vipair');
  const whole = ours.length === PATH_FAULTS.length;
  return whole && ours.every(({ verdict }) => verdict === 'as expected') ? EXIT.ok : EXIT.failed;
}

const ENGINES: Readonly<Record<LabSplitBrainAsked['rival'], readonly Engine[]>> = {
  keepalived: ['vipair', 'keepalived'],
  none: ['vipair'],
};

interface Telling {
  readonly ports: MigratePorts;
  readonly tell: (line: string) => void;
}

/** Ends after the fault that runs when the operator has had enough. */
async function all(
  lab: Lab,
  { ports, tell }: Telling,
): Promise<Result<readonly Split[], LabFailure>> {
  const seen: Split[] = [];
  for (const fault of PATH_FAULTS) {
    if (ports.signal.aborted) {
      break;
    }
    tell(`- ${lab.settings.engine}: ${fault.name}: ${fault.story}`);
    const outcome = await split(fault, lab, ports);
    if (!outcome.ok) {
      return outcome;
    }
    seen.push(outcome.value);
  }
  return ok(seen);
}

async function inLab<T>(
  settings: LabSettings,
  { ports, tell }: Telling,
  act: (lab: Lab) => Promise<Result<T, LabFailure>>,
): Promise<Result<T, LabFailure>> {
  tell(`Building a lab: a ${settings.engine} pair, a client, two web servers.`);
  const raised = await raiseLab(settings, ports);
  if (!raised.ok) {
    return raised;
  }
  try {
    return await act(raised.value);
  } finally {
    const removed = await removeLab(settings.name, ports satisfies LabPorts);
    tell(removed.ok ? 'Nothing of the lab is left.' : `Not all gone: ${removed.error.detail}`);
  }
}

function settingsOf(
  engine: Engine,
  pid: number,
  advertInterval: LabSettings['advertInterval'],
): LabSettings {
  const name = parseLabName(`split-${engine === 'vipair' ? 'v' : 'k'}-${String(pid)}`);
  invariant(name.ok, 'the labs of this command are named well');
  const pairChannel = engine === 'vipair' ? 'open' : 'none';
  return { ...defaultSettings(name.value), engine, advertInterval, pairChannel };
}

function report(rows: Rows): string {
  const head = ['FAULT', 'EXPECTED', 'ENGINE', 'OWNERS', 'TWO OWNERS ms', 'NO OWNER ms'];
  const table = renderTable(
    [...head, 'TWO AFTERWARDS ms', 'ALARMS', ''],
    PATH_FAULTS.flatMap(({ name }) =>
      rows
        .filter(({ fault }) => fault === name)
        .map((each) => [
          ...[each.fault, each.expected, each.engine, each.owners.join(' → ')],
          each.longestTwoOwnersMs.toFixed(0),
          each.longestNoOwnerMs.toFixed(0),
          each.twoOwnersAfterwardsMs.toFixed(0),
          each.alarms.join('\n'),
          each.verdict,
        ]),
    ),
  );
  return [
    table,
    '',
    'two owners, no owner: the longest stretch, by the answers to an ARP question every 2 ms.',
    'two afterwards: from an interval and half a second after the healing on.',
  ].join('\n');
}
