/** An attached prober as a program, here or on another machine: lines to it, and lines from it. */

export interface ProbeProcesses {
  /** What becomes of it is told to whoever hears, also where it could not be started at all. */
  start(command: readonly [string, ...string[]], hears: ProbeProcessListener): ProbeProcess;
}

export interface ProbeProcessListener {
  /** A line of its standard output. */
  said(line: string): void;
  /** A line of its standard error: what is wrong with its arguments, or what ssh complains of. */
  complained(line: string): void;
  /** Once, and nothing after it. */
  ended(how: string): void;
}

/** All of it may be called after its end, too. */
export interface ProbeProcess {
  /** A line to its standard input. */
  tell(line: string): void;
  /** Its input ends; then it says what it saw, and ends. */
  end(): void;
  kill(): void;
}
