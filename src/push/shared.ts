/** vipair.yaml as a part of a push: read, judged, compared with the other node's, and taken over by a reload on both. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Config } from '../config/config.js';
import { MAX_CHARACTERS } from '../config/document.js';
import { parseConfig } from '../config/load.js';
import { formatProblem } from '../config/problem.js';
import { whichNode } from '../config/which-node.js';
import type { PushPlaces } from '../core/push-places.js';
import { directoryOf, SHARED_NAME } from '../core/push-places.js';
import { judgeShared } from '../core/push-shared.js';
import type { Clock } from '../ports/clock.js';
import type { FoundFile, PushedFiles } from '../ports/pushed-files.js';
import type { PushedSharedReport, PushOrder } from '../telemetry/push.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { PushFile } from './collect.js';
import type { Conversation } from './conversation.js';
import { digestOf, textOf } from './pem.js';

export interface SharedPorts {
  readonly files: Pick<PushedFiles, 'look'>;
  readonly clock: Pick<Clock, 'wallTime'>;
  /** What is wrong with it for this node; undefined: nothing. */
  readonly problem: (bytes: Uint8Array) => string | undefined;
}

/** `file`: undefined where it is not sent. */
export interface Shared {
  readonly file: PushFile | undefined;
  readonly report: PushedSharedReport | undefined;
}

/** What is wrong with a vipair.yaml for this node, in a sentence. `running`: what it runs now. */
export function sharedProblem(
  bytes: Uint8Array,
  { node, configFile, running }: { node: string; configFile: string; running: Config },
): string | undefined {
  const text = textOf(bytes);
  if (text === undefined) {
    return `${configFile}: no text`;
  }
  const read = parseConfig(text, configFile);
  if (!read.ok) {
    return read.error.slice(0, MOST_PROBLEMS).map(formatProblem).join('; ');
  }
  const own = running.pair.nodes.find(({ name }) => name === node);
  const found = whichNode(read.value, own === undefined ? [] : [own.address], node);
  if (!found.ok || found.value.name !== node) {
    return `${configFile}: ${node} would not find itself in it`;
  }
  return read.value.push?.accept === true
    ? undefined
    : `${configFile}: with it no node takes pushes any more, so push.accept is true in it, or it stays where it is (--shared never)`;
}

/** Also tells what is there on the other node. Nothing was sent where it is refused. */
export async function compareShared(
  { mode, shared: rule }: PushOrder,
  {
    node,
    peer,
    places,
  }: { readonly node: string; readonly peer: string; readonly places: PushPlaces },
  { talk, ...ports }: SharedPorts & { readonly talk: Conversation },
): Promise<Result<Shared, Refusal>> {
  if (rule === 'never') {
    return ok({ file: undefined, report: undefined });
  }
  const path = places.shared;
  const found = await lookAtShared(places, ports.files);
  if (!found.ok || found.value.kind !== 'file') {
    return ok(stays(path, found.ok ? `${path} is no file` : found.error));
  }
  const { bytes, changedAt } = found.value;
  const there = await talk.shared(digestOf(bytes));
  if (!there.ok) {
    return there;
  }
  const age = millis(Math.max(0, ports.clock.wallTime() - changedAt));
  const verdict = judgeShared({
    rule,
    here: { node, path, age },
    there: {
      ...{ node: peer, path: there.value.path },
      age: there.value.age === undefined ? undefined : millis(there.value.age),
    },
    isSame: there.value.found === 'same',
  });
  const file = { name: SHARED_NAME, path, base: directoryOf(path), bytes };
  const differs: Shared = { file, report: { path, outcome: 'differs', why: undefined } };
  switch (verdict.kind) {
    case 'same':
      return ok({ file: undefined, report: { path, outcome: 'same', why: undefined } });
    case 'stays':
      return ok(stays(path, verdict.why));
    case 'refused':
      return mode === 'diff'
        ? ok({ file, report: { path, outcome: 'differs', why: verdict.why } })
        : refuse(verdict.why);
    case 'goes': {
      const problem = mode === 'diff' ? undefined : ports.problem(bytes);
      return problem === undefined ? ok(differs) : refuse(problem);
    }
    default:
      return verdict satisfies never;
  }
}

/** A longer one is an error: no daemon would read it. */
export function lookAtShared(
  { shared }: PushPlaces,
  files: Pick<PushedFiles, 'look'>,
): Promise<Result<FoundFile, string>> {
  return files.look(shared, directoryOf(shared), MAX_CHARACTERS);
}

/** What became of it once it lies on both nodes: first the other node reloads, then this one. */
export async function takenOver(
  path: string,
  talk: Pick<Conversation, 'reload'>,
  reload: () => Promise<string | undefined>,
): Promise<PushedSharedReport> {
  // A change that both make at one moment is made by the first; what is left for the other is its own.
  const there = await talk.reload();
  const here = await reload();
  const why = [...new Set([there, here])].filter((each) => each !== undefined).join('; ');
  return why === ''
    ? { path, outcome: 'taken over', why: undefined }
    : { path, outcome: 'not taken over', why };
}

function stays(path: string, why: string): Shared {
  return { file: undefined, report: { path, outcome: 'not sent', why } };
}

function refuse(why: string): Result<never, Refusal> {
  return fail({ code: 'cannot-be-carried-out', detail: `nothing was sent: ${why}` });
}

const MOST_PROBLEMS = 5;
