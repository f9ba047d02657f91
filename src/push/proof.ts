/** Pushed files under traffic: the other node, which has them, is given the groups, and watched before they are loaded here. */
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { Conversation } from './conversation.js';
import { LOOK_EVERY, LOOKS_IN_VAIN, pause } from './watching.js';

export interface ProofPorts {
  readonly clock: Clock;
  /** Groups that this node is master of. */
  readonly masterOf: () => readonly string[];
  /** Resolves when that node is master of it; its error is a sentence. */
  readonly give: (group: string, to: string) => Promise<Result<undefined, string>>;
  readonly watch: () => Millis;
}

export interface Proof {
  /** Groups that the other node has now and this one had. */
  readonly given: readonly string[];
  /** A sentence; undefined where the other node does as well as before. */
  readonly why: string | undefined;
}

/** Where the other node does worse, or does not take all of them, what was given is taken back. */
export async function prove(
  { node, peer }: { readonly node: string; readonly peer: string },
  talk: Pick<Conversation, 'well'>,
  ports: ProofPorts,
): Promise<Proof> {
  const groups = ports.masterOf();
  if (groups.length === 0) {
    return {
      given: [],
      why: `${node} is master of nothing any more that it could give to ${peer}`,
    };
  }
  let why: string | undefined;
  for (const group of groups) {
    const given: Result<undefined, string> = await ports.give(group, peer);
    why = given.ok ? undefined : `${group} was not given to ${peer}: ${given.error}`;
    if (why !== undefined) {
      break;
    }
  }
  why ??= await worse(groups, talk, ports);
  return why === undefined
    ? { given: groups, why }
    : takeBack(groups, `${peer} had the new files and was to be proven: ${why}`, {
        node,
        ...ports,
      });
}

async function worse(
  groups: readonly string[],
  talk: Pick<Conversation, 'well'>,
  { clock, masterOf, watch }: ProofPorts,
): Promise<string | undefined> {
  const until = later(clock.now(), watch());
  let why: string | undefined;
  let times = 0;
  do {
    await pause(clock, LOOK_EVERY);
    const back = groups.filter((each) => masterOf().includes(each));
    if (back.length > 0) {
      return `it gave ${back.join(', ')} back by itself`;
    }
    why = await talk.well();
    times = why === undefined ? 0 : times + 1;
  } while (clock.now() < until && times < LOOKS_IN_VAIN);
  return why;
}

async function takeBack(
  groups: readonly string[],
  why: string,
  { node, give, masterOf }: ProofPorts & { readonly node: string },
): Promise<Proof> {
  const refused: string[] = [];
  for (const group of groups.filter((each) => !masterOf().includes(each))) {
    const back = await give(group, node);
    refused.push(...(back.ok ? [] : [`${group} was not taken back: ${back.error}`]));
  }
  return {
    given: groups.filter((each) => !masterOf().includes(each)),
    why: [why, ...refused].join('; '),
  };
}
