/** What both nodes remember of their groups, asked on either: each keeps its own transitions, and here they are merged. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Refusal } from '../telemetry/refusal.js';
import type {
  HistoryAnswer,
  HistoryPart,
  HistoryQuestion,
  PairHistory,
  Transition,
} from '../telemetry/transition.js';
import type { HistoryWord } from '../wire/pair/history-word.js';
import { HISTORY_ASKED, HISTORY_WORD, MOST_TRANSITIONS } from '../wire/pair/history-word.js';
import { readJson } from '../wire/pair/json-answer.js';
import { mergeHistories, movesOf, nameOf } from './merged-history.js';
import type { Answers, NodeHistory, OwnNode, Peer } from './ports.js';
import { explainSwitchover } from './refusal-text.js';

export interface HistoryOrder {
  /** Undefined: all. */
  readonly group: string | undefined;
  /** The newest so many; a move counts once, whatever both nodes have told of it. */
  readonly limit: number;
  /** Of this node alone; undefined: of both. */
  readonly node: string | undefined;
}

export interface HistoriesOptions {
  readonly node: string;
  /** Of both nodes. */
  readonly names: readonly string[];
}

export interface HistoriesPorts {
  readonly own: Pick<OwnNode, 'status'>;
  /** Undefined where nothing is recorded. */
  readonly history: NodeHistory | undefined;
  /** Undefined where there is no pair channel. */
  readonly peer: Peer | undefined;
}

/** One node's, and what came of asking for it. */
type Told = HistoryPart & { readonly transitions: readonly Transition[] };

export class Histories {
  readonly #options: HistoriesOptions;
  readonly #ports: HistoriesPorts;

  constructor(options: HistoriesOptions, ports: HistoriesPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** The other node is asked, a page at a time; where it does not answer, that is said. */
  async history(order: HistoryOrder): Promise<Result<PairHistory, Refusal>> {
    const { node, names } = this.#options;
    const asked = order.node;
    if (asked !== undefined && !names.includes(asked)) {
      const detail = `no node is called ${asked}; there are: ${names.join(' and ')}`;
      return fail({ code: 'unknown-node', detail });
    }
    const question = { group: order.group, limit: enoughFor(order) };
    const told = await Promise.all(
      names
        .filter((name) => asked === undefined || asked === name)
        .map((name) => this.#partOf(name, question)),
    );
    return this.#refusal(order, told) ?? ok({ node, ...newest(told, order) });
  }

  /** What the other node may ask of this one. */
  answers(): Answers {
    return {
      history: (body) => {
        const asked = readJson(HISTORY_ASKED, body);
        return Promise.resolve(
          asked.ok ? ok(JSON.stringify(pageOf(this.#own(asked.value), asked.value))) : asked,
        );
      },
    };
  }

  #own(question: HistoryQuestion): HistoryAnswer {
    const { node } = this.#options;
    return this.#ports.history?.answer(question) ?? { node, kept: 'memory only', transitions: [] };
  }

  #partOf(name: string, question: HistoryQuestion): Promise<Told> {
    return name === this.#options.node
      ? Promise.resolve({ ...this.#own(question), problem: undefined })
      : this.#theirPart(name, question);
  }

  async #theirPart(name: string, { group, limit }: HistoryQuestion): Promise<Told> {
    const { peer } = this.#ports;
    const told = new Map<string, Transition>();
    let kept: Told['kept'];
    const part = (problem: string | undefined): Told => {
      const transitions = [...told.values()].toReversed();
      return { node: name, kept, problem, transitions };
    };
    for (let page = 0; page < MOST_PAGES && told.size < limit; page += 1) {
      const answer = await askPage(peer, { group, limit: limit - told.size, skip: told.size });
      if (!answer.ok) {
        return part(answer.error);
      }
      kept = answer.value.kept;
      // One that was decided since the last page moves the others on: what is told twice counts once.
      for (const each of answer.value.transitions.toReversed()) {
        const transition = { ...each, node: name };
        told.set(nameOf(transition), transition);
      }
      if (answer.value.rest === 'none' || answer.value.transitions.length === 0) {
        break;
      }
    }
    return part(undefined);
  }

  #refusal(order: HistoryOrder, told: readonly Told[]): Result<never, Refusal> | undefined {
    const known = this.#ports.own.status().groups.map(({ name }) => name);
    const { group } = order;
    const [only] = told;
    if (told.some(({ transitions }) => transitions.length > 0)) {
      return undefined;
    }
    if (group !== undefined && !known.includes(group)) {
      // One that is no longer configured may have a history still.
      const refusal = { code: 'unknown-group', group, known } as const;
      return fail(explainSwitchover(refusal, this.#options.node));
    }
    return order.node !== undefined && only?.problem !== undefined
      ? fail({ code: 'peer-silent', detail: `${only.node} tells no history: ${only.problem}` })
      : undefined;
  }
}

/** So that the moves among them are whole. */
function enoughFor({ limit }: HistoryOrder): number {
  return Math.min(2 * limit + CONTEXT, MOST_TRANSITIONS);
}

function newest(told: readonly Told[], { limit, node }: HistoryOrder): Omit<PairHistory, 'node'> {
  const [first, second] = told.map(({ transitions }) => transitions);
  const merged = mergeHistories(first ?? [], second ?? []);
  const moves = node === undefined ? movesOf(merged) : [];
  // What a move consists of counts with its claim.
  const parts = new Set(moves.flatMap(({ letGo }) => letGo.map(nameOf)));
  const shown = merged.filter((each) => !parts.has(nameOf(each))).slice(-limit);
  const names = new Set(shown.map(nameOf));
  const whole = moves.filter(({ claim }) => names.has(nameOf(claim)));
  for (const { letGo } of whole) {
    letGo.forEach((each) => names.add(nameOf(each)));
  }
  return {
    parts: told.map(({ node: name, kept, problem }) => ({ node: name, kept, problem })),
    transitions: merged.filter((each) => names.has(nameOf(each))),
    moves: whole,
  };
}

async function askPage(
  peer: Peer | undefined,
  question: Required<HistoryQuestion>,
): Promise<Result<HistoryWord, string>> {
  if (peer === undefined) {
    return fail('this pair has no channel, so it cannot be asked from here');
  }
  const answer = await peer.ask('history', JSON.stringify(question), PAGE_WITHIN);
  if (!answer.ok) {
    return fail(answer.error.detail);
  }
  const read = readJson(HISTORY_WORD, answer.value);
  return read.ok ? read : fail(`its answer makes no sense: ${read.error}`);
}

/** The newest that there is room for. */
function pageOf(
  { kept, transitions }: HistoryAnswer,
  { limit }: { readonly limit: number },
): HistoryWord {
  let length = 0;
  const page = transitions.toReversed();
  const over = page.findIndex((each) => {
    length += JSON.stringify(each).length + 1;
    return length > PAGE_CHARACTERS;
  });
  const fitting = over === -1 ? page : page.slice(0, over);
  const rest = over === -1 && transitions.length < limit ? 'none' : 'more';
  return { kept, rest, transitions: fitting.toReversed() };
}

/** Of one answer, which may have 80,000. */
const PAGE_CHARACTERS = 64_000;
/** Of all that a node has in memory, were each of the longest. */
const MOST_PAGES = 40;
/** The first that does not come is the last that is waited for: a client waits longer than for that. */
const PAGE_WITHIN = millis(1000);
/** How many more are asked for: the beginning of a move may lie before the newest of them. */
const CONTEXT = 16;
