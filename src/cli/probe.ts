/** `vipair probe` and the lab's other programs: they measure until told to end. */
import { familyOf, parseIp } from '../base/ip.js';
import { parseDuration } from '../config/duration.js';
import { probeToFile, watchToFile } from '../lab/measure.js';
import { holdToFile } from '../lab/hitless/holding.js';
import { visitToFile } from '../lab/persistence/visiting.js';
import { summarize } from '../prober/gaps.js';
import { runProbe } from '../prober/run-probe.js';
import { runWebServer } from '../lab/web-server.js';
import type { Clock } from '../ports/clock.js';
import type { Neighbours } from '../ports/neighbours.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import type { LabHoldAsked, LabVisitAsked, LabWatchAsked, ProbeAsked } from './commands.js';
import { authoritiesOfThisMachine, probeOptions, readTarget } from './probe-options.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export interface MeasuringPorts {
  readonly clock: Clock;
  /** Aborted when the program is asked to end. */
  readonly signal: AbortSignal;
}

export async function probe(asked: ProbeAsked, ports: MeasuringPorts): Promise<ExitCode> {
  const options = probeOptions(asked, authoritiesOfThisMachine());
  if (!options.ok) {
    options.error.forEach((each) => {
      complain(`vipair probe: ${each}`);
    });
    return EXIT.usage;
  }
  if (asked.out !== undefined) {
    await probeToFile(options.value, asked.out, ports);
    return EXIT.ok;
  }
  const summary = summarize(await runProbe(options.value, ports));
  if (asked.form === 'json') {
    printJson(summary);
  } else {
    const figures: Readonly<Record<string, number>> = { ...summary };
    const rows = Object.entries(figures).map(([name, value]) => [
      name.replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`),
      NAMES_OF_DURATIONS.has(name) ? `${value.toFixed(1)} ms` : String(value),
    ]);
    print(renderTable([`probes of ${asked.target}`, ''], rows));
  }
  return summary.failed === 0 ? EXIT.ok : EXIT.failed;
}

export async function labWatch(
  asked: LabWatchAsked,
  ports: MeasuringPorts & { readonly neighbours: Neighbours },
): Promise<ExitCode> {
  const every = parseDuration(asked.every);
  const lasting = parseDuration(asked.for);
  const target = parseIp(asked.target);
  const sender = parseIp(asked.sender);
  if (!every.ok || !lasting.ok || !target.ok || !sender.ok) {
    complain('vipair lab-watch: expected durations and addresses');
    return EXIT.usage;
  }
  if (familyOf(target.value) !== familyOf(sender.value)) {
    complain('vipair lab-watch: expected two addresses of one family');
    return EXIT.usage;
  }
  const question = { interface: asked.interface, target: target.value, sender: sender.value };
  const watched = await watchToFile(
    { question, every: every.value, lasting: lasting.value },
    asked.out,
    ports,
  );
  if (!watched.ok) {
    complain(`vipair lab-watch: ${watched.error.detail}`);
  }
  return watched.ok ? EXIT.ok : EXIT.failed;
}

export async function labVisit(asked: LabVisitAsked, ports: MeasuringPorts): Promise<ExitCode> {
  const parsed = asked.targets.split(',').map(parseIp);
  const [target, ...others] = parsed.flatMap((each) => (each.ok ? [each.value] : []));
  const every = parseDuration(asked.every);
  const newcomerEvery = parseDuration(asked.newcomerEvery);
  const lasting = parseDuration(asked.for);
  if (target === undefined || !every.ok || !newcomerEvery.ok || !lasting.ok) {
    complain('vipair lab-visit: expected addresses and durations');
    return EXIT.usage;
  }
  const { regulars, newcomers, out } = asked;
  await visitToFile(
    {
      ...{ targets: [target, ...others], regulars, newcomers },
      ...{ every: every.value, newcomerEvery: newcomerEvery.value, lasting: lasting.value },
    },
    out,
    ports,
  );
  return EXIT.ok;
}

export async function labHold(asked: LabHoldAsked, ports: MeasuringPorts): Promise<ExitCode> {
  const targets = asked.targets
    .split(',')
    .map(parseIp)
    .flatMap((each) => (each.ok ? [each.value] : []));
  const { each, out } = asked;
  if (targets.length === 0 || !(each >= 1 && each <= MOST_HELD)) {
    complain(`vipair lab-hold: expected addresses, and 1 to ${String(MOST_HELD)} of each kind`);
    return EXIT.usage;
  }
  await holdToFile({ targets, each }, out, ports);
  return EXIT.ok;
}

const MOST_HELD = 1000;

export async function labWeb(
  { name, listen }: { readonly name: string; readonly listen: string },
  { clock, signal }: MeasuringPorts,
): Promise<ExitCode> {
  const target = readTarget(listen);
  if (!target.ok) {
    complain(`vipair lab-web: --listen ${target.error}`);
    return EXIT.usage;
  }
  const server = await runWebServer({ name, ...target.value }, clock);
  if (!server.ok) {
    complain(`vipair lab-web: ${server.error.detail}`);
    return EXIT.failed;
  }
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
  await server.value.stop();
  return EXIT.ok;
}

const NAMES_OF_DURATIONS = new Set(['longestGap', 'longestSilence', 'slowestAnswer']);
