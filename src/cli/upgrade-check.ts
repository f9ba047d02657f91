/** `vipair upgrade-check`: run with the new version, says whether the daemon can be restarted as it without moving anything. */
import { askPair } from '../api/client.js';
import type { Config } from '../config/config.js';
import { lintPriorities } from '../config/lint-priorities.js';
import { formatStatement } from '../config/lint-priorities.js';
import { formatProblem } from '../config/problem.js';
import type { Clock } from '../ports/clock.js';
import type { UpgradeFacts } from '../operator/upgrade-check.js';
import { checkUpgrade } from '../operator/upgrade-check.js';
import type { UpgradeLine } from '../operator/upgrade-line.js';
import { reportFailure, socketOf } from './asking.js';
import type { Asked } from './commands.js';
import { readConfig } from './configuration.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, doubtful, good } from './paint.js';
import { print, printJson } from './terminal.js';

/** `protocol`: of the pair channel, that this program speaks. */
export type Gathered = Pick<UpgradeFacts, 'startedInMs' | 'unit' | 'files'> &
  Pick<UpgradeFacts['program'], 'protocol'>;

export interface UpgradeHost {
  readonly version: string;
  /** From the start of this process until it could ask. */
  readonly bootMs: number;
  readonly clock: Pick<Clock, 'wallTime'>;
  /** What is known of this machine. */
  readonly gather: (subject: {
    readonly config: Config | undefined;
    readonly socket: string;
    readonly pid: number;
  }) => Promise<Gathered>;
}

/** Exit code 1 where something would move or break, 3 where this program refuses the configuration. */
export async function upgradeCheck(
  asked: Asked,
  { version, bootMs, clock, gather }: UpgradeHost,
): Promise<ExitCode> {
  const socket = socketOf(asked);
  const answer = await askPair(socket);
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  const report = answer.value;
  const now = clock.wallTime();
  const read = readConfig(asked.config);
  const config = read.ok ? read.value : undefined;
  const problems = read.ok ? contradictions(read.value) : read.error.map(formatProblem);
  const { protocol, ...gathered } = await gather({ config, socket, pid: report.pid });
  const lines = checkUpgrade({
    program: { version, protocol, bootMs },
    ...{ report, now, problems, proxyRun: config?.proxy?.run },
    ...gathered,
  });
  const isReady = lines.every(({ verdict }) => verdict !== 'no');
  if (asked.form === 'json') {
    printJson({
      node: report.node,
      program: version,
      daemon: report.version,
      ready: isReady,
      lines,
    });
  } else {
    print(renderUpgrade(lines, report.node));
  }
  if (problems.length > 0) {
    return EXIT.configuration;
  }
  return isReady ? EXIT.ok : EXIT.failed;
}

function contradictions(config: Config): readonly string[] {
  return lintPriorities(config)
    .filter(({ severity }) => severity === 'error')
    .map(formatStatement);
}

/** The whole page. */
export function renderUpgrade(lines: readonly UpgradeLine[], node: string): string {
  const against = lines.filter(({ verdict }) => verdict === 'no').length;
  const doubts = lines.filter(({ verdict }) => verdict === 'warn').length;
  const looked = doubts === 0 ? '' : `; look at ${String(doubts)} more first`;
  return [
    ...lines.flatMap(({ about, verdict, says, todo }) => [
      `${PAINTED[verdict]} ${about}: ${says}`,
      ...(todo === undefined ? [] : [`       → ${todo}`]),
    ]),
    '',
    against === 0
      ? `${node} can be upgraded by a restart of its daemon that hands over; nothing moves${looked}`
      : `${node} ${bad('cannot')} be upgraded now without moving or breaking something: ${String(against)} against it${looked}`,
  ].join('\n');
}

const PAINTED: Readonly<Record<UpgradeLine['verdict'], string>> = {
  ok: `  ${good('ok')}  `,
  warn: `  ${doubtful('warn')}`,
  no: `  ${bad('no')}  `,
};
