/** HAProxy's answer to `show servers state`: every server, as this process uses it. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';

export interface ServerState {
  /** `BACKEND/SERVER`. */
  readonly name: string;
  /** Its number within its backend. */
  readonly id: number;
  /** `off`: it could be checked, and is not. */
  readonly checks: 'none' | 'off' | 'on';
  /** What HAProxy thinks of it, whatever operators say. */
  readonly operational: (typeof OPERATIONAL)[number];
  /** What was said to this process: by `set server`, or because it was configured so. */
  readonly forced: 'ready' | 'drain' | 'maint';
  /** `disabled` in the configuration. That stays, whatever is said later. */
  readonly configured: 'enabled' | 'disabled';
  /** From another server that it tracks, or from a name that does not resolve: nobody said so of this server. */
  readonly inherited: 'nothing' | 'drain' | 'maint';
  readonly weight: number;
  readonly configuredWeight: number;
  /** Whether a program on the server may change both: what changes is no operator's doing then. */
  readonly agent: 'none' | 'enabled';
}

export interface ServersStateViolation {
  /** From 1. */
  readonly line: number;
  /** Its name in HAProxy's header; undefined where it is the line that is wrong. */
  readonly column: string | undefined;
  /** Cut to a length that people can read. */
  readonly found: string;
  readonly expected: string;
}

/** With more, no intents are kept: the list alone would be half a megabyte, twice a second. */
export const MOST_SERVERS = 4096;

/** A list whose form is understood, to be read a slice at a time: all of a long one at once would take too long. */
export interface ServersStateList {
  readonly columns: Columns;
  /** From the version on; the last may be empty. */
  readonly lines: readonly string[];
}

/** Nothing but HAProxy's own form is believed. */
export function beginServersState(answer: string): Result<ServersStateList, ServersStateViolation> {
  const lines = answer.split('\n', HEAD_LINES + MOST_SERVERS + 1);
  if (lines[0] !== VERSION) {
    return violation(1, undefined, lines[0], `the version of the form, ${VERSION}`);
  }
  if ((lines[HEAD_LINES + MOST_SERVERS] ?? '') !== '') {
    const found = `more than ${String(MOST_SERVERS)}`;
    const expected = `at most ${String(MOST_SERVERS)} servers`;
    return violation(lines.length, undefined, found, expected);
  }
  const columns = columnsOf(lines[1]);
  return columns.ok ? ok({ columns: columns.value, lines }) : columns;
}

/** So many servers from the one of that number on, which is 0 for the first; fewer where there are no more. */
export function readServers(
  { columns, lines }: ServersStateList,
  { from, count }: { readonly from: number; readonly count: number },
): Result<readonly ServerState[], ServersStateViolation> {
  const servers: ServerState[] = [];
  for (const [index, line] of lines.slice(HEAD_LINES + from, HEAD_LINES + from + count).entries()) {
    const server = line === '' ? undefined : readLine(line, columns, HEAD_LINES + from + index + 1);
    if (server?.ok === false) {
      return server;
    }
    if (server !== undefined) {
      servers.push(server.value);
    }
  }
  return ok(servers);
}

/** All at once. */
export function readServersState(
  answer: string,
): Result<readonly ServerState[], ServersStateViolation> {
  const list = beginServersState(answer);
  return list.ok ? readServers(list.value, { from: 0, count: MOST_SERVERS }) : list;
}

type Columns = Readonly<Record<Column, number>>;

/** A later HAProxy may put in others. */
function columnsOf(header: string | undefined): Result<Columns, ServersStateViolation> {
  const [mark, ...names] = (header ?? '').split(' ');
  const missing = COLUMNS.find((column) => mark !== '#' || !names.includes(column));
  return missing === undefined
    ? ok(Object.fromEntries(COLUMNS.map((column) => [column, names.indexOf(column)])) as Columns)
    : violation(HEAD_LINES, missing, header, 'a header that names it');
}

