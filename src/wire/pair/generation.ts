/** What two daemons tell each other of their configurations, as the bodies of questions and answers. */
import { z } from 'zod';
import type { Result } from '../../base/result.js';
import { fail } from '../../base/result.js';
import { NOT_JSON, readJson } from './json-answer.js';

/** Asked for with {@link ASK_ITEMS}. */
export interface ItemsAnswer {
  readonly items: readonly {
    readonly name: string;
    readonly value: string;
    readonly kind: 'text' | 'value';
  }[];
}

/** Asked for with {@link ASK_LINES}: a short digest of each line of a text. */
export interface LinesAnswer {
  readonly lines: readonly string[];
}

/** Which lines of which text, counted from 0, with {@link ASK_TEXT}. */
export interface TextQuestion {
  readonly name: string;
  readonly lines: readonly number[];
}

export interface TextAnswer {
  readonly lines: readonly { readonly number?: number | undefined; readonly text: string }[];
}

export const ASK_ITEMS = 'generation';
export const ASK_LINES = 'generation-lines';
export const ASK_TEXT = 'generation-text';

/** Of a text whose lines are compared; of a longer one only that it differs. */
export const MOST_LINES = 6000;
/** Of one text, in one answer. */
export const MOST_SHOWN = 40;
const MOST_ITEMS = 256;
const MOST_CHARACTERS = 300;

const text = z.string().max(MOST_CHARACTERS);
const position = z.int().min(0).max(1_000_000);

const ITEMS: z.ZodType<ItemsAnswer> = z.object({
  items: z
    .array(z.object({ name: text, value: text, kind: z.enum(['text', 'value']) }))
    .max(MOST_ITEMS),
});
const NAME: z.ZodType<{ readonly name: string }> = z.object({ name: text });
const LINES: z.ZodType<LinesAnswer> = z.object({
  lines: z.array(z.string().max(16)).max(MOST_LINES),
});
const TEXT_ASKED: z.ZodType<TextQuestion> = z.object({
  name: text,
  lines: z.array(position).max(MOST_SHOWN),
});
const TEXT: z.ZodType<TextAnswer> = z.object({
  lines: z.array(z.object({ number: position.optional(), text })).max(MOST_SHOWN),
});

/** Never throws; its error is one sentence. */
export type Reader<T> = (body: string) => Result<T, string>;

export const readItems: Reader<ItemsAnswer> = readerOf(ITEMS);
export const readName: Reader<{ readonly name: string }> = readerOf(NAME);
export const readLines: Reader<LinesAnswer> = readerOf(LINES);
export const readTextQuestion: Reader<TextQuestion> = readerOf(TEXT_ASKED);
export const readText: Reader<TextAnswer> = readerOf(TEXT);

/** No longer than an answer may have it. */
export function cutText(line: string): string {
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS - 1)}…` : line;
}

/** Reads JSON of another daemon, and says whose it is where that fails. */
export function readerOf<T>(expected: z.ZodType<T>): Reader<T> {
  return (body) => {
    const read = readJson(expected, body);
    if (read.ok) {
      return read;
    }
    const why = read.error === NOT_JSON ? 'no JSON' : `not understood: ${cutText(read.error)}`;
    return fail(`what the other daemon said is ${why}`);
  };
}
