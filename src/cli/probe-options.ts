/** What was typed behind `vipair probe`, as options of a probing; everything that is wrong is said at once. */
import { existsSync, readFileSync } from 'node:fs';
import type { Ip } from '../base/ip.js';
import { parseIp } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { formatDuration, parseDuration } from '../config/duration.js';
import { TCP_HOLD } from '../prober/probe-connection.js';
import type { ProbeManner, ProbeOptions } from '../prober/sample.js';
import { MAX_STREAMS } from '../prober/stream-watch.js';
import type { ProbeAsked } from './commands.js';

/** How often, how long and how patiently: what makes sense of each. */
const BOUNDS = {
  every: { least: millis(1), most: millis(60_000) },
  for: { least: millis(1), most: millis(86_400_000) },
  deadline: { least: millis(1), most: millis(60_000) },
  stall: { least: millis(100), most: millis(600_000) },
} as const;

/** Of a request's path. */
const MAX_PATH = 2_048;
/** Of a name in DNS (RFC 1035 §2.3.4). */
const MAX_NAME = 253;

export type ProbeQuestion = Pick<
  ProbeAsked,
  | 'target'
  | 'every'
  | 'for'
  | 'streams'
  | 'deadline'
  | 'stall'
  | 'over'
  | 'path'
  | 'expect'
  | 'serverName'
  | 'certificates'
  | 'mode'
  | 'watch'
  | 'out'
>;

/** Fails with one sentence for each thing that is wrong. */
export function probeOptions(
  asked: ProbeQuestion,
  authorities: readonly string[] | undefined,
): Result<ProbeOptions, readonly string[]> {
  const target = readTarget(asked.target);
  const manner = readManner(asked, authorities);
  const every = duration('every', asked.every);
  const lasting = duration('for', asked.for);
  const deadline = duration('deadline', asked.deadline);
  const streamStall = duration('stall', asked.stall);
  const contradictions = contradictionsOf(asked, deadline.ok ? deadline.value : undefined);
  if (!target.ok || !every.ok || !lasting.ok || !deadline.ok || !streamStall.ok || !manner.ok) {
    const wrong = [
      target.ok ? [] : [`--target: ${target.error}`],
      ...[every, lasting, deadline, streamStall].map((each) => (each.ok ? [] : [each.error])),
      manner.ok ? [] : manner.error,
    ];
    return fail([...wrong.flat(), ...contradictions]);
  }
  if (contradictions.length > 0) {
    return fail(contradictions);
  }
  return ok({
    target: target.value,
    manner: manner.value,
    every: every.value,
    lasting: lasting.value,
    streams: asked.streams,
    deadline: deadline.value,
    streamStall: streamStall.value,
  });
}

/** `10.77.0.100:80` or `[fd77::100]:80`. */
export function readTarget(
  text: string,
): Result<{ readonly host: Ip; readonly port: number }, string> {
  // An IPv6 address has colons of its own, and is written in brackets (RFC 3986 §3.2.2).
  const found = /^(?:\[(?<ipv6>[^\]]+)\]|(?<ipv4>[^:]+)):(?<port>\d{1,5})$/u.exec(text)?.groups;
  const address = parseIp(found?.['ipv6'] ?? found?.['ipv4'] ?? '');
  const port = Number(found?.['port']);
  return address.ok && port >= 1 && port <= 65_535
    ? ok({ host: address.value, port })
    : fail(`found ${text}, expected ADDRESS:PORT such as 10.77.0.100:80 or [fd77::100]:80`);
}

/** Those whom this machine's administrator trusts; undefined where there is no such file, and Node's own count. */
export function authoritiesOfThisMachine(): readonly string[] | undefined {
  const file = AUTHORITIES.find((each) => existsSync(each));
  return file === undefined ? undefined : [readFileSync(file, 'utf8')];
}

/** Of Debian and its kin, and of Red Hat's. */
const AUTHORITIES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
] as const;

/** What can only be seen from two options at once. */
function contradictionsOf(asked: ProbeQuestion, deadline: Millis | undefined): readonly string[] {
  return [...wrongStreams(asked), ...wrongOver(asked, deadline), ...wrongMode(asked)];
}

function wrongStreams({ streams, over }: ProbeQuestion): readonly string[] {
  if (!Number.isInteger(streams) || streams < 0 || streams > MAX_STREAMS) {
    return [`--streams: found ${String(streams)}, expected 0 to ${String(MAX_STREAMS)}`];
  }
  return streams > 0 && over !== 'http'
    ? [`--streams: long-lived streams are kept over http alone, not over ${over}`]
    : [];
}

function wrongOver(
  { over, certificates, serverName }: ProbeQuestion,
  deadline: Millis | undefined,
): readonly string[] {
  const hold = formatDuration(TCP_HOLD);
  return [
    ...(over === 'tcp' && deadline !== undefined && deadline <= TCP_HOLD
      ? [
          `--deadline: over tcp a connection has to stay open for ${hold}, so expected more than that`,
        ]
      : []),
    ...(over !== 'https' && certificates === 'any'
      ? [`--insecure: over ${over} there are no certificates`]
      : []),
    ...(over === 'tcp' && serverName !== undefined
      ? ['--server-name: over tcp no name is asked for']
      : []),
  ];
}

function wrongMode({ mode, out, watch }: ProbeQuestion): readonly string[] {
  return [
    ...(mode === 'attached' && out !== undefined
      ? ['--out: what is measured attached is told on standard output']
      : []),
    ...(mode === 'alone' && watch !== undefined
      ? ['--watch: who answers is watched by a prober that is --attached']
      : []),
  ];
}

function readManner(
  { over, path, expect, serverName, certificates }: ProbeQuestion,
  authorities: readonly string[] | undefined,
): Result<ProbeManner, readonly string[]> {
  const wrong = [
    ...(/^\/[!-~]*$/u.test(path) && path.length <= MAX_PATH
      ? []
      : [
          `--path: found ${JSON.stringify(path)}, expected / and at most ${String(MAX_PATH)} characters without blanks`,
        ]),
    ...(Number.isInteger(expect) && expect >= 100 && expect <= 599
      ? []
      : [`--expect: found ${String(expect)}, expected an HTTP status, 100 to 599`]),
    ...(serverName === undefined || isName(serverName)
      ? []
      : [
          `--server-name: found ${JSON.stringify(serverName)}, expected a name such as www.example`,
        ]),
  ];
  if (wrong.length > 0) {
    return fail(wrong);
  }
  const question = { path, expect, serverName };
  switch (over) {
    case 'tcp':
      return ok({ over });
    case 'http':
      return ok({ over, ...question });
    case 'https':
      return ok({ over, ...question, certificates, authorities });
    default:
      return unreachable(over);
  }
}

/** TLS asks for names alone: an address is no server name (RFC 6066 §3). */
function isName(text: string): boolean {
  const labels = text.split('.');
  return (
    text.length <= MAX_NAME &&
    !parseIp(text).ok &&
    labels.every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/iu.test(label))
  );
}

function duration(name: keyof typeof BOUNDS, text: string): Result<Millis, string> {
  const { least, most } = BOUNDS[name];
  const parsed = parseDuration(text);
  if (!parsed.ok) {
    return fail(`--${name}: found ${text}, expected ${parsed.error}`);
  }
  return parsed.value >= least && parsed.value <= most
    ? parsed
    : fail(
        `--${name}: found ${text}, expected ${formatDuration(least)} to ${formatDuration(most)}`,
      );
}
