/** What operators ask of the hands of both nodes, on either node. What the other node asks is done here, and never passed on. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import type { DrillHost, DrillRefusal, PowerCommands } from '../ports/drill-host.js';
import type { DrillState, HandOrder, HandState } from '../telemetry/drill.js';
import type { Refusal } from '../telemetry/refusal.js';
import { refusalCode } from '../telemetry/refusal.js';
import type { HandWord } from '../wire/pair/drill.js';
import {
  ASK_DRILL_ARM,
  ASK_DRILL_FIRE,
  ASK_DRILL_STATE,
  ASK_DRILL_UNDO,
  cutSentences,
  readDrillNamed,
  readHandOrder,
  readHandWord,
} from '../wire/pair/drill.js';
import type { DrillWatch } from './drill-watch.js';
import type { Answers, Peer } from './ports.js';

/** On one of the nodes. */
export type DrillAsked =
  | { readonly do: 'arm'; readonly node: string; readonly order: HandOrder }
  | { readonly do: 'fire' | 'undo'; readonly node: string; readonly id: string };

export interface DrillDeskPorts {
  readonly host: DrillHost;
  readonly watch: Pick<DrillWatch, 'look'>;
  /** Whether this node's configuration lets drills make faults on it, now. */
  readonly allowed: () => boolean;
  /** What this node runs for the power of the other one, by its configuration of now. */
  readonly power: () => PowerCommands | undefined;
  /** Undefined where there is no pair channel. */
  readonly peer: Peer | undefined;
}

export interface DrillDeskOptions {
  readonly node: string;
  /** Of both nodes. */
  readonly names: readonly string[];
}

type Deed = DrillAsked['do'];

/** What the other node's hand was last known to be, and why it is not known now. */
interface There {
  readonly hand: HandState | undefined;
  readonly problem: string | undefined;
}

export class DrillDesk {
  readonly #options: DrillDeskOptions;
  readonly #ports: DrillDeskPorts;
  #there: There = { hand: undefined, problem: 'it was not asked yet' };

  constructor(options: DrillDeskOptions, ports: DrillDeskPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** Resolves when the hand has done it, or has it in hand: its state says so. */
  async drill(asked: DrillAsked): Promise<Result<DrillState, Refusal>> {
    const { node, names } = this.#options;
    if (!names.includes(asked.node)) {
      const detail = `no node is called ${asked.node}; there are: ${names.join(' and ')}`;
      return fail({ code: 'unknown-node', detail });
    }
    const body = JSON.stringify(asked.do === 'arm' ? asked.order : { id: asked.id });
    const refusal =
      asked.node === node ? await this.#doHere(asked) : await this.#doThere(asked.do, body);
    if (refusal !== undefined) {
      return fail(refusal);
    }
    // Whoever fires wants to know at once, and what is done may have cut the way to the other node.
    if (asked.node === node && asked.do !== 'fire') {
      await this.#lookThere();
    }
    return ok(await this.#both());
  }

  /** Of both nodes: the other one is asked. */
  async state(): Promise<DrillState> {
    await this.#lookThere();
    return this.#both();
  }

  /** What the other node may ask of this one. */
  answers(): Answers {
    return {
      [ASK_DRILL_ARM]: async (body) => {
        const order = readHandOrder(body);
        return order.ok ? this.#answer(() => this.#arm(order.value)) : order;
      },
      [ASK_DRILL_FIRE]: (body) => this.#named(body, 'fire'),
      [ASK_DRILL_UNDO]: (body) => this.#named(body, 'undo'),
      [ASK_DRILL_STATE]: async () => ok(wordOf(await this.#ports.watch.look())),
    };
  }

  async #named(body: string, deed: 'fire' | 'undo'): Promise<Result<string, string>> {
    const asked = readDrillNamed(body);
    return asked.ok ? this.#answer(() => this.#ports.host[deed](asked.value.id)) : asked;
  }

  async #answer(
    deed: () => Promise<Result<HandState, DrillRefusal>>,
  ): Promise<Result<string, string>> {
    const done = await deed();
    await this.#ports.watch.look();
    if (done.ok) {
      return ok(wordOf(done.value));
    }
    const [detail = ''] = cutSentences([done.error.detail]);
    return ok(JSON.stringify({ refused: { code: done.error.code, detail } }));
  }

  async #doHere(asked: DrillAsked): Promise<Refusal | undefined> {
    const { host, watch } = this.#ports;
    const done = asked.do === 'arm' ? await this.#arm(asked.order) : await host[asked.do](asked.id);
    await watch.look();
    return done.ok ? undefined : done.error;
  }

  /** What is armed already may be fired and undone although the configuration has changed its mind. */
  #arm(order: HandOrder): Promise<Result<HandState, DrillRefusal>> {
    const why = this.#whyNotHere(order);
    return why === undefined
      ? this.#ports.host.arm(order, this.#ports.power())
      : Promise.resolve(fail({ code: 'drill-not-feasible', detail: why }));
  }