function readLine(
  line: string,
  columns: Columns,
  number: number,
): Result<ServerState, ServersStateViolation> {
  const words = line.split(' ');
  const word = (column: Column): string => words[columns[column]] ?? '';
  for (const column of NAMES) {
    if (!NAME.test(word(column))) {
      return violation(number, column, word(column), 'a name without spaces and slashes');
    }
  }
  for (const [column, most] of NUMBERS) {
    const value = word(column);
    if (!NUMBER.test(value) || Number(value) > most) {
      return violation(number, column, value, `a whole number from 0 to ${String(most)}`);
    }
  }
  const admin = Number(word('srv_admin_state'));
  const operational = OPERATIONAL[Number(word('srv_op_state'))];
  invariant(operational !== undefined, 'what is greater was refused');
  return ok({
    name: `${word('be_name')}/${word('srv_name')}`,
    id: Number(word('srv_id')),
    checks: checksIn(Number(word('srv_check_state'))),
    operational,
    forced: stateIn(admin, FORCED),
    configured: (admin & CONFIGURED_MAINT) === 0 ? 'enabled' : 'disabled',
    inherited: inheritedIn(admin),
    weight: Number(word('srv_uweight')),
    configuredWeight: Number(word('srv_iweight')),
    agent: (Number(word('srv_agent_state')) & CHECK_ENABLED) === 0 ? 'none' : 'enabled',
  });
}

interface Bits {
  readonly maint: number;
  readonly drain: number;
}

function stateIn(admin: number, { maint, drain }: Bits): 'ready' | 'drain' | 'maint' {
  if ((admin & maint) !== 0) {
    return 'maint';
  }
  return (admin & drain) === 0 ? 'ready' : 'drain';
}

function checksIn(bits: number): ServerState['checks'] {
  if ((bits & CHECK_CONFIGURED) === 0) {
    return 'none';
  }
  return (bits & CHECK_ENABLED) === 0 ? 'off' : 'on';
}

function inheritedIn(admin: number): ServerState['inherited'] {
  const state = stateIn(admin, INHERITED);
  return state === 'ready' ? 'nothing' : state;
}

function violation(
  line: number,
  column: string | undefined,
  found: string | undefined,
  expected: string,
): Result<never, ServersStateViolation> {
  return fail({ line, column, found: (found ?? '').slice(0, MOST_QUOTED), expected });
}

const VERSION = '1';
/** The version and the header. */
const HEAD_LINES = 2;
const MOST_QUOTED = 60;

const OPERATIONAL = ['stopped', 'starting', 'running', 'stopping'] as const;

type NameColumn = 'be_name' | 'srv_name';
type NumberColumn =
  | 'srv_id'
  | 'srv_op_state'
  | 'srv_admin_state'
  | 'srv_uweight'
  | 'srv_iweight'
  | 'srv_check_state'
  | 'srv_agent_state';
type Column = NameColumn | NumberColumn;

const NAMES: readonly NameColumn[] = ['be_name', 'srv_name'];
/** With the greatest there can be. */
const NUMBERS: readonly (readonly [NumberColumn, number])[] = [
  ['srv_id', 2 ** 31 - 1],
  ['srv_op_state', OPERATIONAL.length - 1],
  ['srv_admin_state', 255],
  ['srv_uweight', 256],
  ['srv_iweight', 256],
  ['srv_check_state', 255],
  ['srv_agent_state', 255],
];
const COLUMNS: readonly Column[] = [...NAMES, ...NUMBERS.map(([column]) => column)];

const NAME = /^[^\s/]+$/u;
const NUMBER = /^\d{1,10}$/u;

/** Bits of srv_admin_state. */
const CONFIGURED_MAINT = 0x04;
const FORCED: Bits = { maint: 0x01, drain: 0x08 };
/** From a tracked server, and from a name that does not resolve. */
const INHERITED: Bits = { maint: 0x02 | 0x20, drain: 0x10 };
/** Bits of srv_check_state and of srv_agent_state. */
const CHECK_CONFIGURED = 0x02;
const CHECK_ENABLED = 0x04;
