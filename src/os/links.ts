/** The state of network interfaces through rtnetlink. */
import type { LinkState } from '../core/notice.js';
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import type { KernelRefusal, Links, Watch } from '../ports/address-table.js';
import type { KernelReply } from './netlink.js';
import type { NetlinkChannel } from './netlink.js';
import { openRoutePair } from './netlink.js';
import type { LinkMessage } from './rtnetlink-messages.js';
import { getLink, readLink, RTM, RTNLGRP } from './rtnetlink-messages.js';
import { WatchedLink } from './watched-link.js';

/**
 * Changes after the call of `watch` are reported, so whoever wants the present state too asks for it after
 * that and not before.
 */
export class NetlinkLinks implements Links {
  readonly #requests: NetlinkChannel;
  readonly #events: NetlinkChannel;
  readonly #watched = new Set<WatchedLink>();

  private constructor(requests: NetlinkChannel, events: NetlinkChannel) {
    this.#requests = requests;
    this.#events = events;
    events.subscribe([RTNLGRP.link], {
      heard: (message) => {
        this.#hear(message);
      },
      lost: () => {
        this.#askAgain();
      },
    });
  }

  static open(): Result<NetlinkLinks, KernelRefusal> {
    const opened = openRoutePair();
    return opened.ok ? ok(new NetlinkLinks(opened.value.requests, opened.value.events)) : opened;
  }

  async state(interfaceName: string): Promise<LinkState> {
    return (await this.#find(interfaceName))?.state ?? 'missing';
  }

  watch(interfaceName: string, changed: (state: LinkState) => void): Watch {
    const watched = new WatchedLink(interfaceName, (state) => {
      if (this.#watched.has(watched)) {
        changed(state);
      }
    });
    this.#watched.add(watched);
    void this.#find(interfaceName).then((link) => {
      watched.begin(link);
    });
    return {
      stop: () => {
        this.#watched.delete(watched);
      },
    };
  }

  /** Idempotent. */
  close(): void {
    this.#watched.clear();
    this.#requests.close();
    this.#events.close();
  }

  async #find(interfaceName: string): Promise<LinkMessage | undefined> {
    const answer = await this.#requests.request([getLink(interfaceName)]);
    return answer.ok
      ? answer.value.map(readLink).find((link) => link?.name === interfaceName)
      : undefined;
  }

  #hear(message: KernelReply): void {
    const link = readLink(message);
    if (link === undefined) {
      return;
    }
    const fate = message.type === RTM.delLink ? 'deleted' : 'there';
    for (const watched of [...this.#watched]) {
      watched.hear(link, fate);
    }
  }

  #askAgain(): void {
    for (const watched of this.#watched) {
      void this.#find(watched.name).then((link) => {
        watched.learn(link);
      });
    }
  }
}
