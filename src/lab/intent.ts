/** A server is drained on one node, and whatever happens to the pair afterwards: is it still drained, on both? */
import { askServers } from '../api/client.js';
import type { Result } from '../base/result.js';
import { done, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { between, millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { LabFailure } from './failure.js';
import { serverOn } from './haproxy-socket.js';
import type { IntentParties, IntentStep } from './intent-steps.js';
import { DRAINED } from './intent-steps.js';
import type { Lab, LabPorts } from './lab.js';
import type { LabNode } from './node.js';
import { eventually, pause } from './pause.js';
import { controlSocketOf, untilRedundant } from './readiness.js';
import type { NodeName } from './topology.js';
import { NODE_NAMES, otherNode } from './topology.js';

/** What both nodes had after one thing had happened to them. */
export interface IntentSeen {
  readonly step: string;
  readonly expected: 'drain' | 'ready';
  /** By HAProxy's own word, on each node; `off` where the node has no power. */
  readonly states: Readonly<Record<NodeName, string>>;
  /** Who has stated it, by the word of the node that was asked last. */
  readonly by: string;
  readonly owner: string;
  /** From what happened until both nodes had it so. */
  readonly afterMs: number;
  readonly verdict: 'as expected' | 'not as expected';
}

/** Does one thing to the pair, waits until it is as it should be, and longer, lest it change its mind. */
export async function seeIntent(
  step: IntentStep,
  {
    lab,
    parties,
    clock,
  }: { readonly lab: Lab; readonly parties: IntentParties } & Pick<LabPorts, 'clock'>,
): Promise<Result<IntentSeen, LabFailure>> {
  const began = clock.now();
  const acted = await step.act(lab, parties);
  if (!acted.ok) {
    return acted;
  }
  const off = step.off?.(parties);
  const on = NODE_NAMES.filter((name) => name !== off);
  const states = (): Promise<readonly string[]> =>
    Promise.all(on.map(async (name) => (await serverOn(lab.nodes[name], DRAINED))?.forced ?? '–'));
  const isSo = async (): Promise<boolean> =>
    (await states()).every((state) => state === step.expected);
  await eventually(clock, { within: HOLDS_WITHIN, every: LOOK_EVERY }, isSo);
  const afterMs = between(began, clock.now());
  const calm = await calmed(lab, off, clock);
  if (!calm.ok) {
    return calm;
  }
  const seen = await states();
  const last = on.at(-1) ?? parties.there;
  return ok({
    step: step.name,
    expected: step.expected,
    states: {
      ...ALL_OFF,
      ...Object.fromEntries(on.map((name, index) => [name, seen[index] ?? '–'])),
    },
    by: await statedBy(lab.nodes[last]),
    owner: (await lab.owner())?.name ?? 'nobody',
    afterMs,
    verdict: seen.every((state) => state === step.expected) ? 'as expected' : 'not as expected',
  });
}

const ALL_OFF: Readonly<Record<NodeName, string>> = { lb1: 'off', lb2: 'off' };

/** The pair is as whole as it can be, and has had time to take something for a wish that was none. */
async function calmed(
  lab: Lab,
  off: NodeName | undefined,
  clock: Clock,
): Promise<Result<undefined, LabFailure>> {
  if (off === undefined) {
    const redundant = await untilRedundant(lab, clock, SETTLES_WITHIN);
    if (!redundant.ok) {
      return redundant;
    }
  } else {
    const taken = async (): Promise<boolean> => (await lab.owner())?.name === otherNode(off);
    await eventually(clock, { within: SETTLES_WITHIN, every: LOOK_EVERY }, taken);
  }
  await pause(clock, MIND_CHANGES_WITHIN);
  return done;
}

async function statedBy(node: LabNode): Promise<string> {
  const answer = await askServers(controlSocketOf(node));
  const row = answer.ok ? answer.value.servers.find(({ name }) => name === DRAINED) : undefined;
  return row?.admin?.node ?? 'nobody';
}

/** A boot, and an election at adverts of a second. */
const HOLDS_WITHIN: Millis = millis(30_000);
const SETTLES_WITHIN = millis(30_000);
const LOOK_EVERY = millis(10);
/** Two looks at the servers of HAProxy, and more. */
const MIND_CHANGES_WITHIN = millis(1_500);
