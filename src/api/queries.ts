/** What is asked for in the query of a URL. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { HistoryOrder } from '../operator/histories.js';
import type { TablesOrder } from '../operator/tables.js';
import type { EventsAsked } from './contract.js';
import { MOST_ENTRIES, USUAL_ENTRIES } from './contract.js';

export interface BadQuery {
  readonly code: 'bad-request';
  readonly detail: string;
}

type Query = Readonly<Record<string, string>>;

export function readHistoryQuery(query: Query): Result<HistoryOrder, BadQuery> {
  const limit = readLimit(query);
  const unknown = unknownKey(query, ['group', 'limit', 'node']);
  if (unknown !== undefined) {
    return bad(unknown);
  }
  return limit === undefined
    ? bad(WRONG_LIMIT)
    : ok({ group: query['group'], limit, node: query['node'] });
}

export function readEventsQuery(query: Query): Result<EventsAsked, BadQuery> {
  const limit = readLimit(query);
  const unknown = unknownKey(query, ['after', 'epoch', 'limit']);
  if (unknown !== undefined) {
    return bad(unknown);
  }
  if (limit === undefined) {
    return bad(WRONG_LIMIT);
  }
  if (query['after'] === undefined && query['epoch'] === undefined) {
    return ok({ after: undefined, limit });
  }
  const number = wholeNumber(query['after']);
  const epoch = wholeNumber(query['epoch']);
  return number === undefined || epoch === undefined
    ? bad('expected `after` and `epoch` together, as the last answer had `last` and `epoch`')
    : ok({ after: { number, epoch }, limit });
}

export function readTablesQuery(query: Query): Result<TablesOrder, BadQuery> {
  const unknown = unknownKey(query, ['table', 'node', 'look']);
  if (unknown !== undefined) {
    return bad(unknown);
  }
  const look = query['look'] ?? 'as known';
  return look === 'as known' || look === 'anew'
    ? ok({ table: query['table'], node: query['node'], look })
    : bad('expected `look` to be "anew" or "as known"');
}

function readLimit(query: Query): number | undefined {
  const limit = query['limit'] === undefined ? USUAL_ENTRIES : wholeNumber(query['limit']);
  return limit === undefined || limit < 1 || limit > MOST_ENTRIES ? undefined : limit;
}

function unknownKey(query: Query, known: readonly string[]): string | undefined {
  const unknown = Object.keys(query).find((key) => !known.includes(key));
  return unknown === undefined
    ? undefined
    : `no such parameter: ${unknown}; expected one of ${known.join(', ')}`;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : undefined;
}

function bad(detail: string): Result<never, BadQuery> {
  return fail({ code: 'bad-request', detail });
}

const WRONG_LIMIT = `expected a limit from 1 to ${String(MOST_ENTRIES)}`;
