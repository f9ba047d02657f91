/** Whether what an operator waits for is so: a server has given away its last connection, is gone, or is up, on both nodes. */
import type { ServerLoad } from '../wire/pair/loads-word.js';
import type { StatedOf } from './intents.js';
import { standingOf } from './served.js';
import { readExistence } from './server-existence.js';

export type WaitGoal = 'drained' | 'in maintenance' | 'gone' | 'up';

/** What one node knows of the server. */
export interface NodeView {
  readonly node: string;
  /** `not known`: it could not be asked, or not yet. */
  readonly server: ServerLoad | 'none' | 'not known';
}

export interface Waiting {
  /** This node's view first; the other's where there is another. */
  readonly views: readonly NodeView[];
  /** How many times in a row the other node could not be asked. */
  readonly silent: number;
}

/** What waiting for that comes to; undefined where there is nothing to wait for. */
export function waitGoalOf(aspect: StatedOf, value: string): WaitGoal | undefined {
  if (aspect === 'existence') {
    return readExistence(value)?.kind === 'absent' ? 'gone' : 'up';
  }
  return aspect === 'admin' ? ADMIN_GOALS[value] : undefined;
}

/** What is known after one more round of questions. */
export function waitOn(before: Waiting | undefined, views: readonly NodeView[]): Waiting {
  const [, peer] = views;
  return { views, silent: peer?.server === 'not known' ? (before?.silent ?? 0) + 1 : 0 };
}

/** A node that is not heard of at once may be back in a moment; after that, this one alone decides. */
export function isReached(goal: WaitGoal, { views, silent }: Waiting): boolean {
  return views.every(({ server }, index) =>
    server === 'not known'
      ? index > 0 && silent >= SILENT_ROUNDS
      : isSo(goal, server === 'none' ? undefined : server),
  );
}

/** Until HAProxy there has been told, new sessions may come to a server that has none at the moment. */
function isSo(goal: WaitGoal, server: ServerLoad | undefined): boolean {
  if (goal === 'up') {
    return server !== undefined && standingOf(server) === 'up';
  }
  if (server === undefined) {
    return true;
  }
  const isOut = RELEASED[goal].some((word) => server.status.startsWith(word));
  return isOut && server.sessions === 0;
}

const ADMIN_GOALS: Readonly<Record<string, WaitGoal>> = {
  drain: 'drained',
  maint: 'in maintenance',
};

/** HAProxy's management guide, `show stat`, field 17. A server that is down is given nobody either. */
const RELEASED: Readonly<Record<Exclude<WaitGoal, 'up'>, readonly string[]>> = {
  drained: ['DRAIN', 'MAINT', 'DOWN'],
  'in maintenance': ['MAINT'],
  // Only one that is there no more is gone.
  gone: [],
};

/** One a second. */
export const SILENT_ROUNDS = 5;
