/** `npm run bench -- failover|switchover|idle|tables|drills|flows|forward`: figures on standard output, progress on standard error. */
import { complain, print, printJson } from '../../src/cli/terminal.js';
import { environment, environmentLine } from './environment.js';
import { measureDrills } from './drills.js';
import { DRILLS_LEGEND, drillsRows, drillsTable, stallNote } from './drills-report.js';
import { measureFailover } from './failover.js';
import { FAILOVER_LEGEND, failoverTable, rowsOf } from './failover-report.js';
import { measureFlows } from './flows.js';
import { FLOWS_LEGEND, flowsRows, flowsTable } from './flows-report.js';
import { measureForward } from './forward.js';
import { FORWARD_LEGEND, forwardRows, forwardTable } from './forward-report.js';
import { measureIdle } from './idle.js';
import { IDLE_LEGEND, idleRows, idleTable } from './idle-report.js';
import { Labs } from './labs.js';
import { measureSteadiness } from './steadiness.js';
import { STEADINESS_LEGEND, steadinessRows, steadinessTable } from './steadiness-report.js';
import { measureSwitchover } from './switchover.js';
import { SWITCHOVER_LEGEND, switchoverRows, switchoverTable } from './switchover-report.js';
import { measureTables } from './tables.js';
import { TABLES_LEGEND, tablesRows, tablesTable } from './tables-report.js';
import type { Options } from './options.js';
import { USAGE, readOptions } from './options.js';
import type { Verdict } from './failover-report.js';

interface Report {
  readonly rows: readonly { readonly verdict: Verdict | undefined }[];
  readonly text: string;
}

const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

const beganAt = performance.now();

function progress(line: string): void {
  const elapsed = ((performance.now() - beganAt) / 1_000).toFixed(0).padStart(4);
  complain(`${elapsed} s  ${line}`);
}

async function measure(options: Options, labs: Labs): Promise<Report> {
  const { bench, scenarios, steadiness, tables, drills, flows, forward } = options;
  if (bench === 'idle') {
    const rows = idleRows(await measureIdle(labs, progress));
    return { rows, text: `${idleTable(rows)}\n\n${IDLE_LEGEND}` };
  }
  if (bench === 'tables') {
    const rows = tablesRows(await measureTables(tables, labs, progress));
    return { rows, text: `${tablesTable(rows)}\n\n${TABLES_LEGEND}` };
  }
  if (bench === 'drills') {
    const rows = drillsRows(await measureDrills(drills, labs, progress));
    return { rows, text: `${drillsTable(rows)}\n\n${DRILLS_LEGEND}${stallNote(rows)}` };
  }
  if (bench === 'flows') {
    const rows = flowsRows(await measureFlows(flows, labs, progress));
    return { rows, text: `${flowsTable(rows)}\n\n${FLOWS_LEGEND}` };
  }
  if (bench === 'forward') {
    const rows = forwardRows(await measureForward(forward, labs, progress));
    return { rows, text: `${forwardTable(rows)}\n\n${FORWARD_LEGEND}` };
  }
  if (bench === 'switchover') {
    const rows = switchoverRows(await measureSwitchover(labs, progress));
    return { rows, text: `${switchoverTable(rows)}\n\n${SWITCHOVER_LEGEND}` };
  }
  const rows = rowsOf(await measureFailover(scenarios, labs, progress));
  const steady =
    steadiness === 'measured' ? steadinessRows(await measureSteadiness(labs, progress)) : [];
  const texts = [
    ...(rows.length === 0 ? [] : [failoverTable(rows), FAILOVER_LEGEND]),
    ...(steady.length === 0 ? [] : [steadinessTable(steady), STEADINESS_LEGEND]),
  ];
  return { rows: [...rows, ...steady], text: texts.join('\n\n') };
}

async function run(options: Options, labs: Labs): Promise<number> {
  const measuredOn = await environment(labs.ports.processes);
  progress(environmentLine(measuredOn));
  const { rows, text } = await measure(options, labs);
  if (options.form === 'json') {
    printJson({ bench: options.bench, environment: measuredOn, rows });
  } else {
    print(`${environmentLine(measuredOn)}\n\n${text}`);
  }
  const missed = rows.some(({ verdict }) => verdict?.met === false);
  const isStrict = options.judging === 'strict' || options.bench === 'drills';
  return missed && isStrict ? EXIT.failed : EXIT.ok;
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (!options.ok) {
    complain(`bench: ${options.error.detail}\n${USAGE}`);
    return EXIT.usage;
  }
  const labs = new Labs(options.value.program);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      progress('interrupted: removing the labs');
      void labs.removeAll().finally(() => process.exit(EXIT.interrupted));
    });
  }
  try {
    return await run(options.value, labs);
  } catch (error) {
    complain(`bench: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.failed;
  } finally {
    await labs.removeAll();
  }
}

// The machine's clock alone keeps no process running.
const running = setInterval(() => undefined, 2 ** 30);
process.exitCode = await main();
clearInterval(running);
process.exit();
