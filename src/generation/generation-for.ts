/** The comparison of two nodes that a configuration asks for: wherever they can talk. */

import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';
import type { Config } from '../config/config.js';
import { commonLines, configLines } from '../config/config-lines.js';
import { parseConfig } from '../config/load.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../telemetry/events.js';
import type { GenerationStatus } from '../telemetry/generation.js';
import { GenerationWatch } from './generation-watch.js';
import type { SourcePorts } from './own-generation.js';
import { OwnGeneration } from './own-generation.js';

export interface GenerationAsked {
  readonly config: Config;
  readonly configFile: string;
  readonly node: string;
  /** Of vipair. */
  readonly version: string;
  /** Kernel settings by name. */
  readonly settings: readonly string[];
}

export interface PairPorts extends SourcePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly pair: PairToAsk | undefined;
  /** What runs now; {@link GenerationAsked.config} is what ran first. */
  readonly running: () => Config;
}

/** The channel to the other daemon. */
interface PairToAsk {
  ask(
    ask: string,
    body: string,
    within: Millis,
  ): Promise<Result<string, { readonly code: string; readonly detail: string }>>;
  status(): { readonly state: 'up' | 'down' };
}

/** Undefined where there is no channel, and so nobody to compare with. */
export function generationFor(
  { config, configFile, node, version, settings }: GenerationAsked,
  { pair, running, ...ports }: PairPorts,
): GenerationWatch | undefined {
  const peer = config.pair.nodes.find(({ name }) => name !== node);
  if (pair === undefined || peer === undefined) {
    return undefined;
  }
  const own = new OwnGeneration(
    { version, lines: commonLines(config), proxy: config.proxy, settings },
    ports,
  );
  return new GenerationWatch({ peer: peer.name, configFile }, own, {
    ...ports,
    ask: (ask, body, within) => pair.ask(ask, body, within),
    channel: () => pair.status().state,
    judge: (text) => judge(running(), text, configFile),
    lines: () => commonLines(running()),
  });
}

function judge(runs: Config, text: string, file: string): GenerationStatus['file'] {
  const read = parseConfig(text, file);
  if (!read.ok) {
    return 'wrong';
  }
  const same = JSON.stringify(configLines(read.value)) === JSON.stringify(configLines(runs));
  return same ? 'runs' : 'changed';
}
