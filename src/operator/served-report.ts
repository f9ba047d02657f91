/** The proxy's servers as both nodes see them: how many are up on each, and which of them they do not agree on. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { ServersSummary } from '../core/served.js';
import { differingServers, summarizeServers } from '../core/served.js';
import type { Servers } from '../ports/served.js';
import type { ServersStatus } from '../telemetry/status.js';
import { readJson } from '../wire/pair/json-answer.js';
import { SERVERS_WORD } from '../wire/pair/servers-word.js';
import type { Answers, Peer } from './ports.js';

export interface ServedPorts {
  /** Undefined where no proxy is configured. */
  readonly servers: Servers | undefined;
  readonly peer: Peer | undefined;
}

/** Undefined where no proxy is configured. */
export async function servedReport({
  servers,
  peer,
}: ServedPorts): Promise<ServersStatus | undefined> {
  if (servers === undefined) {
    return undefined;
  }
  const [here, there] = await Promise.all([
    summaryOf(servers),
    peer === undefined ? undefined : askPeer(peer),
  ]);
  return {
    here: here.ok ? here.value : undefined,
    problem: here.ok ? undefined : here.error,
    there: there?.ok === true ? there.value : undefined,
    thereProblem: there?.ok === false ? there.error : undefined,
    differing: here.ok && there?.ok === true ? differingServers(here.value, there.value) : [],
  };
}

/** What the other node may ask of this one. */
export function servedAnswers({ servers }: Pick<ServedPorts, 'servers'>): Answers {
  return {
    servers: async () => {
      const summary = await summaryOf(servers);
      return summary.ok ? ok(JSON.stringify(summary.value)) : summary;
    },
  };
}

async function summaryOf(servers: Servers | undefined): Promise<Result<ServersSummary, string>> {
  const seen = await servers?.servers();
  if (seen === undefined) {
    return fail('no proxy is configured');
  }
  return seen.ok ? ok(summarizeServers(seen.value)) : fail(seen.error.detail);
}

async function askPeer(peer: Peer): Promise<Result<ServersSummary, string>> {
  const answer = await peer.ask('servers', '{}', ANSWER_WITHIN);
  return answer.ok ? readJson(SERVERS_WORD, answer.value) : fail(answer.error.detail);
}

/** A proxy with thousands of servers takes some milliseconds to tell of them. */
const ANSWER_WITHIN = millis(500);
