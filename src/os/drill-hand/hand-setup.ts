/** What a hand knows of its node: handed over by the daemon, because a hand reads no configuration. */
import type { HandOrder } from '../../core/drill-order.js';
import type { PowerCommands } from '../../ports/drill-host.js';
import type { ProcessIdentity } from './process-identity.js';

export interface HandSetup {
  readonly node: string;
  readonly runtimeDirectory: string;
  readonly stateDirectory: string;
  /** Of the daemon: where a reload of the proxy is asked for. */
  readonly controlSocket: string;
  readonly daemon: ProcessIdentity;
  readonly proxy: DrilledProxy | undefined;
  /** How vipair calls itself as a process that does nothing but compute. */
  readonly burner: readonly [string, ...string[]];
  /** What takes the power of the other node, and gives it back. */
  readonly power: PowerCommands | undefined;
}

export type DrilledProxy =
  /** Told by the configuration of ours that it reads. */
  | { readonly run: 'vipair'; readonly config: string; readonly overlay: string }
  | { readonly run: 'systemd'; readonly config: string; readonly runtimeSocket: string };

/** The first and only line that a hand is told. */
export interface HandTold {
  readonly order: HandOrder;
  readonly setup: HandSetup;
}

/** The first and only line that a hand says. */
export type HandSaid = { readonly armed: true } | { readonly refused: string };
