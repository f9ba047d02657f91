/** Whether what was known of visitors is still known: rows before, rows afterwards, and who answered them meanwhile. */
import type { TableRow, TableRows } from './table-rows.js';
import { COUNTED_TABLES } from './sections.js';
import type { Visit } from './visiting.js';
import type { Way } from './visitor.js';
import { visitor, WAY_NAMES, WAYS } from './visitor.js';

/** The tables of one node at one moment, by name. */
export type Tables = ReadonlyMap<string, TableRows>;

/** So many of so many. */
export interface Share {
  readonly of: number;
  readonly held: number;
}

export interface Kept {
  /** Of the visitors whose row was known: those that met that server at every visit since, and have it in their row. */
  readonly ways: Readonly<Record<Way, Share>>;
  /** Rows whose counters, and whose rates, are not less than what was known and what was counted since. */
  readonly counters: Share;
  readonly rates: Share;
}

export interface Since {
  /** Rows that are known to have arrived. */
  readonly known: Tables;
  /** Answers since then, of the node whose rows {@link Since.now} are. */
  readonly visits: readonly Visit[];
  readonly now: Tables;
}

export function judgeKept({ known, visits, now }: Since): Kept {
  const met = serversMet(visits);
  const ways = Object.fromEntries(
    WAY_NAMES.map((way) => {
      const { table } = WAYS[way];
      const isKept = ({ key, values }: TableRow): boolean => {
        const server = values[SERVER];
        const servers = met.get(`${way} ${key}`) ?? new Set([server]);
        const then = now.get(table)?.get(key)?.values[SERVER];
        return then === server && servers.size === 1 && servers.has(String(server));
      };
      return [way, shareOf(known.get(table), isKept)];
    }),
  ) as Record<Way, Share>;
  return {
    ways,
    counters: shareOfCounted({ known, visits, now }, (name) => !isRate(name)),
    rates: shareOfCounted({ known, visits, now }, isRate),
  };
}

/** How many rows of one node the other has as well, with an expiry that is at most so much apart. */
export function judgeExpiries(here: Tables, there: Tables, apartMs: number): Share {
  const shares = [...here].map(([table, rows]) =>
    shareOf(rows, ({ key, expiresIn }) => {
      const other = there.get(table)?.get(key);
      return other !== undefined && Math.abs(other.expiresIn - expiresIn) <= apartMs;
    }),
  );
  return together(shares);
}

/** Rows that only one of the two has, or that say something else, in words; rates apart, which go on by themselves. */
export function differences(here: Tables, there: Tables): readonly string[] {
  const names = new Set([...here.keys(), ...there.keys()]);
  return [...names].flatMap((name) => {
    const [ours, theirs] = [here.get(name), there.get(name)];
    const keys = new Set([...(ours?.keys() ?? []), ...(theirs?.keys() ?? [])]);
    return [...keys].flatMap((key) => {
      const [mine, yours] = [content(ours?.get(key)), content(theirs?.get(key))];
      return mine === yours ? [] : [`${name} ${key}: ${mine} here, ${yours} there`];
    });
  });
}

export function isWhole({ of, held }: Share): boolean {
  return of === held;
}

/** In the form in which {@link differences} compares it. */
function content(row: TableRow | undefined): string {
  if (row === undefined) {
    return 'none';
  }
  const stable = Object.entries(row.values).filter(([name]) => !isRate(name) && name !== SERVER_ID);
  return stable.map(([name, value]) => `${name}=${value}`).join(' ');
}

/** Each visitor counts once a visit in each of them; those in `TAGS` are set, not counted. */
function shareOfCounted({ known, visits, now }: Since, isMeant: (name: string) => boolean): Share {
  const times = new Map<string, number>();
  for (const { visitor: number } of visits) {
    const { name } = visitor(number);
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  const shares = COUNTED_TABLES.map((table) =>
    shareOf(known.get(table), ({ key, values }) => {
      const then = now.get(table)?.get(key)?.values;
      const meant = Object.entries(values).filter(([name]) => isMeant(name));
      return meant.every(([name, value]) => {
        const counted = ONCE_A_VISIT.test(name) ? (times.get(key) ?? 0) : 0;
        return Number(then?.[name]) >= Number(value) + counted;
      });
    }),
  );
  return together(shares);
}

function serversMet(visits: readonly Visit[]): ReadonlyMap<string, ReadonlySet<string>> {
  const met = new Map<string, Set<string>>();
  for (const { visitor: number, server } of visits) {
    const { way, key } = visitor(number);
    const servers = met.get(`${way} ${key}`) ?? new Set();
    met.set(`${way} ${key}`, servers.add(server));
  }
  return met;
}

function shareOf(rows: TableRows | undefined, holds: (row: TableRow) => boolean): Share {
  const all = [...(rows?.values() ?? [])];
  return { of: all.length, held: all.filter(holds).length };
}

function together(shares: readonly Share[]): Share {
  return {
    of: shares.reduce((total, { of }) => total + of, 0),
    held: shares.reduce((total, { held }) => total + held, 0),
  };
}

function isRate(name: string): boolean {
  return name.endsWith('_rate');
}

const SERVER = 'server_key';
/** Of the node's own numbering. */
const SERVER_ID = 'server_id';
/** Tags are set, bytes are as many as they are, and of the array of tags only one is used. */
const ONCE_A_VISIT = /^(?:gpc\d(?:_rate)?|http_req_cnt|http_req_rate)$/u;
