/** How neighbours are told of a takeover: `garp_master_delay` and its kin as `announce`. */
import { millis } from '../base/time.js';
import { formatDuration } from '../config/duration.js';
import type { Statement } from './keepalived/statements.js';
import { isOn, MILLIS_PER_SECOND, numberOf } from './quantity.js';
import type { Said } from './remark.js';
import { last } from './tracked.js';
import type { YamlEntry } from './yaml-text.js';
import { entry, entryIf, mapOf } from './yaml-text.js';

/** Of statements of which the last counts, those of `global_defs` first. */
export function announceEntries(statements: readonly Statement[], say: Said): readonly YamlEntry[] {
  const wanted = {
    again: secondsOf(statements, 'garp_master_delay'),
    refresh: secondsOf(statements, 'garp_master_refresh'),
  };
  const again = within(wanted.again, SHORTEST_AGAIN, say);
  const refresh = within(wanted.refresh, SHORTEST_REFRESH, say);
  const isBehind = (refresh ?? USUAL_REFRESH) > (again ?? USUAL_AGAIN);
  if (!isBehind && wanted.refresh !== undefined) {
    say(
      'differs',
      wanted.refresh.statement,
      'a refresh comes after the second burst: left at its default',
    );
  }
  const refreshed = isBehind ? refresh : later(again);
  const entries = [
    ...entryIf('burst', burstOf(statements, say)),
    ...entryIf('burst_again_after', again === undefined ? undefined : text(again)),
    ...entryIf('refresh_every', refreshed === undefined ? undefined : text(refreshed)),
  ];
  return entries.length === 0 ? [] : [entry('announce', mapOf(...entries))];
}

interface Wanted {
  readonly milliseconds: number;
  readonly statement: Statement;
}

function secondsOf(statements: readonly Statement[], keyword: string): Wanted | undefined {
  const statement = last(statements, keyword);
  const seconds = statement === undefined ? undefined : numberOf(statement);
  return statement === undefined || seconds === undefined || seconds < 0
    ? undefined
    : { milliseconds: Math.round(seconds * MILLIS_PER_SECOND), statement };
}

/** Zero means never for keepalived; here both happen always. */
function within(wanted: Wanted | undefined, least: number, say: Said): number | undefined {
  if (wanted === undefined) {
    return undefined;
  }
  if (wanted.milliseconds === 0) {
    say('differs', wanted.statement, 'it cannot be turned off: left at its default');
    return undefined;
  }
  const bounded = Math.min(Math.max(wanted.milliseconds, least), AN_HOUR);
  if (bounded !== wanted.milliseconds) {
    say('differs', wanted.statement, `the nearest that there is: ${text(bounded)}`);
  }
  return bounded;
}

/** The usual refresh, unless the second burst is later; undefined where nothing has to be said. */
function later(again: number | undefined): number | undefined {
  return again === undefined || again < USUAL_REFRESH
    ? undefined
    : Math.min(again + USUAL_REFRESH, AN_HOUR);
}

function burstOf(statements: readonly Statement[], say: Said): number | undefined {
  const least = last(statements, 'min_garp');
  const statement = last(statements, 'garp_master_repeat');
  const wanted = statement === undefined ? undefined : numberOf(statement);
  if (statement === undefined || wanted === undefined) {
    return least !== undefined && isOn(least) ? 1 : undefined;
  }
  const bounded = Math.min(Math.max(Math.round(wanted), 1), MOST_AT_ONCE);
  if (bounded !== wanted) {
    say('differs', statement, `the nearest that there is: ${String(bounded)}`);
  }
  return bounded;
}

function text(milliseconds: number): string {
  return formatDuration(millis(milliseconds));
}

const MOST_AT_ONCE = 20;
const SHORTEST_AGAIN = 100;
const SHORTEST_REFRESH = MILLIS_PER_SECOND;
const AN_HOUR = 3600 * MILLIS_PER_SECOND;
/** As config/schema/group.ts has them. */
const USUAL_AGAIN = 5 * MILLIS_PER_SECOND;
const USUAL_REFRESH = 60 * MILLIS_PER_SECOND;
