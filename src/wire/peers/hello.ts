/** How a session of the peers protocol begins: three lines of the side that dials, and one line in answer. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';
import type { PeersViolation } from './payload.js';
import { oneByteText } from './payload.js';

export interface PeersHello {
  /** Of protocol 2. Without the first there are no timed updates and no heartbeats. */
  readonly minor: 0 | 1;
  /** The name of the side that is called, as the caller knows it. */
  readonly called: string;
  readonly caller: string;
  /** The caller's process: another one tells a restart from a connection that broke. */
  readonly pid: number;
}

/** The answer to a hello. After any but 200 HAProxy does not dial again, so that closing says more than refusing. */
export type PeersStatus = (typeof STATUSES)[number];

/** What stood at the beginning of a stream; messages may follow in the same piece. */
export interface Greeted<T> {
  readonly greeting: T;
  /** Where the messages begin. */
  readonly end: number;
}

/** Of one line, its end apart; names are at most about half as long. */
export const MOST_LINE_BYTES = 512;

const STATUSES = [200, 300, 501, 502, 503, 504] as const;
const PROTOCOL = 'HAProxyS';
const LINE_FEED = 0x0a;

/** A name with white space, or a hello whose lines are too long, is our mistake and throws. */
export function encodePeersHello({ minor, called, caller, pid }: PeersHello): Uint8Array {
  const lines = [`${PROTOCOL} 2.${String(minor)}`, called, `${caller} ${String(pid)} 1`];
  invariant(
    NAME.test(called) && NAME.test(caller) && lines.every((line) => line.length <= MOST_LINE_BYTES),
    'the names of peers are short and without white space',
  );
  return Uint8Array.from(Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
}

export function encodePeersStatus(status: PeersStatus): Uint8Array {
  return Uint8Array.from(Buffer.from(`${String(status)}\n`, 'latin1'));
}

/** From the first bytes of a stream; undefined while they are too few. Never throws. */
export function readPeersHello(
  bytes: Uint8Array,
): Result<Greeted<PeersHello> | undefined, PeersViolation> {
  const read = linesOf(bytes, HELLO_LINES);
  if (!read.ok) {
    return read;
  }
  const { lines, end } = read.value;
  const [protocol, called, caller] = lines;
  // Line for line, so that who speaks another protocol is told apart before it has said all of it.
  if (protocol === undefined) {
    return ok(undefined);
  }
  const minor = VERSION.exec(protocol)?.[1];
  if (minor === undefined) {
    return violation('not-known', 'protocol', protocol, `${PROTOCOL} 2.0 or ${PROTOCOL} 2.1`);
  }
  if (called === undefined) {
    return ok(undefined);
  }
  if (!NAME.test(called)) {
    return violation('malformed', 'name of the called peer', called, 'a name without white space');
  }
  if (caller === undefined) {
    return ok(undefined);
  }
  const words = CALLER.exec(caller);
  if (words === null) {
    return violation('malformed', 'line of the caller', caller, 'a name and a process');
  }
  const [, name, pid] = words;
  const greeting: PeersHello = {
    minor: minor === '0' ? 0 : 1,
    called,
    caller: String(name),
    pid: Number(pid),
  };
  return ok({ greeting, end });
}

/** From the first bytes of the answer; undefined while they are too few. Never throws. */
export function readPeersStatus(
  bytes: Uint8Array,
): Result<Greeted<PeersStatus> | undefined, PeersViolation> {
  const read = linesOf(bytes, 1);
  if (!read.ok) {
    return read;
  }
  const { lines, end } = read.value;
  const [line] = lines;
  if (line === undefined) {
    return ok(undefined);
  }
  const greeting = STATUSES.find((status) => String(status) === line);
  return greeting === undefined
    ? violation('not-known', 'status', line, `one of ${STATUSES.join(', ')}`)
    : ok({ greeting, end });
}

const HELLO_LINES = 3;
const VERSION = /^HAProxyS 2\.([01])$/u;
const NAME = /^[!-~]+$/u;
/** HAProxy puts a number behind the process that nobody reads. */
const CALLER = /^([!-~]+) (\d{1,10})(?: .*)?$/u;

interface Lines {
  /** Those that are whole. */
  readonly lines: readonly string[];
  readonly end: number;
}

/** So many lines at the most, without their ends; a carriage return before one is allowed. */
function linesOf(bytes: Uint8Array, count: number): Result<Lines, PeersViolation> {
  const lines: string[] = [];
  let end = 0;
  while (lines.length < count) {
    const length = bytes.subarray(end, end + MOST_LINE_BYTES + 1).indexOf(LINE_FEED);
    if (length < 0) {
      return bytes.length - end > MOST_LINE_BYTES
        ? violation(
            'too-long',
            `line ${String(lines.length + 1)}`,
            oneByteText(bytes.subarray(end, end + MOST_LINE_BYTES)),
            `at most ${String(MOST_LINE_BYTES)} bytes`,
          )
        : ok({ lines, end });
    }
    lines.push(oneByteText(bytes.subarray(end, end + length)).replace(/\r$/u, ''));
    end += length + 1;
  }
  return ok({ lines, end });
}

function violation(
  code: PeersViolation['code'],
  where: string,
  found: string,
  expected: string,
): Result<never, PeersViolation> {
  return fail({ code, where, found: JSON.stringify(found).slice(0, MOST_QUOTED), expected });
}

const MOST_QUOTED = 60;
