/** What happens to links and addresses outside of this daemon, told to its groups. */
import type { Ip } from '../base/ip.js';
import { later, millis } from '../base/time.js';
import type { NodeEvent } from '../core/node.js';
import type { LinkState } from '../core/notice.js';
import type { Watch } from '../ports/address-table.js';
import type { Alarm } from '../ports/clock.js';
import type { GroupPlan } from './group-plan.js';
import type { GroupRunner } from './group-runner.js';
import type { EnginePorts } from './ports.js';

export interface LinkWatchPorts extends Pick<EnginePorts, 'addresses' | 'links' | 'clock'> {
  readonly dispatch: (event: NodeEvent) => void;
}

export class LinkWatch {
  readonly #runners: readonly GroupRunner[];
  readonly #ports: LinkWatchPorts;
  readonly #watches: Watch[] = [];
  readonly #reopenings = new Map<string, Alarm>();

  constructor(runners: readonly GroupRunner[], ports: LinkWatchPorts) {
    this.#runners = runners;
    this.#ports = ports;
  }

  begin(): void {
    const { addresses, links, dispatch } = this.#ports;
    this.#watches.push(
      addresses.watch((name, address) => {
        const group = this.#runners.findIndex(({ plan }) => holds(plan, name, address));
        if (group >= 0) {
          this.#runners[group]?.addressRemoved();
          dispatch({ kind: 'address-removed', group, address });
        }
      }),
      ...this.#runners.flatMap(({ plan }, group) =>
        plan.instances.map((router, instance) =>
          links.watch(router.interface, (state) => {
            this.#linkChanged({ group, instance }, state);
          }),
        ),
      ),
    );
  }

  stop(): void {
    for (const reopening of this.#reopenings.values()) {
      reopening.cancel();
    }
    for (const watch of this.#watches) {
      watch.stop();
    }
  }

  #linkChanged(at: Place, state: LinkState): void {
    this.#ports.dispatch({ kind: 'link', ...at, state: this.#hearing(at, state) });
  }

  /** A node that cannot hear must not take part, so an interface without a socket counts as missing. */
  #hearing(at: Place, state: LinkState): LinkState {
    const router = this.#runners[at.group]?.instances[at.instance];
    const place = `${String(at.group)} ${String(at.instance)}`;
    this.#reopenings.get(place)?.cancel();
    if (state === 'missing') {
      // An interface that is made again has a new index, which the old socket would never know.
      router?.close();
      return state;
    }
    if (router?.openIfClosed() !== 'closed') {
      return state;
    }
    // The address that adverts leave from may come back a moment after its interface.
    const { clock } = this.#ports;
    const again = clock.alarm(later(clock.now(), REOPEN_EVERY), () => {
      this.#linkChanged(at, state);
    });
    this.#reopenings.set(place, again);
    return 'missing';
  }
}

/** One virtual router of this node. */
interface Place {
  readonly group: number;
  readonly instance: number;
}

function holds(plan: GroupPlan, name: string, address: Ip): boolean {
  return plan.addresses.some((each) => each.interface === name && each.cidr.address === address);
}

const REOPEN_EVERY = millis(1000);
