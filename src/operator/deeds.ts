/**
 * Switchover and failback, asked on either node: the one that can do it does. What the other node asks is done here or
 * refused, and never passed on, so no request goes round in circles.
 */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Successor } from '../telemetry/operator-refusals.js';
import type { Refusal } from '../telemetry/refusal.js';
import { refusalCode } from '../telemetry/refusal.js';
import type { DeedAsked, DeedDone } from '../wire/pair/deed.js';
import { DEED_ASKED, DEED_DONE } from '../wire/pair/deed.js';
import { readJson } from '../wire/pair/json-answer.js';
import { inequality, INTENT_DIGEST } from './equality.js';
import type { Answers, OwnNode, Peer } from './ports.js';
import { explainFailback, explainSwitchover } from './refusal-text.js';

export interface SwitchoverOrder {
  /** Undefined: the only one. */
  readonly group: string | undefined;
  /** The node that is to be master afterwards; undefined: whichever is not. */
  readonly to: string | undefined;
  readonly successor: Successor;
}

/** What became of a switchover, and which node did it. */
export type SwitchoverAnswer = { readonly node: string; readonly group: string } & (
  | { readonly kind: 'moved'; readonly to: string; readonly within: number }
  | { readonly kind: 'undone'; readonly reason: string }
  /** Nothing had to be done. */
  | { readonly kind: 'already-there' }
);

/** The other node may have to be asked first; the take-over follows. */
export interface FailbackAnswer {
  /** The one that takes it back. */
  readonly node: string;
  readonly group: string;
  /** The master that it is taken back from. */
  readonly from: string | undefined;
}

type Deed = 'switchover' | 'failback';
type Done = Exclude<DeedDone, { readonly kind: 'refused' }>;

export class Deeds {
  readonly #node: string;
  readonly #own: OwnNode;
  /** Undefined where there is no pair channel. */
  readonly #peer: Peer | undefined;
  readonly #names: readonly string[];

  constructor(
    options: { readonly node: string; readonly names: readonly string[] },
    own: OwnNode,
    peer: Peer | undefined,
  ) {
    this.#node = options.node;
    this.#names = options.names;
    this.#own = own;
    this.#peer = peer;
  }

  /** Resolves when the group has moved, or the attempt was undone. */
  async switchover(order: SwitchoverOrder): Promise<Result<SwitchoverAnswer, Refusal>> {
    const group = this.#named(order.group);
    if (!group.ok) {
      return group;
    }
    const { to, successor } = order;
    if (to !== undefined && !this.#names.includes(to)) {
      return fail({
        code: 'unknown-node',
        detail: `no node is called ${to}; there are: ${this.#names.join(' and ')}`,
      });
    }
    const asked = { group: group.value, to, successor };
    const done = await this.#doneBy('switchover', asked, 'not-master');
    if (!done.ok) {
      return done;
    }
    const { node, done: outcome } = done.value;
    return outcome.kind === 'asked'
      ? fail(besidesThePoint(node))
      : ok({ node, group: group.value, ...outcome });
  }

  /** Answers when the group was asked back. */
  async failback(asked: string | undefined): Promise<Result<FailbackAnswer, Refusal>> {
    const group = this.#named(asked);
    if (!group.ok) {
      return group;
    }
    const deed = { group: group.value, to: undefined, successor: 'ready' } as const;
    const done = await this.#doneBy('failback', deed, 'not-backup');
    if (!done.ok) {
      return done;
    }
    const { node, done: outcome } = done.value;
    return outcome.kind === 'asked'
      ? ok({ node, group: group.value, from: outcome.from })
      : fail(besidesThePoint(node));
  }

