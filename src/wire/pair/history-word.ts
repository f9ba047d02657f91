/** What one daemon asks the other for of its history, and what that answers: a page of transitions, the newest first asked. */
import { z } from 'zod';
import { LATEST, name, pairTime } from './fields.js';
import { ROLES } from './heartbeat.js';

/** A question `history`. */
export interface HistoryAskedWord {
  /** Undefined: all. */
  readonly group: string | undefined;
  /** So many at the most. */
  readonly limit: number;
  /** So many of the newest are known already. */
  readonly skip: number;
}

export interface HistoryWord {
  readonly kept: (typeof KEPT)[number];
  /** `more`: older ones would have followed, had there been room in the answer. */
  readonly rest: 'none' | 'more';
  /** Oldest first. */
  readonly transitions: readonly TransitionWord[];
}

/** One transition, as the node that decided it keeps it. */
export interface TransitionWord {
  readonly epoch: number;
  readonly number: number;
  readonly pairTime: number | undefined;
  readonly at: number;
  readonly group: string;
  readonly from: (typeof ROLES)[number];
  readonly to: (typeof ROLES)[number];
  readonly cause: string;
  readonly trigger: string;
  readonly evidence: EvidenceWord;
  readonly phases: {
    readonly decideMs: number | undefined;
    readonly claimMs: number | undefined;
    readonly announceMs: number | undefined;
    readonly firstRequest: FirstRequestWord | undefined;
  };
  readonly ended: { readonly lastedMs: number; readonly announcements: number };
}

type FirstRequestWord =
  | { readonly kind: 'served'; readonly afterMs: number }
  | { readonly kind: 'none'; readonly withinMs: number };

interface EvidenceWord {
  readonly priority: number;
  readonly adverts:
    | { readonly silentForMs: number; readonly intervalMs: number; readonly missed: number }
    | undefined;
  readonly heard: { readonly source: string; readonly priority: number } | undefined;
  readonly heartbeat: { readonly life: string; readonly agoMs: number | undefined } | undefined;
  readonly peerSaid:
    { readonly role: string; readonly priority: number; readonly lan: string } | undefined;
  readonly links: readonly string[];
  readonly checks: readonly string[];
  readonly proxy: string | undefined;
}

const KEPT = ['on disk', 'memory only', 'being read'] as const;
/** More than a node keeps in memory. */
export const MOST_TRANSITIONS = 1000;
const MOST_TEXT = 512;
const MOST_LINES = 64;

const text = z.string().max(MOST_TEXT);
const lines = z.array(text).max(MOST_LINES);
const role = z.enum(ROLES);
const howMany = z.int().min(0).max(MOST_TRANSITIONS);
const priority = z.int().min(0).max(255);
const duration = z.number();
const known = duration.optional();

export const HISTORY_ASKED: z.ZodType<HistoryAskedWord> = z
  .object({ group: name.optional(), limit: howMany, skip: howMany })
  .transform(({ group, limit, skip }) => ({ group, limit, skip }));

const EVIDENCE = z
  .object({
    priority,
    adverts: z.object({ silentForMs: duration, intervalMs: duration, missed: z.int() }).optional(),
    heard: z.object({ source: text, priority }).optional(),
    heartbeat: z
      .object({ life: text, agoMs: known })
      .transform(({ life, agoMs }) => ({ life, agoMs }))
      .optional(),
    peerSaid: z.object({ role: text, priority, lan: text }).optional(),
    links: lines,
    checks: lines,
    proxy: text.optional(),
  })
  .transform(({ adverts, heard, heartbeat, peerSaid, proxy, ...rest }) => ({
    ...rest,
    ...{ adverts, heard, heartbeat, peerSaid, proxy },
  }));

const FIRST_REQUEST = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('served'), afterMs: duration }),
  z.object({ kind: z.literal('none'), withinMs: duration }),
]);

const PHASES = z
  .object({
    ...{ decideMs: known, claimMs: known, announceMs: known },
    firstRequest: FIRST_REQUEST.optional(),
  })
  .transform(({ decideMs, claimMs, announceMs, firstRequest }) => ({
    ...{ decideMs, claimMs, announceMs, firstRequest },
  }));

const TRANSITION = z
  .object({
    epoch: z.number().min(0).max(LATEST),
    number: z.int().min(1),
    pairTime: pairTime.optional(),
    at: z.number().min(0).max(LATEST),
    group: name,
    ...{ from: role, to: role, cause: text, trigger: text },
    evidence: EVIDENCE,
    phases: PHASES,
    ended: z.object({ lastedMs: duration, announcements: z.int().min(0) }),
  })
  .transform(({ pairTime: time, ...rest }) => ({ ...rest, pairTime: time }));

export const HISTORY_WORD: z.ZodType<HistoryWord> = z.object({
  kept: z.enum(KEPT),
  rest: z.enum(['none', 'more']),
  transitions: z.array(TRANSITION).max(MOST_TRANSITIONS),
});
