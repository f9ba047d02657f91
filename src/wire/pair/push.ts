/** What two daemons say to each other of files that one sends to the other. Nothing here is large: a file goes in parts. */
import { z } from 'zod';
import type { Reader } from './generation.js';
import { readerOf } from './generation.js';
import { name } from './fields.js';

/** The attempt, by the sender's name for it. */
export interface PushAsked {
  readonly id: string;
}

/** `standby`: not where the node is master of anything. */
export interface PushInstallAsked extends PushAsked {
  readonly to: 'standby' | 'active';
}

export interface PushBeginAsked extends PushAsked {
  readonly files: number;
  /** Of all of them. */
  readonly bytes: number;
}

export interface PushBeginAnswer {
  /** Groups that the node is master of. */
  readonly masterOf: readonly string[];
}

export interface PushFileAsked extends PushAsked {
  /** As `nameOf` has it. */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256, in hexadecimal. */
  readonly digest: string;
}

export interface PushFileAnswer {
  /** Where it goes there. */
  readonly path: string;
  readonly found: 'same' | 'differs' | 'absent';
  /** Of the certificates in what is there: SHA-256 each. */
  readonly certificates: readonly string[];
}

export interface PushPartAsked extends PushAsked {
  readonly name: string;
  /** In bytes, from 0. */
  readonly at: number;
  readonly base64: string;
}

/** What is at a path there, as it may be shown: never a key. */
export interface PushTextAsked {
  readonly name: string;
}

export interface PushTextAnswer {
  readonly text: string;
}

export interface PushStateAnswer {
  readonly state: string;
  /** Undefined while it goes on. */
  readonly outcome?: 'kept' | 'rolled back' | 'failed' | undefined;
  readonly why?: string | undefined;
}

export interface PushSharedAsked {
  /** SHA-256 of this node's vipair.yaml, in hexadecimal. */
  readonly digest: string;
}

/** vipair.yaml of the other node. */
export interface PushSharedAnswer {
  readonly path: string;
  readonly found: 'same' | 'differs' | 'absent';
  /** Milliseconds since it was changed. */
  readonly age?: number | undefined;
}

/** What is wrong, in a sentence; undefined where all is well. */
export interface PushWellAnswer {
  readonly why?: string | undefined;
}

export const ASK_PUSH_BEGIN = 'push-begin';
export const ASK_PUSH_FILE = 'push-file';
export const ASK_PUSH_PART = 'push-part';
export const ASK_PUSH_TEXT = 'push-text';
export const ASK_PUSH_CHECK = 'push-check';
export const ASK_PUSH_INSTALL = 'push-install';
export const ASK_PUSH_STATE = 'push-state';
export const ASK_PUSH_DROP = 'push-drop';
/** What vipair.yaml is there. */
export const ASK_PUSH_SHARED = 'push-shared';
/** To reload vipair.yaml, as `vipair reload` does. */
export const ASK_PUSH_RELOAD = 'push-reload';
/** Whether the proxy, with the files of that push, is still as well off as before it. */
export const ASK_PUSH_WELL = 'push-well';
/** To take back what was kept of that push. */
export const ASK_PUSH_UNDO = 'push-undo';

/** Certificates of a site with hundreds of names, each in a file of its own. */
export const MOST_PUSHED_FILES = 250;
/** A map of networks has a megabyte; a file is hashed in one go, which takes some milliseconds of the daemon's. */
export const MOST_PUSHED_FILE_BYTES: number = 2 * 1024 * 1024;
/** Of all files: they are held in memory until they are installed. */
export const MOST_PUSHED_BYTES: number = 8 * 1024 * 1024;
/** Of one question: 12,000 characters, which leave room for the name, and a heartbeat waits for no more than that. */
export const PART_BYTES = 9000;
/** Of a text that is compared line by line; of a longer one only that it differs. */
export const MOST_TEXT_SHOWN = 60_000;

const MOST_PATH = 1000;
const MOST_MASTER_OF = 16;
const MOST_CERTIFICATES = 20;
const MOST_WHY = 4000;

const id = z.string().min(1).max(128);
const path = z.string().min(1).max(MOST_PATH);
const bytes = z.int().min(0).max(MOST_PUSHED_FILE_BYTES);
const digest = z.string().regex(/^[0-9a-f]{64}$/u);

const ASKED: z.ZodType<PushAsked> = z.object({ id });
const INSTALL: z.ZodType<PushInstallAsked> = z.object({ id, to: z.enum(['standby', 'active']) });
const BEGIN: z.ZodType<PushBeginAsked> = z.object({
  id,
  files: z.int().min(1).max(MOST_PUSHED_FILES),
  bytes: z.int().min(0).max(MOST_PUSHED_BYTES),
});
const BEGUN: z.ZodType<PushBeginAnswer> = z.object({
  masterOf: z.array(name).max(MOST_MASTER_OF),
});
const FILE: z.ZodType<PushFileAsked> = z.object({ id, name: path, bytes, digest });
const FILE_FOUND: z.ZodType<PushFileAnswer> = z.object({
  path: z.string().max(MOST_PATH),
  found: z.enum(['same', 'differs', 'absent']),
  certificates: z.array(digest).max(MOST_CERTIFICATES),
});
const PART: z.ZodType<PushPartAsked> = z.object({
  id,
  name: path,
  at: bytes,
  base64: z.base64().max((PART_BYTES / 3) * 4),
});
const SHARED: z.ZodType<PushSharedAsked> = z.object({ digest });
const SHARED_FOUND: z.ZodType<PushSharedAnswer> = z.object({
  path,
  found: z.enum(['same', 'differs', 'absent']),
  age: z.number().min(0).optional(),
});
const WELL: z.ZodType<PushWellAnswer> = z.object({ why: z.string().max(MOST_WHY).optional() });
const TEXT: z.ZodType<PushTextAsked> = z.object({ name: path });
const TEXT_SAID: z.ZodType<PushTextAnswer> = z.object({ text: z.string().max(MOST_TEXT_SHOWN) });
const STATE: z.ZodType<PushStateAnswer> = z.object({
  state: z.string().max(64),
  outcome: z.enum(['kept', 'rolled back', 'failed']).optional(),
  why: z.string().max(MOST_WHY).optional(),
});

export const readPushAsked: Reader<PushAsked> = readerOf(ASKED);
export const readPushInstall: Reader<PushInstallAsked> = readerOf(INSTALL);
export const readPushBegin: Reader<PushBeginAsked> = readerOf(BEGIN);
export const readPushBegun: Reader<PushBeginAnswer> = readerOf(BEGUN);
export const readPushFile: Reader<PushFileAsked> = readerOf(FILE);
export const readPushFileFound: Reader<PushFileAnswer> = readerOf(FILE_FOUND);
export const readPushPart: Reader<PushPartAsked> = readerOf(PART);
export const readPushText: Reader<PushTextAsked> = readerOf(TEXT);
export const readPushTextSaid: Reader<PushTextAnswer> = readerOf(TEXT_SAID);
export const readPushShared: Reader<PushSharedAsked> = readerOf(SHARED);
export const readPushSharedFound: Reader<PushSharedAnswer> = readerOf(SHARED_FOUND);
export const readPushWell: Reader<PushWellAnswer> = readerOf(WELL);
export const readPushState: Reader<PushStateAnswer> = readerOf(STATE);

/** Why something ended, as long as an answer has room for it. */
export function cutWhy(why: string): string {
  return why.length > MOST_WHY ? `${why.slice(0, MOST_WHY - 1)}…` : why;
}
