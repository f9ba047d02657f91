/**
 * Servers that operators add to the proxy at run time, and remove from it: a register of each says what there is to be.
 *
 * A server that we add gets a number within its backend that is made of its name and its definition. So every daemon sees
 * from the proxy alone, after any restart, which servers were added by us and whether they are as they are wanted now;
 * and the number is the same on both nodes, which stick tables need. A server of that name with any other number is the
 * configuration's (or somebody else's): it is left alone, and what is wanted of its existence is superseded.
 */
import { createHash } from 'node:crypto';
import { parseIp } from '../base/ip.js';
import type { ServerState } from '../wire/haproxy/servers-state.js';
import type { ServerName } from './intents.js';
import { keyOf, readKey } from './intents.js';
import type { Register, Registers } from './registers.js';

/** `finish`: what it serves is ended first. `cut`: its sessions are shut. */
export type Existence =
  | { readonly kind: 'present'; readonly definition: string }
  | { readonly kind: 'absent'; readonly sessions: 'finish' | 'cut' };

/** Undefined for what a later version may say. */
export function readExistence(value: string): Existence | undefined {
  if (value === REMOVE || value === REMOVE_NOW) {
    return { kind: 'absent', sessions: value === REMOVE ? 'finish' : 'cut' };
  }
  const definition = value.startsWith(ADD) ? value.slice(ADD.length) : '';
  return isDefinition(definition) ? { kind: 'present', definition } : undefined;
}

export function existenceValue(wanted: Existence): string {
  if (wanted.kind === 'present') {
    return `${ADD}${wanted.definition}`;
  }
  return wanted.sessions === 'finish' ? REMOVE : REMOVE_NOW;
}

/**
 * `10.0.0.4:80 check inter 1s`: an address with its port, and HAProxy's keywords; nothing in it could end the command
 * and begin another. The number of the server is ours to give. A name instead of an address would leave the server
 * without one until it resolves, so there are none.
 */
export function isDefinition(text: string): boolean {
  const [where = '', ...keywords] = text.split(' ');
  const [, bracketed, plain, port] = WHERE.exec(where) ?? [];
  return (
    parseIp(bracketed ?? plain ?? '').ok &&
    Number(port) > 0 &&
    Number(port) <= MOST_PORT &&
    keywords.every((each) => KEYWORD.test(each) && !NOT_TAKEN.has(each))
  );
}

/** A name that HAProxy takes. That of a register may be anything, and it must not end the command and begin another. */
export function isServerName(text: string): boolean {
  return NAME.test(text);
}

/** What a server of that name and definition is numbered. Two of one backend hardly meet, and HAProxy refuses if they do. */
export function numberFor(server: ServerName, definition: string): number {
  const hash = createHash('sha256').update(`${server} ${definition}`).digest();
  return FIRST_NUMBER + (hash.readUInt32BE(0) % NUMBERS);
}

/** Whether it was added by a daemon, this one or another. */
export function isAdded({ id }: Pick<ServerState, 'id'>): boolean {
  return id >= FIRST_NUMBER && id < FIRST_NUMBER + NUMBERS;
}

/** How the proxy has what is wanted of a server's existence. */
export type ExistenceStanding = 'agrees' | 'differs' | 'superseded' | 'unknown';

export function existenceStanding(
  name: ServerName,
  server: ServerState | undefined,
  value: string,
): ExistenceStanding {
  const wanted = readExistence(value);
  if (wanted === undefined) {
    return 'unknown';
  }
  if (server === undefined) {
    return wanted.kind === 'absent' ? 'agrees' : 'differs';
  }
  if (!isAdded(server)) {
    return 'superseded';
  }
  return wanted.kind === 'present' && server.id === numberFor(name, wanted.definition)
    ? 'agrees'
    : 'differs';
}

/** What is to be said to the proxy next. */
export interface ExistenceCommand {
  readonly server: ServerName;
  readonly intent: Register;
  readonly text: string;
  /** `once`: what the proxy answers stands. `again`: it is asked again at the next look. */
  readonly tried: 'once' | 'again';
  /** What there is after it. */
  readonly makes: 'added' | 'removed' | 'neither';
}

export interface ExistenceSeen {
  readonly servers: ReadonlyMap<ServerName, ServerState>;
  /** Sessions and waiting requests of each; undefined where they were not counted. */
  readonly sessions: ReadonlyMap<ServerName, number> | undefined;
}

export interface ExistenceLook {
  /** One of each server at the most: the next one follows when this one was seen to be done. */
  readonly commands: readonly ExistenceCommand[];
  /** Whether a server is to go as soon as its sessions are known to have ended. */
  readonly waits: 'for sessions' | 'for nothing';
}

