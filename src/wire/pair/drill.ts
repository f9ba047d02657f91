/** What two daemons say to each other of drills: what the other's hand is to do, and what it has done. */
import { z } from 'zod';
import type { Cidr, Ip } from '../../base/ip.js';
import { formatCidr, parseCidr } from '../../base/ip.js';
import { address, LATEST, name } from './fields.js';
import type { Reader } from './generation.js';
import { readerOf } from './generation.js';

/** What a drill does to a node for a while: each can be undone, by whoever finds it, from what is written here alone. */
export type DrillFault =
  /** Of a process and its children; `stop` is undone by letting it go on. A killed one is started again by whoever does so always. */
  | {
      readonly kind: 'signal';
      readonly to: 'daemon' | 'proxy' | 'replicator';
      readonly signal: 'kill' | 'stop';
    }
  /** As `systemctl restart` does: handed over to the next daemon. */
  | { readonly kind: 'restart-daemon' }
  /** A line that HAProxy refuses is put into haproxy.cfg, and a reload is asked for. */
  | { readonly kind: 'bad-proxy-config' }
  | { readonly kind: 'link-down'; readonly interface: string }
  /** Packets are dropped by rules of our own; carriers stay. */
  | { readonly kind: 'drop'; readonly packets: readonly DroppedPackets[] }
  /** An address that the node holds is taken from its interface. */
  | { readonly kind: 'remove-address'; readonly address: Cidr; readonly interface: string }
  /** An address that the other node holds is put on an interface, and announced from there. */
  | { readonly kind: 'add-address'; readonly address: Cidr; readonly interface: string }
  /** Processes that compute without end, one a processor and some more. */
  | { readonly kind: 'burn-processors'; readonly processes: number }
  /** A file fills the file system of the state directory, which has to be one of its own. */
  | { readonly kind: 'fill-disk' }
  /** What the node's configuration has for it is run: `drills.power.off`, and `drills.power.on` to undo it. */
  | { readonly kind: 'power-off'; readonly node: string };

/** As one end of them sees it. */
export type DroppedPackets =
  | { readonly what: 'everything'; readonly interface: string }
  | {
      readonly what: 'adverts';
      readonly interface: string;
      readonly direction: 'in' | 'out';
    }
  /** Of connections to or from that port. */
  | { readonly what: 'port'; readonly port: number }
  /** What this node sends to a server. */
  | { readonly what: 'server'; readonly address: Ip; readonly port: number };

/** Asked with {@link ASK_DRILL_ARM}: what one node is to be ready for. Without faults it only keeps other drills away, and is audited. */
export interface HandOrder {
  /** Of the drill: the same on both nodes. */
  readonly id: string;
  /** Its name in the catalogue. */
  readonly drill: string;
  /** The node on which the operator asked for it. */
  readonly by: string;
  readonly faults: readonly DrillFault[];
  /** After firing, at the latest, everything is undone, whoever asks for it or does not. In milliseconds. */
  readonly lastsMs: number;
  /** Whoever has not fired by then never will. In milliseconds. */
  readonly armedForMs: number;
}

/** Asked with {@link ASK_DRILL_FIRE} and {@link ASK_DRILL_UNDO}. */
export interface DrillNamed {
  readonly id: string;
}

/** The answer to all four questions. */
export interface HandWord {
  /** Undefined: there is none, nor was since the node booted. */
  readonly hand: HandState | undefined;
  /** Why nothing was done. */
  readonly refused: { readonly code: string; readonly detail: string } | undefined;
}

/** What has become of it: kept in a file of the runtime directory, so that it outlives the daemon and the hand. */
export interface HandState {
  readonly id: string;
  readonly drill: string;
  readonly node: string;
  readonly by: string;
  /**
   * `expired`: never fired. `undone`: everything is as it was. `failed`: something is not, and `problems` says what a person
   * has to do.
   */
  readonly phase: (typeof HAND_PHASES)[number];
  /** By the node's wall clock, in Unix milliseconds; likewise all that follow. */
  readonly armedAt: number;
  /** When it expires, or everything is undone by itself. */
  readonly until: number;
  /** From before the first fault to after the last. Undefined also while they are being carried out. */
  readonly fired: { readonly from: number; readonly to: number } | undefined;
  readonly undone:
    { readonly from: number; readonly to: number; readonly why: UndoReason } | undefined;
  /** Each a sentence. */
  readonly problems: readonly string[];
  /** What was found afterwards that had not been there before: addresses, rules, processes, open files. */
  readonly left: readonly string[];
  /** MACs of the node's interfaces, by which clients' caches are judged; undefined: it does not tell. */
  readonly macs?: readonly string[] | undefined;
}

