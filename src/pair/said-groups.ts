/** What was last said of the groups on one connection, either way: while nothing changes, it is not said again. */
import { sameViews } from '../core/peer-view.js';
import type { PairGroup, PairHeartbeat, WholeHeartbeat } from '../wire/pair/heartbeat.js';
import { SHORTENED_SINCE } from '../wire/pair/message.js';

export class SaidGroups {
  #said: readonly PairGroup[] | undefined;
  #heard: readonly PairGroup[] | undefined;

  /** As it is to be written in that version of the protocol. */
  shortened(heartbeat: WholeHeartbeat, protocol: number): PairHeartbeat {
    const { groups, ...rest } = heartbeat;
    const isSaid =
      protocol >= SHORTENED_SINCE && this.#said !== undefined && sameViews(groups, this.#said);
    this.#said = groups;
    return isSaid ? rest : heartbeat;
  }

  /** Undefined where the other end leaves out what it has never said, or has to say in that version. */
  completed(heartbeat: PairHeartbeat, protocol: number): WholeHeartbeat | undefined {
    this.#heard = heartbeat.groups ?? (protocol >= SHORTENED_SINCE ? this.#heard : undefined);
    return this.#heard === undefined ? undefined : { ...heartbeat, groups: this.#heard };
  }
}
