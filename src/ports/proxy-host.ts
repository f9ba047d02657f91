/** The machine's side of a supervised proxy: check its configuration, start it, talk to it, reload it, end it. */
import type { Result } from '../base/result.js';

export type ProxyRefusal =
  | { readonly code: 'no-program'; readonly detail: string }
  | { readonly code: 'invalid-configuration'; readonly detail: string }
  | { readonly code: 'not-started'; readonly detail: string }
  | { readonly code: 'not-running'; readonly detail: string }
  /** What served goes on serving. */
  | { readonly code: 'reload-failed'; readonly detail: string }
  | { readonly code: 'no-answer'; readonly detail: string };

/** A connection to the runtime API of the running proxy. It lasts as long as the proxy: its end is the proxy's death. */
export interface ProxySession {
  /** The pid of the proxy's master process. */
  readonly pid: number;
  /** Sends one command; answers come in order. Resolves with `no-answer` when the connection ends first. */
  ask(command: string): Promise<Result<string, ProxyRefusal>>;
  /** Ends the connection, not the proxy. `ended` is not called. Idempotent. */
  close(): void;
}

export interface ProxyHost {
  /** Runs the proxy's own check over its configuration. */
  check(): Promise<Result<undefined, ProxyRefusal>>;
  /** Starts the proxy, detached: it outlives this process. Resolves when it was started, not when it serves. */
  start(exited: (how: string) => void): Promise<Result<{ readonly pid: number }, ProxyRefusal>>;
  /** Connects to a proxy that runs, whoever started it. `ended` is called once, when the connection is lost. */
  connect(ended: () => void): Promise<Result<ProxySession, ProxyRefusal>>;
  /**
   * Has the proxy that runs read its configuration anew, which is checked first. Resolves when a process that knows it
   * serves, or it is known that none will: then, and where the configuration is refused, the former one goes on serving.
   * Reloads that are asked for at once are done one after the other.
   */
  reload(): Promise<Result<undefined, ProxyRefusal>>;
  /** Ends the proxy at once and all its processes. Not running is success. */
  kill(): Promise<void>;
}
