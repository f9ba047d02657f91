/** What two daemons say to each other of drills: what the other's hand is to do, and what it has done. */
import { z } from 'zod';
import type { Cidr, Ip } from '../../base/ip.js';
import { formatCidr, parseCidr } from '../../base/ip.js';
import { address, LATEST, name } from './fields.js';
import type { Reader } from './generation.js';
import { readerOf } from './generation.js';

export type FaultWord =
  | {
      readonly kind: 'signal';
      readonly to: 'daemon' | 'proxy' | 'replicator';
      readonly signal: 'kill' | 'stop';
    }
  | { readonly kind: 'restart-daemon' | 'bad-proxy-config' | 'fill-disk' }
  | { readonly kind: 'link-down'; readonly interface: string }
  | { readonly kind: 'drop'; readonly packets: readonly PacketsWord[] }
  | {
      readonly kind: 'remove-address' | 'add-address';
      readonly address: Cidr;
      readonly interface: string;
    }
  | { readonly kind: 'burn-processors'; readonly processes: number }
  | { readonly kind: 'power-off'; readonly node: string };

export type PacketsWord =
  | { readonly what: 'everything'; readonly interface: string }
  | {
      readonly what: 'adverts';
      readonly interface: string;
      readonly direction: 'in' | 'out';
    }
  | { readonly what: 'port'; readonly port: number }
  | { readonly what: 'server'; readonly address: Ip; readonly port: number };

/** Asked with {@link ASK_DRILL_ARM}. */
export interface HandOrderWord {
  readonly id: string;
  readonly drill: string;
  readonly by: string;
  readonly faults: readonly FaultWord[];
  readonly lastsMs: number;
  readonly armedForMs: number;
}

/** Asked with {@link ASK_DRILL_FIRE} and {@link ASK_DRILL_UNDO}. */
export interface DrillNamed {
  readonly id: string;
}

/** The answer to all four questions. */
export interface HandWord {
  /** Undefined: there is none, nor was since the node booted. */
  readonly hand: HandStateWord | undefined;
  /** Why nothing was done. */
  readonly refused: { readonly code: string; readonly detail: string } | undefined;
}

export interface HandStateWord {
  readonly id: string;
  readonly drill: string;
  readonly node: string;
  readonly by: string;
  readonly phase: (typeof PHASES)[number];
  readonly armedAt: number;
  readonly until: number;
  readonly fired: { readonly from: number; readonly to: number } | undefined;
  readonly undone:
    | { readonly from: number; readonly to: number; readonly why: (typeof REASONS)[number] }
    | undefined;
  readonly problems: readonly string[];
  readonly left: readonly string[];
  readonly macs?: readonly string[] | undefined;
}

export const ASK_DRILL_ARM = 'drill-arm';
export const ASK_DRILL_FIRE = 'drill-fire';
export const ASK_DRILL_UNDO = 'drill-undo';
export const ASK_DRILL_STATE = 'drill-state';

const PHASES = ['armed', 'fired', 'undoing', 'undone', 'expired', 'failed'] as const;
const REASONS = [
  'asked',
  'time was up',
  'not all of it could be done',
  'its hand was gone',
  'the daemon started anew',
] as const;

const MOST_FAULTS = 8;
const MOST_PACKETS = 64;
const MOST_BURNERS = 1024;
const LONGEST_MS = 120_000;
/** An operator who is asked whether to go on may take some time to answer. */
const LONGEST_ARMED_MS = 600_000;
/** Of sentences, in number and characters. */
const MOST_TOLD = 32;
const MOST_SENTENCE = 500;
/** The kernel's names of interfaces have 15 characters, and neither blanks nor slashes. */
const interfaceName = z.string().regex(/^[^\s/"]{1,15}$/u);
const port = z.int().min(1).max(65_535);
const cidr: z.ZodType<Cidr> = z
  .object({ address, prefixLength: z.int().min(0).max(128) })
  .transform(({ prefixLength, ...each }, context) => {
    const parsed = parseCidr(formatCidr({ ...each, prefixLength }));
    if (parsed.ok) {
      return parsed.value;
    }
    context.addIssue('expected an address with the length of its prefix');
    return z.NEVER;
  });

const PACKETS: z.ZodType<PacketsWord> = z.discriminatedUnion('what', [
  z.object({ what: z.literal('everything'), interface: interfaceName }),
  z.object({
    what: z.literal('adverts'),
    interface: interfaceName,
    direction: z.enum(['in', 'out']),
  }),
  z.object({ what: z.literal('port'), port }),
  z.object({ what: z.literal('server'), address, port }),
]);

const FAULT: z.ZodType<FaultWord> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('signal'),
    to: z.enum(['daemon', 'proxy', 'replicator']),
    signal: z.enum(['kill', 'stop']),
  }),
  z.object({ kind: z.enum(['restart-daemon', 'bad-proxy-config', 'fill-disk']) }),
  z.object({ kind: z.literal('link-down'), interface: interfaceName }),
  z.object({ kind: z.literal('drop'), packets: z.array(PACKETS).min(1).max(MOST_PACKETS) }),
  z.object({
    kind: z.enum(['remove-address', 'add-address']),
    address: cidr,
    interface: interfaceName,
  }),
  z.object({
    kind: z.literal('burn-processors'),
    processes: z.int().min(1).max(MOST_BURNERS),
  }),
  z.object({ kind: z.literal('power-off'), node: name }),
]);

const ORDER: z.ZodType<HandOrderWord> = z.object({
  id: z.string().regex(/^[\w.:-]{1,128}$/u),
  drill: name,
  by: name,
  faults: z.array(FAULT).max(MOST_FAULTS),
  lastsMs: z.int().min(1).max(LONGEST_MS),
  armedForMs: z.int().min(1).max(LONGEST_ARMED_MS),
});

const MOST_MAC = 32;
export const MOST_MACS = 64;

const NAMED: z.ZodType<DrillNamed> = z.object({ id: z.string().min(1).max(128) });

const at = z.number().min(0).max(LATEST);
const sentences = z.array(z.string().max(MOST_SENTENCE)).max(MOST_TOLD);
const STATE: z.ZodType<HandStateWord> = z
  .object({
    id: z.string().max(128),
    drill: name,
    node: name,
    by: name,
    phase: z.enum(PHASES),
    armedAt: at,
    until: at,
    fired: z.object({ from: at, to: at }).optional(),
    undone: z.object({ from: at, to: at, why: z.enum(REASONS) }).optional(),
    problems: sentences,
    left: sentences,
    macs: z.array(z.string().max(MOST_MAC)).max(MOST_MACS).optional(),
  })
  .transform(({ fired, undone, ...each }) => ({ ...each, fired, undone }));
const HAND: z.ZodType<HandWord> = z
  .object({
    hand: STATE.optional(),
    refused: z.object({ code: name, detail: z.string().max(MOST_SENTENCE) }).optional(),
  })
  .transform(({ hand, refused }) => ({ hand, refused }));

export const readHandOrder: Reader<HandOrderWord> = readerOf(ORDER);
export const readDrillNamed: Reader<DrillNamed> = readerOf(NAMED);
export const readHandWord: Reader<HandWord> = readerOf(HAND);

/** As many sentences as an answer has room for, none too long. */
export function cutSentences(sentences: readonly string[]): readonly string[] {
  return sentences
    .slice(0, MOST_TOLD)
    .map((each) => (each.length > MOST_SENTENCE ? `${each.slice(0, MOST_SENTENCE - 1)}…` : each));
}
