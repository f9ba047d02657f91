/** What a daemon says of the proxy's servers and of what operators want of them: `vipair server list`, field by field. */

import type { ServerLoad } from '../core/served.js';

export interface ServersAnswer {
  readonly node: string;
  /** The intents. `memory only`: the disk does not take them. */
  readonly kept: KeptWhere;
  /** Why the proxy's servers cannot be told, or not any more; undefined while they can. */
  readonly problem: string | undefined;
  /** By name. */
  readonly servers: readonly ServerRow[];
}

/** What the proxy's servers have to do on one node. */
export interface NodeLoads {
  readonly node: string;
  /** Why that cannot be told, in a sentence; undefined where it can. */
  readonly problem: string | undefined;
  readonly servers: readonly ServerLoad[];
}

/** With what they have to do: this node first, and the other where there is a pair channel. */
export interface ServersReport extends ServersAnswer {
  readonly loads: readonly NodeLoads[];
}

export type KeptWhere = 'being read' | 'on disk' | 'memory only';

export interface ServerRow {
  /** `BACKEND/SERVER`, or `SERVICE/SERVER`. */
  readonly name: string;
  /** Of a service, which the kernel passes on; else of the proxy. */
  readonly of?: 'service' | undefined;
  /** As the proxy on this node has it; undefined where it has no such server, or cannot be asked. */
  readonly here: ServerHere | undefined;
  /** Undefined: nobody has said anything of it. */
  readonly admin: IntentRow | undefined;
  readonly weight: IntentRow | undefined;
  /** Whether it was to be added, or removed: `add 10.0.0.4:80 check`, `remove`. */
  readonly existence: IntentRow | undefined;
}

export interface ServerHere {
  /** HAProxy's own opinion: `stopped`, `starting`, `running` or `stopping`. */
  readonly state: string;
  /** `ready`, `drain` or `maint`. */
  readonly admin: string;
  /** What it has from another server that it tracks, or from a name that does not resolve. */
  readonly inherited: string;
  readonly weight: number;
  readonly configuredWeight: number;
}

export interface IntentRow {
  readonly value: string;
  /** Where it was stated. */
  readonly node: string;
  /** When, by that node's clock: Unix milliseconds. */
  readonly at: number;
  /**
   * Whether the proxy on this node has it so; `unknown` where that cannot be told, `superseded` where it has a server of
   * that name which we have not added.
   */
  readonly here: 'agrees' | 'differs' | 'superseded' | 'unknown';
  /** The proxy's words, where it would not do as it was told. */
  readonly refused: string | undefined;
}

/** In `vipair status`. */
export interface IntentsStatus {
  readonly kept: KeptWhere;
  readonly servers: number;
  /** The servers that the proxy here has otherwise. */
  readonly differing: readonly string[];
  readonly problem: string | undefined;
}
