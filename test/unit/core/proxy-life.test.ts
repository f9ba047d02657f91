import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../src/base/time.js';
import { instant, later, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type {
  ProxyEffect,
  ProxyEvent,
  ProxyParams,
  ProxyState,
  ProxyStep,
} from '../../../src/core/proxy-life.js';
import { proxyDeadline, stepProxy } from '../../../src/core/proxy-life.js';
import { anyInstant, at, NOW } from './given.js';

type Name = ProxyState['name'];
type Proxy<N extends Name> = Extract<ProxyState, { name: N }>;

const PARAMS: ProxyParams = { probeEvery: millis(250), probeTimeout: millis(1000) };
const deaths: readonly Instant[] = [at(-30_000)];

const NONE: ProxyState = { name: 'none' };
const SEEKING: ProxyState = { name: 'seeking', deaths };
const CHECKING: ProxyState = { name: 'checking', deaths };
/** It was told to start, and the start has not been confirmed. */
const STARTING: Proxy<'starting'> = {
  name: 'starting',
  deaths,
  connectAt: undefined,
  giveUpAt: at(4000),
};
const SERVING: Proxy<'serving'> = {
  name: 'serving',
  deaths,
  pid: 7,
  since: at(-9000),
  probe: { kind: 'due', at: at(250) },
};
const ASKED: Proxy<'serving'> = {
  ...SERVING,
  probe: { kind: 'asked', answerBy: at(1000), extended: 'no' },
};
const ENDING: Proxy<'ending'> = { name: 'ending', deaths, cause: 'it hung', then: 'wait' };
const CLEARING: ProxyState = { ...ENDING, then: 'check' };
const WAITING: ProxyState = { name: 'waiting', deaths, cause: 'it hung', retryAt: at(100) };

const STATES = [NONE, SEEKING, CHECKING, STARTING, SERVING, ASKED, ENDING, CLEARING, WAITING];

const EVENTS: readonly ProxyEvent[] = [
  { kind: 'begin' },
  { kind: 'connected', pid: 8 },
  { kind: 'connect-refused', detail: 'nobody there' },
  { kind: 'connection-ended' },
  { kind: 'answered' },
  { kind: 'check-passed' },
  { kind: 'check-refused', detail: 'line 3' },
  { kind: 'started' },
  { kind: 'start-refused', detail: 'no program' },
  { kind: 'exited', how: 'signal 11' },
  { kind: 'killed' },
  { kind: 'alarm' },
];

function told(effects: readonly ProxyEffect[]): readonly string[] {
  return effects.map((effect) =>
    effect.kind !== 'tell'
      ? effect.kind
      : effect.notice.event === 'proxy.state'
        ? `${effect.notice.from} → ${effect.notice.to}: ${effect.notice.cause}`
        : `tell ${effect.notice.event}`,
  );
}

/** Every state and event that bring anything about, and what. Every other pair changes nothing. */
const ROWS: readonly (readonly [string, ProxyState, ProxyEvent, object, readonly string[]])[] = [];
