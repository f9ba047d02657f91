/** HAProxy's answer to `show info`: what one of its processes says of itself. */

export interface ProcessInfo {
  /** Of the worker that answers; undefined where it does not say. */
  readonly worker: number | undefined;
  /** `ending`: it was told to stop, by a reload or for good, and serves only whom it has. */
  readonly phase: 'serving' | 'ending';
  /** Open now, those of its own sockets not counted; undefined where it does not say. */
  readonly connections: number | undefined;
  /** HTTP requests that it has taken since it began; undefined where it does not say. */
  readonly requests: number | undefined;
}

/** A version that says nothing of either is taken to serve: whether it does is what other checks are for. */
export function readProcessInfo(answer: string): ProcessInfo {
  const numberAt = (line: RegExp): number | undefined => {
    const said = line.exec(answer)?.[1];
    return said === undefined ? undefined : Number(said);
  };
  return {
    worker: numberAt(PID),
    connections: numberAt(CONNECTIONS),
    requests: numberAt(REQUESTS),
    phase: ENDING.test(answer) ? 'ending' : 'serving',
  };
}

const PID = /^Pid: (\d{1,10})$/mu;
const CONNECTIONS = /^CurrConns: (\d{1,10})$/mu;
const REQUESTS = /^CumReq: (\d{1,15})$/mu;
const ENDING = /^Stopping: [1-9]\d*$/mu;
