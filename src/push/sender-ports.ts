/** What the node that pushes needs. */
import type { Millis } from '../base/time.js';
import type { PushPlaces } from '../core/push-places.js';
import type { Clock } from '../ports/clock.js';
import type { ProxyHost } from '../ports/proxy-host.js';
import type { PushedFiles } from '../ports/pushed-files.js';
import type { Servers } from '../ports/served.js';
import type { Log } from '../telemetry/events.js';
import type { PushAsk } from './conversation.js';
import type { ProofPorts } from './proof.js';
import type { SharedPorts } from './shared.js';

export interface SenderOptions {
  readonly node: string;
  readonly peer: string;
  readonly version: string;
}

export interface SenderPorts extends Pick<ProofPorts, 'give'>, Pick<SharedPorts, 'problem'> {
  readonly clock: Clock;
  readonly log: Log;
  readonly files: PushedFiles;
  readonly proxy: Pick<ProxyHost, 'reload'>;
  readonly servers: Servers;
  /** Undefined where there is no pair channel. */
  readonly ask: PushAsk | undefined;
  /** The other node's vipair; undefined while the channel is down. */
  readonly peerVersion: () => string | undefined;
  readonly masterOf: () => readonly string[];
  readonly settings: () => {
    readonly places: PushPlaces;
    readonly further: readonly string[];
    readonly watch: Millis;
  };
  /** Why this node cannot give the group to the other one now, in a sentence; undefined: it can. */
  readonly whyNotGive: (group: string) => string | undefined;
  /** Takes vipair.yaml over, as `vipair reload` does; why not, in a sentence. */
  readonly reload: () => Promise<string | undefined>;
  /** A name that no other push has. */
  readonly newId: () => string;
}
