/** The answer of HAProxy's `show stat`: CSV with the names of its columns in the first line (management guide, "show stat"). */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { ServerSeen } from '../core/served.js';
import type { ServerLoad } from '../wire/pair/loads-word.js';

/** All proxies, servers only: 4 is the type of a server. */
export const SHOW_SERVERS = 'show stat -1 4 -1';

/** All proxies, frontends only: 1 is the type of a frontend. */
export const SHOW_FRONTENDS = 'show stat -1 1 -1';

/** Fails with the line where it stops being what it should be. */
export function readServers(text: string): Result<readonly ServerSeen[], string> {
  const table = readTable(text, SERVER_COLUMNS);
  if (!table.ok) {
    return table;
  }
  const servers: ServerSeen[] = [];
  for (const [index, fields] of table.value.entries()) {
    const [backend, name, status, check] = fields;
    if (!isNamed(backend) || !isNamed(name) || !isNamed(status)) {
      return fail(`line ${String(index + 2)}: found ${quoted(fields.join())}, expected a server`);
    }
    servers.push({ backend, name, status, check: checkIn(check) });
  }
  return ok(servers);
}

/** Fails with the line where it stops being what it should be. */
export function readLoads(text: string): Result<readonly ServerLoad[], string> {
  const table = readTable(text, LOAD_COLUMNS);
  if (!table.ok) {
    return table;
  }
  const loads: ServerLoad[] = [];
  for (const [index, fields] of table.value.entries()) {
    const [backend, server, status, check, ...counts] = fields;
    // What HAProxy does not count of a server is empty.
    const numbers = counts.map(Number);
    const [current = 0, waiting = 0, checks = 0, connects = 0, answers = 0] = numbers;
    if (!isNamed(backend) || !isNamed(server) || !isNamed(status) || !numbers.every(isCount)) {
      return fail(`line ${String(index + 2)}: found ${quoted(fields.join())}, expected a server`);
    }
    loads.push({
      ...{ name: `${backend}/${server}`, status, check: checkIn(check) },
      ...{ sessions: current + waiting, failed: { checks, connects, answers } },
    });
  }
  return ok(loads);
}

/**
 * How many requests all frontends have answered, and not with an error of the server's side (5xx); of those that do not
 * speak HTTP, how many sessions they have begun.
 */
export function readServed(text: string): Result<number, string> {
  const table = readTable(text, FRONTEND_COLUMNS);
  if (!table.ok) {
    return table;
  }
  let served = 0;
  for (const [index, [mode, sessions, ...answers]] of table.value.entries()) {
    const counts = (mode === 'http' ? answers : [sessions]).map(Number);
    if (!counts.every(isCount)) {
      return fail(`line ${String(index + 2)}: expected the counters of a frontend`);
    }
    served += counts.reduce((all, count) => all + count, 0);
  }
  return ok(served);
}

type Fields = readonly (string | undefined)[];

/** Those columns of each line. */
function readTable(text: string, columns: readonly string[]): Result<readonly Fields[], string> {
  const [head = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  if (!head.startsWith('# ')) {
    return fail(`line 1: found ${quoted(head)}, expected the names of columns behind a #`);
  }
  const names = head.slice(2).split(',');
  const at = columns.map((name) => names.indexOf(name));
  const missing = columns.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    return fail(`line 1: no column ${missing.join(', ')}`);
  }
  if (lines.length > MOST_LINES) {
    return fail(`${String(lines.length)} lines, expected ${String(MOST_LINES)} at the most`);
  }
  // Of the hundred columns most come later, and thousands of lines take their time.
  const wanted = Math.max(...at) + 1;
  return ok(
    lines.map((line) => {
      const fields = line.split(',', wanted);
      return at.map((column) => fields[column]);
    }),
  );
}

/** A check that runs is marked with an asterisk before what the last one found. */
function checkIn(field: string | undefined): string | undefined {
  const found = field?.replace(/^\* /u, '') ?? '';
  return found === '' ? undefined : found;
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0;
}

function isNamed(field: string | undefined): field is string {
  return field !== undefined && field !== '' && field.length <= MOST_NAME;
}

function quoted(line: string): string {
  return JSON.stringify(line.slice(0, SHOWN));
}

const SERVER_COLUMNS = ['pxname', 'svname', 'status', 'check_status'] as const;
const LOAD_COUNTS = ['scur', 'qcur', 'chkfail', 'econ', 'eresp'] as const;
const LOAD_COLUMNS = [...SERVER_COLUMNS, ...LOAD_COUNTS] as const;
/** All answers but those of 5xx. */
const ANSWER_COLUMNS = ['hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_other'] as const;
const FRONTEND_COLUMNS = ['mode', 'stot', ...ANSWER_COLUMNS] as const;
const MOST_LINES = 10_000;
const MOST_NAME = 256;
const SHOWN = 60;