  /** Looked at here and not where it is asked for: the other node has a configuration of its own, and may say anything. */
  #whyNotHere({ faults }: HandOrder): string | undefined {
    const { node, names } = this.#options;
    // Without any it keeps other drills away, and looks after what is left.
    if (faults.length > 0 && !this.#ports.allowed()) {
      return `${node} lets no drill make faults on it (drills.enabled: false)`;
    }
    const isStranger = faults.some(
      (each) => each.kind === 'power-off' && !names.includes(each.node),
    );
    return isStranger
      ? `only the power of a node of this pair may be taken: ${names.join(' or ')}`
      : undefined;
  }

  async #doThere(deed: Deed, body: string): Promise<Refusal | undefined> {
    const { peer } = this.#ports;
    if (peer === undefined) {
      return { code: 'peer-silent', detail: NO_CHANNEL };
    }
    const answer = await peer.ask(ASKED_AS[deed], body, WITHIN[deed]);
    if (!answer.ok) {
      const detail = `${peer.name}: ${answer.error.detail}`;
      return answer.error.code === 'refused' || answer.error.code === 'older'
        ? { code: 'peer-refused', detail: `${detail} (a vipair before drills knows none of them)` }
        : { code: 'peer-silent', detail };
    }
    const word = readHandWord(answer.value);
    if (!word.ok) {
      return { code: 'peer-refused', detail: `${peer.name}: ${word.error}` };
    }
    const { hand, refused } = word.value;
    if (refused !== undefined) {
      return { code: refusalCode(refused.code), detail: refused.detail };
    }
    this.#there = { hand, problem: undefined };
    return undefined;
  }

  async #lookThere(): Promise<void> {
    const { peer } = this.#ports;
    if (peer === undefined) {
      this.#there = { hand: undefined, problem: NO_CHANNEL };
      return;
    }
    const answer = await peer.ask(ASK_DRILL_STATE, '{}', LOOKS_WITHIN);
    const word = answer.ok ? readHandWord(answer.value) : fail(answer.error.detail);
    this.#there = word.ok
      ? { hand: word.value.hand, problem: undefined }
      : { ...this.#there, problem: `${peer.name}: ${word.error}` };
  }

  async #both(): Promise<DrillState> {
    const { hand, problem } = this.#there;
    const here = await this.#ports.watch.look();
    return { node: this.#options.node, here, there: hand, problem };
  }
}

function wordOf(state: HandState | undefined): string {
  const word: Pick<HandWord, 'hand'> = {
    hand:
      state === undefined
        ? undefined
        : {
            ...state,
            problems: cutSentences(state.problems),
            left: cutSentences(state.left),
          },
  };
  return JSON.stringify(word);
}

const NO_CHANNEL = 'there is no pair channel, by which the other node could be asked';
const ASKED_AS: Readonly<Record<Deed, string>> = {
  arm: ASK_DRILL_ARM,
  fire: ASK_DRILL_FIRE,
  undo: ASK_DRILL_UNDO,
};
/** A hand is a process that has to be started; firing is a signal; undoing goes on where it takes longer. */
const WITHIN: Readonly<Record<Deed, Millis>> = {
  arm: millis(25_000),
  fire: millis(4_000),
  undo: millis(10_000),
};
const LOOKS_WITHIN = millis(500);
