/** What was last said of the groups on one connection, either way: while nothing changes, it is not said again. */
import { sameViews } from '../core/peer-view.js';
import type { PairGroup, PairHeartbeat, WholeHeartbeat } from '../wire/pair/heartbeat.js';

export class SaidGroups {
  #said: readonly PairGroup[] | undefined;
  #heard: readonly PairGroup[] | undefined;

  /** As it is to be written for a daemon that remembers what it has heard. */
  shortened(heartbeat: WholeHeartbeat): PairHeartbeat {
    const { groups, ...rest } = heartbeat;
    const isSaid = this.#said !== undefined && sameViews(groups, this.#said);
    this.#said = groups;
    return isSaid ? rest : heartbeat;
  }

  /** Undefined where the other end leaves out what it has never said. */
  completed(heartbeat: PairHeartbeat): WholeHeartbeat | undefined {
    this.#heard = heartbeat.groups ?? this.#heard;
    return this.#heard === undefined ? undefined : { ...heartbeat, groups: this.#heard };
  }
}
