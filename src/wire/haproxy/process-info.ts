/** HAProxy's answer to `show info`: what one of its processes says of itself. */

export interface ProcessInfo {
  /** Of the worker that answers; undefined where it does not say. */
  readonly worker: number | undefined;
  /** `ending`: it was told to stop, by a reload or for good, and serves only whom it has. */
  readonly phase: 'serving' | 'ending';
}

/** A version that says nothing of either is taken to serve: whether it does is what other checks are for. */
export function readProcessInfo(answer: string): ProcessInfo {
  const worker = PID.exec(answer)?.[1];
  return {
    worker: worker === undefined ? undefined : Number(worker),
    phase: ENDING.test(answer) ? 'ending' : 'serving',
  };
}

const PID = /^Pid: (\d{1,10})$/mu;
const ENDING = /^Stopping: [1-9]\d*$/mu;
