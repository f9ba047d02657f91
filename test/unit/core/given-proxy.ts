/** A supervised proxy in each state at one instant, and its steps told in a few words. */
import type { Instant } from '../../../src/base/time.js';
import { millis } from '../../../src/base/time.js';
import type {
  ProxyEffect,
  ProxyEvent,
  ProxyParams,
  ProxyState,
} from '../../../src/core/proxy-state.js';
import { at, NOW } from './given.js';

type Name = ProxyState['name'];
type Proxy<N extends Name> = Extract<ProxyState, { name: N }>;

export const PARAMS: ProxyParams = {
  run: 'supervised',
  probeEvery: millis(250),
  probeTimeout: millis(1000),
};
export const deaths: readonly Instant[] = [at(-30_000)];

export const NONE: ProxyState = { name: 'none' };
/** It has been looked for since just now. */
export const SEEKING: Proxy<'seeking'> = {
  name: 'seeking',
  deaths,
  connectAt: undefined,
  giveUpAt: at(5000),
};
/** Something is there and does not answer: it will be asked again. */
export const SEEKING_AGAIN: Proxy<'seeking'> = { ...SEEKING, connectAt: at(100) };
export const CHECKING: ProxyState = { name: 'checking', deaths };
/** Its configuration is valid, and the replicator does not listen yet. */
export const HOLDING: ProxyState = { name: 'holding', deaths, startAt: at(2000) };
/** It was told to start, and the start has not been confirmed. */
export const STARTING: Proxy<'starting'> = {
  name: 'starting',
  deaths,
  connectAt: undefined,
  giveUpAt: at(4000),
};
export const SERVING: Proxy<'serving'> = {
  name: 'serving',
  deaths,
  pid: 7,
  since: at(-9000),
  probe: { kind: 'due', at: at(250) },
};
export const ASKED: Proxy<'serving'> = {
  ...SERVING,
  probe: { kind: 'asked', answerBy: at(1000), extended: 'no' },
};
export const ENDING: Proxy<'ending'> = { name: 'ending', deaths, cause: 'it hung', then: 'wait' };
export const CLEARING: ProxyState = { ...ENDING, then: 'check' };
export const WAITING: Proxy<'waiting'> = {
  name: 'waiting',
  deaths,
  cause: 'it hung',
  retryAt: at(100),
};

export const STATES = [
  NONE,
  SEEKING,
  SEEKING_AGAIN,
  CHECKING,
  HOLDING,
  STARTING,
  SERVING,
  ASKED,
  ENDING,
  CLEARING,
  WAITING,
];

export const EVENTS: readonly ProxyEvent[] = [
  { kind: 'begin' },
  { kind: 'connected', pid: 8 },
  { kind: 'connect-refused', found: 'nothing', detail: 'nobody there' },
  { kind: 'connection-ended' },
  { kind: 'answered' },
  { kind: 'check-passed' },
  { kind: 'replicator-ready' },
  { kind: 'check-refused', detail: 'line 3' },
  { kind: 'started' },
  { kind: 'start-refused', detail: 'no program' },
  { kind: 'exited', how: 'signal 11' },
  { kind: 'killed' },
  { kind: 'alarm' },
];

export function told(effects: readonly ProxyEffect[]): readonly string[] {
  return effects.map((effect) =>
    effect.kind !== 'tell'
      ? effect.kind
      : effect.notice.event === 'proxy.state'
        ? `${effect.notice.from} → ${effect.notice.to}: ${effect.notice.cause}`
        : `tell ${effect.notice.event}`,
  );
}

/** What becomes of a proxy that has died just now. */
export const died = { name: 'ending', deaths: [...deaths, NOW], cause: 'signal 11', then: 'wait' };
export const KILLED = ['proxy-disconnect', 'proxy-kill'];