  /** What the other node may ask of this one. */
  answers(): Answers {
    return {
      switchover: (body) => this.#answer('switchover', body),
      failback: (body) => this.#answer('failback', body),
      [INTENT_DIGEST]: () => Promise.resolve(ok(this.#own.intentDigest())),
    };
  }

  async #answer(deed: Deed, body: string): Promise<Result<string, string>> {
    const asked = readJson(DEED_ASKED, body);
    return asked.ok ? ok(JSON.stringify(await this.#here(deed, asked.value))) : asked;
  }

  /** By this node, or by the other where this one has not the role for it. */
  async #doneBy(
    deed: Deed,
    asked: DeedAsked,
    wrongRole: Refusal['code'],
  ): Promise<Result<{ readonly node: string; readonly done: Done }, Refusal>> {
    const here = await this.#here(deed, asked);
    if (here.kind !== 'refused') {
      return ok({ node: this.#node, done: here });
    }
    const refusal = refusalOf(here);
    const peer = this.#peer;
    if (peer === undefined || here.code !== wrongRole) {
      return fail(refusal);
    }
    const answer = await peer.ask(deed, JSON.stringify(asked), DONE_WITHIN);
    if (!answer.ok) {
      return fail(notAsked(refusal, peer.name, answer.error));
    }
    const there = readJson(DEED_DONE, answer.value);
    if (!there.ok) {
      const detail = `what ${peer.name} answers makes no sense: ${there.error}`;
      return fail({ code: 'peer-refused', detail });
    }
    return there.value.kind === 'refused'
      ? fail(neither(refusal, refusalOf(there.value)))
      : ok({ node: peer.name, done: there.value });
  }

  async #here(deed: Deed, { group, to, successor }: DeedAsked): Promise<DeedDone> {
    if (deed === 'switchover') {
      if (to === this.#node && this.#isMaster(group)) {
        return { kind: 'already-there' };
      }
      const why =
        successor === 'ready' && this.#isMaster(group)
          ? await inequality(this.#own, this.#peer)
          : undefined;
      const moved =
        why === undefined
          ? await this.#own.switchover(group, successor)
          : fail({ code: 'not-ready', group, why } as const);
      return moved.ok
        ? moved.value
        : { kind: 'refused', ...explainSwitchover(moved.error, this.#node) };
    }
    const taken = this.#own.failback(group);
    return taken.ok
      ? { kind: 'asked', from: taken.value }
      : { kind: 'refused', ...explainFailback(taken.error, this.#node) };
  }

  #isMaster(group: string): boolean {
    return this.#own.status().groups.some(({ name, role }) => name === group && role === 'master');
  }

  #named(asked: string | undefined): Result<string, Refusal> {
    return namedGroup(
      this.#own.status().groups.map(({ name }) => name),
      asked,
    );
  }
}

/** Who names none means the only one. */
export function namedGroup(
  groups: readonly string[],
  asked: string | undefined,
): Result<string, Refusal> {
  const group = asked ?? (groups.length === 1 ? groups[0] : undefined);
  const detail = `this node has several groups, name one of: ${groups.join(', ')}`;
  return group === undefined ? fail({ code: 'which-group', detail }) : ok(group);
}

function refusalOf({ code, detail }: Extract<DeedDone, { readonly kind: 'refused' }>): Refusal {
  return { code: refusalCode(code), detail };
}

/** Where the channel is down nothing was asked; else nobody knows what came of it. */
function notAsked(
  here: Refusal,
  peer: string,
  { code, detail }: { readonly code: string; readonly detail: string },
): Refusal {
  return code === 'no-answer'
    ? {
        code: 'peer-silent',
        detail: `${peer} was asked and has not answered: look at vipair status before you ask again`,
      }
    : { code: here.code, detail: `${here.detail}; ${peer} cannot be asked from here: ${detail}` };
}

function neither(here: Refusal, there: Refusal): Refusal {
  return here.code === there.code
    ? { code: here.code, detail: `${here.detail}; ${there.detail}` }
    : there;
}

function besidesThePoint(node: string): Refusal {
  return { code: 'peer-refused', detail: `${node} answered something else than was asked` };
}

/** Longer than any resignation may take. */
const DONE_WITHIN = millis(5000);
