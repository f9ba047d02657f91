/**
 * When the proxy is reloaded: one reload at a time, some time between two of them, and what is asked for meanwhile is one
 * more. Each leaves a worker behind that serves whom it has, so a storm of reloads must not become a storm of workers.
 */
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';

export type ReloadQueue =
  | { readonly name: 'idle'; readonly notBefore: Instant | undefined }
  /** Somebody has asked, and the last one is not long ago. */
  | { readonly name: 'waiting'; readonly until: Instant }
  /** `again`: somebody has asked since it began, and it may have read the files before. */
  | { readonly name: 'running'; readonly again: 'no' | 'yes' };

export type ReloadQueueEvent = 'asked' | 'finished' | 'alarm';

export interface ReloadQueueStep {
  readonly state: ReloadQueue;
  readonly then: 'nothing' | 'reload';
}

export const NO_RELOADS: ReloadQueue = { name: 'idle', notBefore: undefined };

/** An event that no longer fits the state changes nothing. */
export function stepReloadQueue(
  state: ReloadQueue,
  event: ReloadQueueEvent,
  now: Instant,
): ReloadQueueStep {
  switch (event) {
    case 'asked':
      return onAsked(state, now);
    case 'finished':
      return state.name === 'running' ? onFinished(state.again, now) : stay(state);
    case 'alarm':
      return state.name === 'waiting' && now >= state.until ? RELOAD : stay(state);
    default:
      return unreachable(event);
  }
}

function onAsked(state: ReloadQueue, now: Instant): ReloadQueueStep {
  if (state.name === 'running') {
    return stay({ name: 'running', again: 'yes' });
  }
  if (state.name === 'waiting') {
    return stay(state);
  }
  const { notBefore } = state;
  return notBefore === undefined || now >= notBefore
    ? RELOAD
    : stay({ name: 'waiting', until: notBefore });
}

function onFinished(again: 'no' | 'yes', now: Instant): ReloadQueueStep {
  const until = later(now, RELOAD_DISTANCE);
  return stay(again === 'yes' ? { name: 'waiting', until } : { name: 'idle', notBefore: until });
}

function stay(state: ReloadQueue): ReloadQueueStep {
  return { state, then: 'nothing' };
}

const RELOAD: ReloadQueueStep = { state: { name: 'running', again: 'no' }, then: 'reload' };
/** From the end of one to the beginning of the next. */
export const RELOAD_DISTANCE: Millis = millis(1000);
