/** One interface that is watched by name, and what is known of it. */
import type { LinkState } from '../core/notice.js';
import type { LinkMessage } from './rtnetlink-messages.js';

export class WatchedLink {
  readonly name: string;
  readonly #changed: (state: LinkState) => void;
  #known: LinkState | undefined;
  /** By it a renamed interface is recognised: the kernel tells only the new name. */
  #index: number | undefined;

  constructor(name: string, changed: (state: LinkState) => void) {
    this.name = name;
    this.#changed = changed;
  }

  /** Takes the state that changes are measured from. An event that came first is newer. */
  begin(link: LinkMessage | undefined): void {
    if (this.#known === undefined) {
      this.#known = link?.state ?? 'missing';
      this.#index = link?.interfaceIndex;
    }
  }

  hear(link: LinkMessage, fate: 'there' | 'deleted'): void {
    if (link.name === this.name) {
      this.learn(fate === 'there' ? link : undefined);
    } else if (link.interfaceIndex === this.#index) {
      this.learn(undefined);
    }
  }

  learn(link: LinkMessage | undefined): void {
    const before = this.#index;
    this.#index = link?.interfaceIndex;
    if (link !== undefined && before !== undefined && before !== link.interfaceIndex) {
      // Made anew while events were lost. Whoever has a socket on the old one must hear that it is gone.
      this.#become('missing');
    }
    this.#become(link?.state ?? 'missing');
  }

  #become(state: LinkState): void {
    if (state !== this.#known) {
      this.#known = state;
      this.#changed(state);
    }
  }
}