export type UndoReason = (typeof UNDO_REASONS)[number];

export const ASK_DRILL_ARM = 'drill-arm';
export const ASK_DRILL_FIRE = 'drill-fire';
export const ASK_DRILL_UNDO = 'drill-undo';
export const ASK_DRILL_STATE = 'drill-state';

const HAND_PHASES = ['armed', 'fired', 'undoing', 'undone', 'expired', 'failed'] as const;
const UNDO_REASONS = [
  'asked',
  'time was up',
  /** A fault that is not whole is not the one that was to be tried. */
  'not all of it could be done',
  'its hand was gone',
  'the daemon started anew',
] as const;

/** Of one drill on one node. */
export const MOST_FAULTS = 8;
/** Of one fault: a backend of a large site has some tens of servers. */
export const MOST_DROPPED = 64;
const MOST_BURNERS = 1024;
/** A fault that lasts longer than this is no drill. In milliseconds. */
export const LONGEST_FAULT = 120_000;
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

const PACKETS: z.ZodType<DroppedPackets> = z.discriminatedUnion('what', [
  z.object({ what: z.literal('everything'), interface: interfaceName }),
  z.object({
    what: z.literal('adverts'),
    interface: interfaceName,
    direction: z.enum(['in', 'out']),
  }),
  z.object({ what: z.literal('port'), port }),
  z.object({ what: z.literal('server'), address, port }),
]);

const FAULT: z.ZodType<DrillFault> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('signal'),
    to: z.enum(['daemon', 'proxy', 'replicator']),
    signal: z.enum(['kill', 'stop']),
  }),
  z.object({ kind: z.enum(['restart-daemon', 'bad-proxy-config', 'fill-disk']) }),
  z.object({ kind: z.literal('link-down'), interface: interfaceName }),
  z.object({ kind: z.literal('drop'), packets: z.array(PACKETS).min(1).max(MOST_DROPPED) }),
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

const ORDER: z.ZodType<HandOrder> = z.object({
  id: z.string().regex(/^[\w.:-]{1,128}$/u),
  drill: name,
  by: name,
  faults: z.array(FAULT).max(MOST_FAULTS),
  lastsMs: z.int().min(1).max(LONGEST_FAULT),
  armedForMs: z.int().min(1).max(LONGEST_ARMED_MS),
});

const MOST_MAC = 32;
export const MOST_MACS = 64;

const NAMED: z.ZodType<DrillNamed> = z.object({ id: z.string().min(1).max(128) });

const at = z.number().min(0).max(LATEST);
const sentences = z.array(z.string().max(MOST_SENTENCE)).max(MOST_TOLD);
const STATE: z.ZodType<HandState> = z
  .object({
    id: z.string().max(128),
    drill: name,
    node: name,
    by: name,
    phase: z.enum(HAND_PHASES),
    armedAt: at,
    until: at,
    fired: z.object({ from: at, to: at }).optional(),
    undone: z.object({ from: at, to: at, why: z.enum(UNDO_REASONS) }).optional(),
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

export const readHandOrder: Reader<HandOrder> = readerOf(ORDER);
export const readDrillNamed: Reader<DrillNamed> = readerOf(NAMED);
export const readHandWord: Reader<HandWord> = readerOf(HAND);

/** As many sentences as an answer has room for, none too long. */
export function cutSentences(sentences: readonly string[]): readonly string[] {
  return sentences
    .slice(0, MOST_TOLD)
    .map((each) => (each.length > MOST_SENTENCE ? `${each.slice(0, MOST_SENTENCE - 1)}…` : each));
}