/** What follows from a look at all servers. */
export function lookAtExistence(seen: ExistenceSeen, registers: Registers): ExistenceLook {
  const commands: ExistenceCommand[] = [];
  let waits: ExistenceLook['waits'] = 'for nothing';
  for (const intent of registers.byKey.values()) {
    const { server, aspect } = readKey(intent.key) ?? {};
    const wanted = aspect === 'existence' ? readExistence(intent.value) : undefined;
    if (server !== undefined && isServerName(server) && wanted !== undefined) {
      const step = nextStep(server, seen, wanted);
      if (step === 'waits') {
        waits = 'for sessions';
      } else if (step !== 'settled') {
        commands.push({ server, intent, ...step });
      }
    }
  }
  return { commands, waits };
}

/** It comes or goes: how it is used is nobody's wish, and it is told nothing else. */
export function isUnsettled(server: ServerState, { byKey }: Registers): boolean {
  const { name } = server;
  const wanted = readExistence(byKey.get(keyOf(name, 'existence'))?.value ?? '');
  const seen = { servers: new Map([[name, server]]), sessions: undefined };
  return wanted !== undefined && nextStep(name, seen, wanted) !== 'settled';
}

/** In HAProxy's words; it says nothing where it has done anything else that it was told. */
export function isDone({ makes }: Pick<ExistenceCommand, 'makes'>, answer: string): boolean {
  const done = { added: 'New server registered.', removed: 'Server deleted.', neither: '' }[makes];
  return answer.trim() === done;
}

type Step = 'settled' | 'waits' | Pick<ExistenceCommand, 'text' | 'tried' | 'makes'>;

function nextStep(name: ServerName, { servers, sessions }: ExistenceSeen, wanted: Existence): Step {
  const server = servers.get(name);
  if (server !== undefined && !isAdded(server)) {
    return 'settled';
  }
  if (wanted.kind === 'absent') {
    return server === undefined
      ? 'settled'
      : stepToRemove(server, wanted.sessions, sessions?.get(name));
  }
  const id = numberFor(name, wanted.definition);
  if (server === undefined) {
    const text = `add server ${name} ${wanted.definition} id ${String(id)}`;
    return { text, tried: 'once', makes: 'added' };
  }
  // One of another definition makes room, in peace.
  return server.id === id
    ? stepToCheck(server)
    : stepToRemove(server, 'finish', sessions?.get(name));
}

/** HAProxy adds a server in maintenance, with its checks off. Whoever turns them off later has meant to. */
function stepToCheck({ name, checks, forced }: ServerState): Step {
  return checks === 'off' && forced === 'maint'
    ? { text: `enable health ${name}`, tried: 'once', makes: 'neither' }
    : 'settled';
}

/** Drained until nobody is left, so that clients which are bound to it can finish; HAProxy deletes only in maintenance. */
function stepToRemove(
  { name, forced }: ServerState,
  how: 'finish' | 'cut',
  sessions: number | undefined,
): Step {
  if (forced !== 'maint') {
    const isOver = how === 'cut' || (forced === 'drain' && sessions === 0);
    return isOver || forced === 'ready'
      ? {
          text: `set server ${name} state ${isOver ? 'maint' : 'drain'}`,
          tried: 'once',
          makes: 'neither',
        }
      : 'waits';
  }
  if (how === 'finish' || sessions === 0) {
    return { text: `del server ${name}`, tried: 'again', makes: 'removed' };
  }
  return sessions === undefined
    ? 'waits'
    : { text: `shutdown sessions server ${name}`, tried: 'again', makes: 'neither' };
}

const ADD = 'add ';
const REMOVE = 'remove';
const REMOVE_NOW = 'remove now';

const NAME = /^[\w.:-]+\/[\w.:-]+$/u;
const WHERE = /^(?:\[([^\]]+:[^\]]*)\]|([^:]+)):(\d{1,5})$/u;
const MOST_PORT = 65_535;
/** Neither quotes nor what separates commands or escapes. */
const KEYWORD = /^[\w.:%,/@()+=[\]-]{1,100}$/u;
/** The number is made of the rest; whether it is used is an intent of its own. */
const NOT_TAKEN: ReadonlySet<string> = new Set(['id', 'disabled', 'enabled']);

/** Nobody numbers servers like that by hand, and HAProxy, which counts from 1, has no backend as large. */
const FIRST_NUMBER = 1_000_000_000;
const NUMBERS = 1_000_000_000;
