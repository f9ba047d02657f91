/** The answer of HAProxy's `show stat`: CSV with the names of its columns in the first line (management guide, "show stat"). */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { ServerSeen } from '../core/served.js';

/** All proxies, servers only: 4 is the type of a server. */
export const SHOW_SERVERS = 'show stat -1 4 -1';

/** Fails with the line where it stops being what it should be. */
export function readServers(text: string): Result<readonly ServerSeen[], string> {
  const [head = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  if (!head.startsWith('# ')) {
    return fail(`line 1: found ${quoted(head)}, expected the names of columns behind a #`);
  }
  const columns = head.slice(2).split(',');
  const at = COLUMNS.map((name) => columns.indexOf(name));
  const missing = COLUMNS.filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    return fail(`line 1: no column ${missing.join(', ')}`);
  }
  if (lines.length > MOST_SERVERS) {
    return fail(`${String(lines.length)} servers, expected ${String(MOST_SERVERS)} at the most`);
  }
  const servers: ServerSeen[] = [];
  // Of the hundred columns most come later, and thousands of lines take their time.
  const wanted = Math.max(...at) + 1;
  for (const [index, line] of lines.entries()) {
    const fields = line.split(',', wanted);
    const [backend, name, status, check] = at.map((column) => fields[column]);
    if (!isNamed(backend) || !isNamed(name) || !isNamed(status)) {
      return fail(`line ${String(index + 2)}: found ${quoted(line)}, expected a server`);
    }
    // A check that runs is marked with an asterisk before what the last one found.
    const found = check?.replace(/^\* /u, '') ?? '';
    servers.push({ backend, name, status, check: found === '' ? undefined : found });
  }
  return ok(servers);
}

function isNamed(field: string | undefined): field is string {
  return field !== undefined && field !== '' && field.length <= MOST_NAME;
}

function quoted(line: string): string {
  return JSON.stringify(line.slice(0, SHOWN));
}

const COLUMNS = ['pxname', 'svname', 'status', 'check_status'] as const;
const MOST_SERVERS = 10_000;
const MOST_NAME = 256;
const SHOWN = 60;
