/** The exit codes of every command; documented in docs/operating.md. */

export const EXIT = {
  /** It was done, or what was asked for is true. */
  ok: 0,
  /** It was tried, and failed or was undone. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The configuration file is wrong. */
  configuration: 3,
  /** No daemon answers on the control socket. */
  noDaemon: 4,
  /** The daemon understood, and refused. */
  refused: 5,
  /** The daemon cannot start here: what is missing is said. */
  cannotStart: 6,
  /** `doctor` found something that a person must mend. */
  unwell: 7,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
