/** A machine that has the pair's address by mistake, for a while: it answers for it, and knows nothing of VRRP. */
import type { Ip } from '../../src/base/ip.js';
import type { MacAddress } from '../../src/base/mac.js';
import type { SimLan } from './lan.js';
import type { Scheduler } from './scheduler.js';

export class Stranger {
  readonly name = 'stranger';
  readonly #scheduler: Scheduler;
  #has: 'the address' | 'nothing' = 'nothing';

  constructor(
    own: { readonly ownAddress: Ip; readonly mac: MacAddress; readonly address: Ip },
    { scheduler, lan }: { readonly scheduler: Scheduler; readonly lan: SimLan },
  ) {
    this.#scheduler = scheduler;
    lan.attach({
      name: this.name,
      ownAddress: own.ownAddress,
      mac: own.mac,
      linkUp: () => true,
      mayHave: (asked) => asked === own.ownAddress || asked === own.address,
      answers: (asked) => asked === own.ownAddress || (asked === own.address && this.answers),
    });
  }

  get answers(): boolean {
    return this.#has === 'the address';
  }

  takeAddress(): void {
    this.#become('the address');
  }

  giveUp(): void {
    this.#become('nothing');
  }

  #become(has: 'the address' | 'nothing'): void {
    this.#has = has;
    this.#scheduler.changed();
  }
}
