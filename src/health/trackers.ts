/** Everything that the groups of a node track, being looked at. */
import type { Ip } from '../base/ip.js';
import { millis, scale } from '../base/time.js';
import type { TrackConfig } from '../config/config.js';
import type { NodeEvent } from '../core/node.js';
import type { TrackerPorts } from './tracker-runner.js';
import { TrackerRunner } from './tracker-runner.js';

/** What one group tracks. */
export interface Tracking {
  readonly track: readonly TrackConfig[];
  readonly instances: readonly { readonly ownAddress: Ip }[];
}

export class Trackers {
  readonly #ports: TrackerPorts;
  readonly #dispatch: (event: NodeEvent) => void;
  #groups: readonly { readonly tracking: Tracking; readonly runner: TrackerRunner }[];

  constructor(
    groups: readonly Tracking[],
    ports: TrackerPorts,
    dispatch: (event: NodeEvent) => void,
  ) {
    this.#ports = ports;
    this.#dispatch = dispatch;
    this.#groups = groups.map((each, index) => this.#make(each, index));
  }

  start(): void {
    for (const { runner } of this.#groups) {
      runner.start();
    }
  }

  /** Of the same groups. Where one tracks what it did, that goes on; nothing is seen in this turn. */
  become(groups: readonly Tracking[]): void {
    this.#groups = groups.map((tracking, index) => {
      const known = this.#groups[index];
      if (JSON.stringify(known?.tracking.track) === JSON.stringify(tracking.track)) {
        return known ?? this.#make(tracking, index);
      }
      known?.runner.stop();
      const made = this.#make(tracking, index);
      made.runner.start();
      return made;
    });
  }

  stop(): void {
    for (const { runner } of this.#groups) {
      runner.stop();
    }
  }

  #make(
    tracking: Tracking,
    group: number,
  ): { readonly tracking: Tracking; readonly runner: TrackerRunner } {
    const { track, instances } = tracking;
    const runner = new TrackerRunner(
      {
        track,
        senders: instances.map(({ ownAddress }) => ownAddress),
        startAfter: scale(LOOKS_APART, group),
      },
      this.#ports,
      (index, seen) => {
        this.#dispatch({ kind: 'sampled', group, index, seen });
      },
    );
    return { tracking, runner };
  }
}

/** Between the first looks of two groups, so that they share no turn of the event loop. */
const LOOKS_APART = millis(5);
