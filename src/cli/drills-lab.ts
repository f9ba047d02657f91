/** `vipair lab drills`: the whole catalogue on a pair of real daemons and real HAProxies, and whether the machine is as before. */
import type { Centis } from '../base/time.js';
import { millisToCentis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { parseDuration } from '../config/duration.js';
import { DRILL_NAMES, DRILLS } from '../core/drill-catalogue.js';
import { isDrill, unknownDrill } from '../core/drill-plan.js';
import { drillSettings } from '../lab/drills/drill-lab.js';
import type { DrillSeen } from '../lab/drills/one-drill.js';
import type { RoundsSeen } from '../lab/drills/rounds.js';
import { runRounds } from '../lab/drills/rounds.js';
import { parseLabName } from '../lab/topology.js';
import type { Clock } from '../ports/clock.js';
import type { LabDrillsAsked } from './commands.js';
import { writeForms } from './drill/report-forms.js';
import { labInterrupt, labSabotage } from './drills-sabotage.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import type { MigratePorts } from './migrate.js';
import { bad, good } from './paint.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export async function labDrills(
  asked: LabDrillsAsked & { readonly pid: number },
  ports: MigratePorts & { readonly main: string },
): Promise<ExitCode> {
  const interval = parseDuration(asked.adverts);
  const unknown = asked.only.filter((each) => !isDrill(each));
  const mistakes = [
    ...(interval.ok ? [] : [`--adverts ${asked.adverts}: ${interval.error}`]),
    ...unknown.map(unknownDrill),
    ...(Number.isInteger(asked.rounds) && asked.rounds >= 1 && asked.rounds <= MOST_ROUNDS
      ? []
      : [`--rounds ${String(asked.rounds)}: expected 1 to ${String(MOST_ROUNDS)}`]),
    ...(Number.isInteger(asked.count) && asked.count >= 1 && asked.count <= MOST_INTERRUPTIONS
      ? []
      : [`--count ${String(asked.count)}: expected 1 to ${String(MOST_INTERRUPTIONS)}`]),
  ];
  if (!interval.ok || mistakes.length > 0) {
    mistakes.forEach((each) => {
      complain(`vipair lab drills: ${each}`);
    });
    return EXIT.usage;
  }
  const { pid, form } = asked;
  const trick = { interval: millisToCentis(interval.value), pid, form };
  if (asked.trick === 'sabotage') {
    return labSabotage(trick, ports);
  }
  if (asked.trick === 'interrupt') {
    return labInterrupt({ ...trick, count: asked.count, seed: asked.seed }, ports);
  }
  return wholeCatalogue(asked, trick.interval, ports);
}

async function wholeCatalogue(
  asked: LabDrillsAsked & { readonly pid: number },
  interval: Centis,
  ports: MigratePorts,
): Promise<ExitCode> {
  const tell = asked.form === 'text' ? print : complain;
  const name = parseLabName(`drills-${String(asked.pid)}`);
  invariant(name.ok, 'the lab of this command is named well');
  const drills = asked.only.length > 0 ? asked.only : LIVE;
  tell(
    'Building a lab: a pair with a channel, stick tables, disks of their own, a service manager, and a client.',
  );
  const seen = await runRounds(
    {
      settings: drillSettings(name.value, interval),
      drills,
      rounds: asked.rounds,
    },
    {
      ...ports,
      tell: (one, round) => {
        tell(
          `- round ${String(round)}: ${one.drill}: ${one.verdict}${one.why.map((each) => `\n    ${each}`).join('')}`,
        );
      },
    },
  );
  if (!seen.ok) {
    return reportLabFailure(seen.error);
  }
  if (asked.form === 'json') {
    printJson(seen.value);
  } else {
    print(`\n${inWords(seen.value)}\n`);
  }
  const written = writePage(seen.value, asked, ports.clock);
  const all = seen.value.rounds.flatMap((round) => round.drills);
  const whole = all.length === drills.length * asked.rounds;
  const passed = all.every(({ verdict }) => verdict === 'passed');
  return whole && passed && written && seen.value.left.length === 0 ? EXIT.ok : EXIT.failed;
}

/** False where it was asked for, and could not be written. */
function writePage(
  { rounds }: RoundsSeen,
  { html }: LabDrillsAsked,
  clock: Pick<Clock, 'wallTime'>,
): boolean {
  if (html === undefined) {
    return true;
  }
  const reports = (rounds.at(-1)?.drills ?? []).flatMap(({ report }) =>
    report === undefined ? [] : [report],
  );
  const forms = { html, junit: undefined, title: 'Drills on a pair in a lab' };
  const written = writeForms(reports, forms, clock.wallTime());
  if (!written.ok) {
    written.error.forEach(complain);
  }
  return written.ok;
}

function inWords({ rounds, left }: RoundsSeen): string {
  return [
    ...rounds.map(({ number, drills }) =>
      [
        `round ${String(number)}`,
        renderTable(
          ['DRILL', 'VERDICT', 'GAP MS', 'FAILED', 'OF', 'BROKEN', 'DUAL MS', 'NONE MS', 'MOVES'],
          [...drills.map(rowOf), ...simulated()],
        ),
      ].join('\n'),
    ),
    left.length === 0
      ? 'The machine is as it was: no namespace, mount, interface, rule, file or process is left.'
      : `Left on the machine:\n${left.map((each) => `  ${each}`).join('\n')}`,
    [
      'gap: from the first failed request to the next that was answered. broken: of the long-lived streams. dual, none: how long',
      'two nodes answered ARP, and no node; the prober asks every 2 ms.',
    ].join('\n'),
  ].join('\n\n');
}

function rowOf({ drill, verdict, report }: DrillSeen): readonly string[] {
  const shown = verdict === 'passed' ? good(verdict) : bad(verdict);
  if (report === undefined) {
    return [drill, shown, ...Array<string>(7).fill('–')];
  }
  const { gapMs, failed, requests, streamsBroken, twoOwnersMs, noOwnerMs, moves } = report.figures;
  return [
    ...[drill, shown],
    ...[gapMs, failed, requests, streamsBroken, twoOwnersMs, noOwnerMs, moves].map((each) =>
      each === undefined ? '–' : String(each),
    ),
  ];
}

function simulated(): readonly (readonly string[])[] {
  return DRILL_NAMES.filter((name) => DRILLS[name].where === 'simulator').map((name) => [
    name,
    'simulator only',
    ...Array<string>(7).fill('–'),
  ]);
}

/** All that can be done to a live pair. */
const LIVE = DRILL_NAMES.filter((name) => DRILLS[name].where === 'live');
const MOST_ROUNDS = 20;
const MOST_INTERRUPTIONS = 1000;
