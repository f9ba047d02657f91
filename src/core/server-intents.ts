/**
 * How the proxy comes to use its servers as operators want, and how what they tell the proxy itself becomes an intent.
 *
 * One look at the proxy's servers is compared with what the same process showed at the look before, or was told since:
 * what differs, somebody else has said to it. It is an intent, later than those that are known. What a process starts
 * with is its configuration's doing and nobody's wish. An intent that this process has not been told of yet comes first
 * in any case: it was accepted, and whoever stated it has been told so.
 */
import type { ServerState } from '../wire/haproxy/servers-state.js';
import type { Aspect, ServerName } from './intents.js';
import { ASPECTS, keyOf, readAdminState, readWeight, USUAL_WEIGHT, weightFor } from './intents.js';
import type { Register, Registers, Stamp } from './registers.js';

/** What is known of one process of the proxy, by register key. */
export type Watched = ReadonlyMap<string, WatchedAspect>;

export interface WatchedAspect {
  /** As the proxy had it last, by a look or because we said so. */
  readonly seen: string;
  /** The intent that this process was told of last, or that it agreed with. */
  readonly settled: Stamp | undefined;
  /** Why it would not do as it was told. */
  readonly refused: string | undefined;
}

/** `started`: by us, and nobody has spoken to it before. `found`: it was there already, with whatever was said to it. */
export type ProcessOrigin = 'started' | 'found';

/** Something to be said to the proxy. */
export interface ServerCommand {
  readonly server: ServerName;
  readonly aspect: Aspect;
  /** `drain`, or an absolute weight: shares are refused where a backend's algorithm cannot change weights. */
  readonly target: string;
  readonly intent: Stamp;
}

/** What an operator has said to the proxy. */
export interface ServerWish {
  readonly server: ServerName;
  readonly aspect: Aspect;
  readonly value: string;
}

export interface Look {
  readonly watched: Watched;
  readonly commands: readonly ServerCommand[];
  readonly wishes: readonly ServerWish[];
}

/** One process of the proxy, with what is known of it; undefined before the first look. */
export interface Process {
  readonly origin: ProcessOrigin;
  readonly watched: Watched | undefined;
}

/** What follows from a look at servers of one process: at all of them, or at some. */
export function lookAt(
  { watched, origin }: Process,
  servers: readonly ServerState[],
  { byKey }: Registers,
): Look {
  const isFound = origin === 'found' && watched === undefined;
  const looks = servers.flatMap((server) =>
    ASPECTS.map((aspect) => {
      const key = keyOf(server.name, aspect);
      // At first nobody knows what was said before. Of a process that was found, what is not configured was.
      const expected = isFound ? configuredOf(server, aspect) : seenOf(server, aspect);
      const before = watched?.get(key) ?? { ...UNKNOWN, seen: expected };
      return { key, ...lookAtAspect({ server, aspect }, before, byKey.get(key)) };
    }),
  );
  return {
    watched: new Map(looks.map(({ key, after }) => [key, after])),
    commands: looks.flatMap(({ command }) => command ?? []),
    wishes: looks.flatMap(({ wish }) => wish ?? []),
  };
}

interface AspectLook {
  readonly after: WatchedAspect;
  readonly command?: ServerCommand;
  readonly wish?: ServerWish;
}

function lookAtAspect(
  { server, aspect }: { readonly server: ServerState; readonly aspect: Aspect },
  before: WatchedAspect,
  intent: Register | undefined,
): AspectLook {
  const about = { server: server.name, aspect };
  const seen = seenOf(server, aspect);
  const target = intent === undefined ? undefined : targetOf(server, aspect, intent.value);
  if (intent !== undefined && target !== undefined && !isSame(intent.stamp, before.settled)) {
    return target === seen
      ? { after: { seen, settled: intent.stamp, refused: undefined } }
      : {
          after: { ...before, seen, refused: undefined },
          command: { ...about, target, intent: intent.stamp },
        };
  }
  const after = { ...before, seen };
  return server.agent === 'none' && seen !== before.seen && seen !== target
    ? { after, wish: { ...about, value: valueOf(server, aspect) } }
    : { after };
}

export interface CommandOutcome {
  readonly command: ServerCommand;
  readonly outcome: { readonly kind: 'done' } | { readonly kind: 'refused'; readonly why: string };
}

/** The proxy has done as it was told, or said why it would not. It is not told again. */
export function answered(watched: Watched, outcomes: readonly CommandOutcome[]): Watched {
  if (outcomes.length === 0) {
    return watched;
  }
  const next = new Map(watched);
  for (const { command, outcome } of outcomes) {
    const { server, aspect, target, intent: settled } = command;
    const key = keyOf(server, aspect);
    const { seen } = next.get(key) ?? UNKNOWN;
    next.set(
      key,
      outcome.kind === 'done'
        ? { seen: target, settled, refused: undefined }
        : { seen, settled, refused: outcome.why },
    );
  }
  return next;
}

/** In the words of the runtime API. */
export function commandText({ server, aspect, target }: ServerCommand): string {
  return aspect === 'admin'
    ? `set server ${server} state ${target}`
    : `set weight ${server} ${target}`;
}

/** Whether the proxy has a server as an intent wants it; `unknown` where the intent is of a version to come. */
export function agreement(
  server: ServerState,
  aspect: Aspect,
  value: string,
): 'agrees' | 'differs' | 'unknown' {
  const target = targetOf(server, aspect, value);
  if (target === undefined) {
    return 'unknown';
  }
  return target === seenOf(server, aspect) ? 'agrees' : 'differs';
}

/** What it has to become, as {@link seenOf} has it. */
function targetOf(server: ServerState, aspect: Aspect, value: string): string | undefined {
  if (aspect === 'admin') {
    return readAdminState(value);
  }
  const weight = readWeight(value);
  return weight === undefined ? undefined : String(weightFor(weight, server.configuredWeight));
}

function seenOf({ forced, weight }: ServerState, aspect: Aspect): string {
  return aspect === 'admin' ? forced : String(weight);
}

/** What its configuration makes of a server. */
function configuredOf({ configured, configuredWeight }: ServerState, aspect: Aspect): string {
  if (aspect === 'weight') {
    return String(configuredWeight);
  }
  return configured === 'enabled' ? 'ready' : 'maint';
}

/** As an intent: the weight that is configured stays the configured one when the configuration changes. */
function valueOf({ forced, weight, configuredWeight }: ServerState, aspect: Aspect): string {
  if (aspect === 'admin') {
    return forced;
  }
  return weight === configuredWeight ? USUAL_WEIGHT : String(weight);
}

function isSame(a: Stamp, b: Stamp | undefined): boolean {
  return a.counter === b?.counter && a.node === b.node;
}

const UNKNOWN: WatchedAspect = { seen: '', settled: undefined, refused: undefined };
