/** `vipair doctor`: looks at this node and its network, and says what is wrong, the root cause first. */
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { longer, millis, scale, shorter } from '../base/time.js';
import { centisToMillis } from '../base/time.js';
import type { Config } from '../config/config.js';
import { parseDuration } from '../config/duration.js';
import { formatProblem } from '../config/problem.js';
import type { Finding } from '../doctor/finding.js';
import { firstProblem } from '../doctor/finding.js';
import type { DoctorAsked } from './commands.js';
import { readConfig } from './configuration.js';
import type { Identity } from './daemon.js';
import { nodeName } from './daemon.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, doubtful, good, strong } from './paint.js';
import { complain, print, printJson } from './terminal.js';

/** The machine's side of the doctor. */
export interface DoctorHost extends Identity {
  /** Fails with why it cannot look. */
  examine(
    config: Config,
    node: string,
    listenFor: Millis,
  ): Promise<Result<readonly Finding[], string>>;
}

const LEAST = millis(3_000);
const MOST = millis(60_000);
/** A router that is heard in none of so many intervals does not speak. */
const INTERVALS = 4;

export async function doctor(asked: DoctorAsked, host: DoctorHost): Promise<ExitCode> {
  const read = readConfig(asked.config);
  if (!read.ok) {
    for (const problem of read.error) {
      complain(formatProblem(problem));
    }
    return EXIT.configuration;
  }
  const listenFor = listeningTime(read.value, asked.listen);
  if (listenFor === undefined) {
    complain(
      `vipair doctor: --listen ${asked.listen ?? ''}: expected a duration from 1s to 60s, such as 5s`,
    );
    return EXIT.usage;
  }
  const node = nodeName(read.value, asked.node, { ...host, command: 'doctor' });
  if (node === undefined) {
    return EXIT.cannotStart;
  }
  if (asked.form === 'text') {
    complain(`listening for ${String(listenFor / 1_000)} s as ${node}, and asking the link …`);
  }
  const examined = await host.examine(read.value, node, listenFor);
  if (!examined.ok) {
    complain(`vipair doctor: ${examined.error}`);
    return EXIT.cannotStart;
  }
  const findings = examined.value;
  const first = firstProblem(findings);
  if (asked.form === 'json') {
    printJson({ node, listenedForMs: listenFor, first, findings });
  } else {
    print(renderFindings(node, findings));
  }
  return first === undefined ? EXIT.ok : EXIT.unwell;
}

/** Undefined where what was asked for is no duration, or not within bounds. */
function listeningTime({ groups }: Config, asked: string | undefined): Millis | undefined {
  if (asked !== undefined) {
    const parsed = parseDuration(asked);
    return parsed.ok && parsed.value >= 1_000 && parsed.value <= MOST ? parsed.value : undefined;
  }
  const intervals = groups.map((each) => centisToMillis(each.advertInterval));
  const slowest = intervals.reduce(longer, millis(0));
  return shorter(longer(LEAST, scale(slowest, INTERVALS)), MOST);
}

const MARKS = {
  well: good('well   '),
  note: doubtful('note   '),
  problem: bad('problem'),
} as const;

/** The first problem on top, then every finding in the order in which one hides the next. */
export function renderFindings(node: string, findings: readonly Finding[]): string {
  const first = firstProblem(findings);
  const head =
    first === undefined
      ? `${strong(node)}: nothing is wrong that can be seen from here.`
      : `${strong(node)}: ${first.sentence}${remedyOf(first)}`;
  return [head, '', ...findings.map(line)].join('\n');
}

function line(finding: Finding): string {
  const { severity, check, about, sentence } = finding;
  return `${MARKS[severity]}  ${check} (${about}): ${sentence}${remedyOf(finding)}`;
}

function remedyOf({ remedy }: Finding): string {
  return remedy === undefined ? '' : `\n         → ${remedy}`;
}
