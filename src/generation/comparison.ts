/** The configurations of both nodes, compared over the pair channel; and what this node answers to the same questions. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import type { DifferingItem } from '../core/generation.js';
import { differingItems } from '../core/generation.js';
import type { TextLine } from '../core/haproxy-text.js';
import { shown } from '../core/haproxy-text.js';
import type { Span } from '../core/line-difference.js';
import { differingLines } from '../core/line-difference.js';
import type { ItemDifference } from '../telemetry/generation.js';
import { SERVERS_OF } from '../telemetry/generation.js';
import type { Reader } from '../wire/pair/generation.js';
import {
  ASK_ITEMS,
  ASK_LINES,
  ASK_TEXT,
  cutText,
  MOST_LINES,
  MOST_SHOWN,
  readItems,
  readLines,
  readName,
  readText,
  readTextQuestion,
} from '../wire/pair/generation.js';
import type { OwnGeneration } from './own-generation.js';
import { shortDigests } from './own-generation.js';

/** Asks the other daemon; its error is a sentence. */
export type Ask = (
  ask: string,
  body: string,
  within: Millis,
) => Promise<Result<string, { readonly code: string; readonly detail: string }>>;

/** What differs, or the sentence that says why nothing is known. */
export async function compareWith(
  own: OwnGeneration,
  ask: Ask,
): Promise<Result<readonly DifferingItem[], string>> {
  const theirs = await asked(ask, { kind: ASK_ITEMS, body: {}, read: readItems });
  return theirs.ok
    ? ok(differingItems(own.items, theirs.value.items).filter(isComparable))
    : theirs;
}

/** A backend that only one node has is a line of haproxy.cfg; and a daemon of an older version says nothing of servers. */
function isComparable({ name, here, there }: DifferingItem): boolean {
  return !name.startsWith(SERVERS_OF) || (here !== undefined && there !== undefined);
}

/** The same with the lines of texts, which are asked for. */
export async function detail(
  differing: readonly DifferingItem[],
  own: OwnGeneration,
  ask: Ask,
): Promise<readonly ItemDifference[]> {
  const differences: ItemDifference[] = [];
  for (const item of differing.slice(0, MOST_ITEMS)) {
    differences.push(item.kind === 'text' ? await compareText(item, own, ask) : ofValue(item));
  }
  return differences;
}

/** Undefined where something else is asked. */
export function answerOn(
  own: OwnGeneration,
  kind: string,
  body: string,
): Result<string, string> | undefined {
  switch (kind) {
    case ASK_ITEMS:
      return own.items.length === 0
        ? fail('the other daemon has not looked at its files yet')
        : ok(JSON.stringify({ items: own.items }));
    case ASK_LINES: {
      const read = readName(body);
      return read.ok ? answerLines(own.linesOf(read.value.name)) : read;
    }
    case ASK_TEXT: {
      const read = readTextQuestion(body);
      return read.ok
        ? ok(JSON.stringify({ lines: pick(own.linesOf(read.value.name), read.value.lines) }))
        : read;
    }
    default:
      return undefined;
  }
}

function answerLines(lines: readonly TextLine[]): Result<string, string> {
  return lines.length > MOST_LINES
    ? fail(`the text has more than ${String(MOST_LINES)} lines`)
    : ok(JSON.stringify({ lines: shortDigests(lines) }));
}

/** What is asked, and how the answer is read. */
interface Question<T> {
  readonly kind: string;
  readonly body: object;
  readonly read: Reader<T>;
}

async function asked<T>(ask: Ask, { kind, body, read }: Question<T>): Promise<Result<T, string>> {
  const answer = await ask(kind, JSON.stringify(body), ANSWER_WITHIN);
  return answer.ok ? read(answer.value) : fail(answer.error.detail);
}

function ofValue({ name, here, there }: DifferingItem): ItemDifference {
  return { item: name, here, there, lines: [], more: 0 };
}

/** Which lines; where that cannot be had, only that it differs. */
async function compareText(
  item: DifferingItem,
  own: OwnGeneration,
  ask: Ask,
): Promise<ItemDifference> {
  const { name } = item;
  const ours = own.linesOf(name);
  const theirs = await asked(ask, { kind: ASK_LINES, body: { name }, read: readLines });
  const known = theirs.ok && ours.length <= MOST_LINES;
  const changes = known ? differingLines(shortDigests(ours), theirs.value.lines) : [];
  const here = changes.flatMap((each) => positions(each.ours));
  const there = changes.flatMap((each) => positions(each.theirs));
  const text = await asked(ask, {
    kind: ASK_TEXT,
    body: { name, lines: there.slice(0, MOST_SHOWN) },
    read: readText,
  });
  return {
    // A digest tells nobody anything.
    ...{ item: name, here: undefined, there: undefined },
    lines: [
      ...pick(ours, here.slice(0, MOST_SHOWN)).map((each) => ({ on: 'here' as const, ...each })),
      ...(text.ok ? text.value.lines : []).map((each) => ({ on: 'there' as const, ...each })),
    ],
    more: Math.max(0, here.length - MOST_SHOWN) + Math.max(0, there.length - MOST_SHOWN),
  };
}

function positions({ from, to }: Span): readonly number[] {
  return [...new Array(to - from).keys()].map((index) => from + index);
}

function pick(
  lines: readonly TextLine[],
  which: readonly number[],
): readonly { readonly number: number | undefined; readonly text: string }[] {
  return which.flatMap((index) => {
    const line = lines[index];
    return line === undefined ? [] : [{ number: line.number, text: cutText(shown(line.text)) }];
  });
}

/** Of how many it is told how they differ. */
const MOST_ITEMS = 20;
const ANSWER_WITHIN = millis(2000);
