/** `vipair lab persistence`: visitors stay bound to their servers, and counters go on, whatever happens to a pair. */
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import type { Centis } from '../base/time.js';
import { centisToMillis, millis, millisToCentis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { parseDuration } from '../config/duration.js';
import type { LabFailure } from '../lab/failure.js';
import type { Lab } from '../lab/lab.js';
import { ipBatch } from '../lab/network.js';
import type { Share } from '../lab/persistence/judgement.js';
import type { PersistenceSeen } from '../lab/persistence/persistence.js';
import { firstVisits, seePersistence } from '../lab/persistence/persistence.js';
import { persistenceSections } from '../lab/persistence/sections.js';
import { PERSISTENCE_STEPS } from '../lab/persistence/steps.js';
import type { Tortured } from '../lab/persistence/torture.js';
import { torture } from '../lab/persistence/torture.js';
import { visitorAddressLines, WAY_NAMES } from '../lab/persistence/visitor.js';
import { raiseLab, removeLab } from '../lab/raise.js';
import { untilRedundant } from '../lab/readiness.js';
import type { LabSettings } from '../lab/settings.js';
import { defaultSettings } from '../lab/settings.js';
import { LAN_INTERFACE, namespaceOf, parseLabName } from '../lab/topology.js';
import type { LabPersistenceAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import type { MigratePorts } from './migrate.js';
import type { Telling } from './pair-lab.js';
import { roundText, tortureText } from './persistence-torture.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export interface PersistenceRequest extends LabPersistenceAsked {
  /** Makes the labs' names this run's own. */
  readonly pid: number;
}

type Replicator = Exclude<LabSettings['replicate'], 'none'>;

export async function labPersistence(
  asked: PersistenceRequest,
  ports: MigratePorts,
): Promise<ExitCode> {
  const interval = parseDuration(asked.adverts);
  if (!interval.ok) {
    complain(`vipair lab persistence: --adverts ${asked.adverts}: ${interval.error}`);
    return EXIT.usage;
  }
  const tell = asked.form === 'text' ? print : complain;
  const advertInterval = millisToCentis(interval.value);
  const within: Within = { advertInterval, pid: asked.pid, telling: { ports, tell } };
  return asked.torture === undefined
    ? lookedAt(asked, within)
    : tortured({ ...asked, torture: asked.torture }, within);
}

interface Within {
  readonly advertInterval: Centis;
  readonly pid: number;
  readonly telling: Telling;
}

async function lookedAt({ only, form }: PersistenceRequest, within: Within): Promise<ExitCode> {
  const seen: PersistenceSeen[] = [];
  for (const replicate of only === undefined ? REPLICATORS : [only]) {
    const steps = await inLab(replicate, within, (lab) => all(lab, within.telling));
    if (!steps.ok) {
      return reportLabFailure(steps.error);
    }
    seen.push(...steps.value);
  }
  if (form === 'json') {
    printJson({ advertInterval: centisToMillis(within.advertInterval), steps: seen });
  } else {
    print(`\n${report(seen)}\n`);
  }
  const ours = seen.filter(({ replicate }) => replicate === 'vipair');
  const isWhole = ours.length === PERSISTENCE_STEPS.length;
  return isWhole && ours.every(({ verdict }) => verdict === 'as expected') ? EXIT.ok : EXIT.failed;
}

/** One line a round: what it was, and what came of it. */
async function tortured(
  {
    only = 'vipair',
    form,
    torture: asked,
  }: PersistenceRequest & { readonly torture: NonNullable<PersistenceRequest['torture']> },
  within: Within,
): Promise<ExitCode> {
  const { ports, tell } = within.telling;
  const seen = await inLab(only, within, async (lab) => {
    const redundant = await untilRedundant(lab, ports.clock, SETTLES_WITHIN);
    const told = (round: Tortured): void => {
      tell(roundText(round));
    };
    return redundant.ok ? torture(lab, asked, { ports, tell: told }) : redundant;
  });
  if (!seen.ok) {
    return reportLabFailure(seen.error);
  }
  const bad = seen.value.filter(({ verdict }) => verdict === 'not as expected');
  if (form === 'json') {
    printJson({ seed: asked.seed, rounds: seen.value });
  } else {
    print(`\n${tortureText(seen.value)}\n`);
  }
  return bad.length === 0 && seen.value.length === asked.rounds ? EXIT.ok : EXIT.failed;
}

const REPLICATORS: readonly Replicator[] = ['vipair', 'haproxy'];

/** Ends after the step that runs when the operator has had enough. */
async function all(
  lab: Lab,
  { ports, tell }: Telling,
): Promise<Result<readonly PersistenceSeen[], LabFailure>> {
  const { clock } = ports;
  const redundant = await untilRedundant(lab, clock, SETTLES_WITHIN);
  const visited = redundant.ok ? await firstVisits(lab, clock) : redundant;
  if (!visited.ok) {
    return visited;
  }
  const seen: PersistenceSeen[] = [];
  for (const step of PERSISTENCE_STEPS) {
    if (ports.signal.aborted) {
      break;
    }
    tell(`- ${TITLES[lab.settings.replicate]}: ${step.name}: ${step.story}`);
    const outcome = await seePersistence(step, lab, ports);
    if (!outcome.ok) {
      return outcome;
    }
    seen.push(outcome.value);
  }
  return ok(seen);
}

async function inLab<T>(
  replicate: Replicator,
  { advertInterval, pid, telling: { ports, tell } }: Within,
  act: (lab: Lab) => Promise<Result<T, LabFailure>>,
): Promise<Result<T, LabFailure>> {
  const settings = { ...settingsOf(replicate, pid), advertInterval };
  tell(`Building a lab: a pair whose stick tables ${TITLES[settings.replicate]} replicates.`);
  const raised = await raiseLab(settings, ports);
  if (!raised.ok) {
    return raised;
  }
  try {
    const client = namespaceOf(settings.name, 'client');
    const lines = visitorAddressLines(LAN_INTERFACE);
    const addressed = await ipBatch(ports.processes, lines, ['-n', client]);
    return addressed.ok ? await act(raised.value) : addressed;
  } finally {
    const removed = await removeLab(settings.name, ports);
    tell(removed.ok ? 'Nothing of the lab is left.' : `Not all gone: ${removed.error.detail}`);
  }
}

function settingsOf(replicate: Replicator, pid: number): LabSettings {
  const name = parseLabName(`persist-${replicate.slice(0, 1)}-${String(pid)}`);
  invariant(name.ok, 'the labs of this command are named well');
  return {
    ...defaultSettings(name.value),
    pairChannel: 'open',
    replicate,
    furtherHaproxy: persistenceSections(),
  };
}

function report(seen: readonly PersistenceSeen[]): string {
  const head = ['AFTER', 'REPLICATED BY', 'OWNER', ...WAY_NAMES.map((way) => way.toUpperCase())];
  const table = renderTable(
    [...head, 'COUNTERS', 'RATES', 'EXPIRIES', 'NOT ARRIVED', 'ALIKE ms', ''],
    PERSISTENCE_STEPS.flatMap(({ name }) =>
      seen
        .filter(({ step }) => step === name)
        .map((each) => [
          ...[each.step, TITLES[each.replicate], each.owner],
          ...WAY_NAMES.map((way) => share(each.ways[way])),
          ...[share(each.counters), share(each.rates)],
          each.expiries === undefined ? '–' : share(each.expiries),
          ...[String(each.unknown), each.alikeAfterMs?.toFixed(0) ?? '–', each.verdict],
        ]),
    ),
  );
  const problems = seen.flatMap(({ step, replicate, problem }) =>
    problem === undefined ? [] : [`${step}, ${TITLES[replicate]}: ${problem}`],
  );
  return [
    table,
    '',
    ...problems,
    'source, cookie, header: visitors known by it whose row had arrived, and who met the same server ever after.',
    'counters, rates: rows that say no less than before and every visit since. expiries: rows within a second of the',
    "other node's. not arrived: visitors whose row was on its way when the power was lost. alike: until both nodes had",
    'the same rows, the restart of what was killed included.',
  ].join('\n');
}

function share({ of, held }: Share): string {
  return `${String(held)} of ${String(of)}`;
}

const TITLES: Readonly<Record<LabSettings['replicate'], string>> = {
  none: 'nobody',
  haproxy: 'HAProxy',
  vipair: 'vipair',
};
const SETTLES_WITHIN = millis(30_000);
