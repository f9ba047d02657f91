/** What is asked for in the body of a request. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { SwitchoverOrder } from '../operator/deeds.js';
import { readDrillAsked } from '../operator/drill-asked.js';
import type { DrillAsked } from '../operator/drill-desk.js';
import type { MaintenanceOrder } from '../operator/order-desk.js';
import type { PlanOrder } from '../operator/planner.js';
import type { PushOrder } from '../telemetry/push.js';
import type { ReloadMode, ServerAsked } from './contract.js';

export interface BadBody {
  readonly code: 'bad-request';
  readonly detail: string;
}

export function readGroup(body: string): Result<string | undefined, BadBody> {
  const read = readStrings(body, ['group']);
  return read.ok ? ok(read.value.group) : read;
}

export function readSwitchover(body: string): Result<SwitchoverOrder, BadBody> {
  const read = readStrings(body, ['group', 'to', 'successor']);
  if (!read.ok) {
    return read;
  }
  const { group, to, successor } = read.value;
  return successor === undefined || successor === 'ready' || successor === 'any'
    ? ok({ group, to, successor: successor ?? 'ready' })
    : fail({ code: 'bad-request', detail: 'expected `successor` to be "ready" or "any"' });
}

export function readPause(body: string): Result<'on' | 'off', BadBody> {
  const read = readStrings(body, ['state']);
  if (!read.ok) {
    return read;
  }
  const { state } = read.value;
  return state === 'on' || state === 'off'
    ? ok(state)
    : fail({ code: 'bad-request', detail: 'expected `state` to be "on" or "off"' });
}

export function readMaintenance(body: string): Result<MaintenanceOrder, BadBody> {
  const read = readStrings(body, ['node', 'state', 'successor']);
  if (!read.ok) {
    return read;
  }
  const { node, state, successor = 'ready' } = read.value;
  const isMeant = successor === 'ready' || successor === 'any';
  return node !== undefined && (state === 'on' || state === 'off') && isMeant
    ? ok({ node, state, successor })
    : fail({
        code: 'bad-request',
        detail: 'expected `node`, `state` "on" or "off", and `successor` "ready" or "any"',
      });
}

/** Without a time what is planned is cancelled. */
export function readPlan(body: string): Result<PlanOrder, BadBody> {
  const read = readStrings(body, ['group', 'at', 'to']);
  if (!read.ok) {
    return read;
  }
  const { group, at, to } = read.value;
  const time = at === undefined ? undefined : Date.parse(at);
  return time !== undefined && Number.isNaN(time)
    ? fail({
        code: 'bad-request',
        detail: 'expected `at` to be a time such as 2026-03-02T04:00:00Z',
      })
    : ok({ group, at: time, to });
}

export function readReload(body: string): Result<ReloadMode, BadBody> {
  const read = readStrings(body, ['mode']);
  if (!read.ok) {
    return read;
  }
  const { mode } = read.value;
  return mode === undefined || mode === 'applied' || mode === 'planned'
    ? ok(mode ?? 'applied')
    : fail({ code: 'bad-request', detail: 'expected `mode` to be "applied" or "planned"' });
}

/** `undo` concerns this node alone. */
export function readPush(body: string): Result<PushOrder | 'undo', BadBody> {
  const read = readStrings(body, ['mode', 'to', 'then', 'shared']);
  if (!read.ok) {
    return read;
  }
  if (read.value.mode === 'undo') {
    return ok('undo');
  }
  const mode = oneOf(['push', 'dry-run', 'diff'], read.value.mode);
  const to = oneOf(['standby', 'active'], read.value.to);
  const then = oneOf(['wait', 'switchover'], read.value.then);
  const shared = oneOf(['newer', 'always', 'never'], read.value.shared);
  return mode === undefined || to === undefined || then === undefined || shared === undefined
    ? fail({
        code: 'bad-request',
        detail:
          'expected `mode` "push", "dry-run", "diff" or "undo", `to` "standby" or "active", `then` "wait" or "switchover", and `shared` "newer", "always" or "never"',
      })
    : ok({ mode, to, then, shared });
}

/** The first where nothing is said. */
function oneOf<Word extends string>(
  words: readonly [Word, ...Word[]],
  said: string | undefined,
): Word | undefined {
  return said === undefined ? words[0] : words.find((each) => each === said);
}

export function readDrill(body: string): Result<DrillAsked, BadBody> {
  const read = readDrillAsked(body);
  return read.ok ? read : fail({ code: 'bad-request', detail: read.error });
}

export function readServer(body: string): Result<ServerAsked, BadBody> {
  const read = readStrings(body, ['server', ...STATED]);
  if (!read.ok) {
    return read;
  }
  const { server } = read.value;
  const [aspect, more] = STATED.filter((each) => read.value[each] !== undefined);
  if (server === undefined || aspect === undefined || more !== undefined) {
    const detail = 'expected `server`, and one of `admin`, `weight` and `existence`';
    return fail({ code: 'bad-request', detail });
  }
  return ok({ server, aspect, value: read.value[aspect] ?? '' });
}

/** An object of texts, of those names and no others; nothing at all is an empty one. */
function readStrings<Name extends string>(
  body: string,
  names: readonly Name[],
): Result<Readonly<Partial<Record<Name, string>>>, BadBody> {
  let value: unknown;
  try {
    value = body === '' ? {} : JSON.parse(body);
  } catch {
    value = undefined;
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fields = isObject ? Object.entries(value as object) : [['', undefined]];
  const valid = fields.every(
    ([name, each]) => typeof each === 'string' && names.some((known) => known === name),
  );
  return valid
    ? ok(Object.fromEntries(fields) as Partial<Record<Name, string>>)
    : fail({
        code: 'bad-request',
        detail: `expected a JSON object of texts with ${names.map((each) => `"${each}"`).join(', ')} at the most`,
      });
}

const STATED = ['admin', 'weight', 'existence'] as const;
