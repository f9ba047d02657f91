/** What the proxy's servers have to do on both nodes: this one's account, and what the other answers. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Loads } from '../ports/served.js';
import type { NodeLoads } from '../telemetry/servers.js';
import { readJson } from '../wire/pair/json-answer.js';
import type { ServerLoad } from '../wire/pair/loads-word.js';
import { LOADS_QUESTION, LOADS_WORD } from '../wire/pair/loads-word.js';
import type { Answers, Peer } from './ports.js';

export interface LoadsPorts {
  /** Undefined where there is nothing that has servers. */
  readonly loads?: Loads | undefined;
  readonly peer: Peer | undefined;
}

type Told = Result<readonly ServerLoad[], string>;

/** This node first, and the other where there is a pair channel. Undefined as server: all of them. */
export async function loadsReport(
  node: string,
  { loads, peer }: LoadsPorts,
  server: string | undefined,
): Promise<readonly NodeLoads[]> {
  const [here, there] = await Promise.all([
    ownLoads(loads, server),
    peer === undefined ? undefined : peerLoads(peer, server),
  ]);
  const own = inWords(node, here);
  return peer === undefined || there === undefined ? [own] : [own, inWords(peer.name, there)];
}

/** What the other node may ask of this one. */
export function loadsAnswers({ loads }: Pick<LoadsPorts, 'loads'>): Answers {
  return {
    loads: async (body) => {
      const question = readJson(LOADS_QUESTION, body);
      const told = question.ok ? await ownLoads(loads, question.value.server) : question;
      return told.ok ? ok(JSON.stringify(told.value)) : told;
    },
  };
}

async function ownLoads(loads: Loads | undefined, server: string | undefined): Promise<Told> {
  const told = await loads?.loads();
  if (told === undefined) {
    return fail('no proxy is configured');
  }
  return told.ok
    ? ok(told.value.filter(({ name }) => server === undefined || name === server))
    : fail(told.error.detail);
}

/** A daemon of an older version does not know the question, and says so. */
async function peerLoads(peer: Peer, server: string | undefined): Promise<Told> {
  const answer = await peer.ask('loads', JSON.stringify({ server }), ANSWER_WITHIN);
  return answer.ok ? readJson(LOADS_WORD, answer.value) : fail(answer.error.detail);
}

function inWords(node: string, told: Told): NodeLoads {
  return told.ok
    ? { node, problem: undefined, servers: told.value }
    : { node, problem: told.error, servers: [] };
}

/** A proxy with thousands of servers takes some milliseconds to tell of them. */
const ANSWER_WITHIN = millis(500);
