/** The name of a flow in as few characters as it has: what a table of a million flows is kept by, and its hash. */
import type { Ip } from '../../base/ip.js';
import { ipBytes, isIpv6 } from '../../base/ip.js';
import { IPV6_BYTES } from '../../base/ipv6.js';
import { putWord } from '../octets.js';
import type { KeyHash, Seed } from '../peers/key-hash.js';
import { AddressReader, packedWords, Remembered } from './addresses.js';
import type { FlowKey } from './flow.js';

declare const kind: unique symbol;

/**
 * Equal where the keys are equal. Two bytes a character: protocol and family, zone, addresses, ports. Nothing to show to
 * people: not every character is one.
 */
export type FlowId = string & { readonly [kind]: 'flow id' };

/** In the first character, beside the protocol. */
const IPV6 = 0x100;
const PROTOCOL = 0xff;
const ADDRESSES_AT = 2;
const IPV4_WORDS = 2;
const IPV6_WORDS = IPV6_BYTES / 2;
/** Of IPv6. */
const MOST_ID_BYTES = 40;

export class FlowIds {
  readonly #packed = new Remembered<Ip, string>();
  readonly #addresses = new AddressReader();
  readonly #bytes = new Uint8Array(MOST_ID_BYTES);

  of({ protocol, zone, original }: FlowKey): FlowId {
    const { source, destination, sourcePort, destinationPort } = original;
    const family = isIpv6(source) ? IPV6 : 0;
    const head = String.fromCharCode(family | protocol, zone);
    const ports = String.fromCharCode(sourcePort, destinationPort);
    return (head + this.#pack(source) + this.#pack(destination) + ports) as FlowId;
  }

  /** What it is the name of. */
  keyOf(id: FlowId): FlowKey {
    const bytes = this.#bytes;
    const words = (id.charCodeAt(0) & IPV6) === 0 ? IPV4_WORDS : IPV6_WORDS;
    const end = this.#unpack(id);
    const address = (at: number): Ip =>
      words === IPV4_WORDS
        ? this.#addresses.ipv4(bytes, at * 2)
        : this.#addresses.ipv6(bytes, at * 2);
    return {
      protocol: id.charCodeAt(0) & PROTOCOL,
      zone: id.charCodeAt(1),
      original: {
        source: address(ADDRESSES_AT),
        destination: address(ADDRESSES_AT + words),
        sourcePort: id.charCodeAt(end / 2 - 2),
        destinationPort: id.charCodeAt(end / 2 - 1),
      },
    };
  }

  /** Its hash under a secret seed, so that nobody who makes connections can make two meet. */
  hash(id: FlowId, seed: Seed, into: KeyHash): void {
    const end = this.#unpack(id);
    into.of(this.#bytes, 0, end, seed);
  }

  #pack(address: Ip): string {
    return isIpv6(address) ? this.#packed.of(address, packedAddress) : packedAddress(address);
  }

  /** Its bytes; how many there are. */
  #unpack(id: FlowId): number {
    for (let index = 0; index < id.length; index += 1) {
      putWord(this.#bytes, index * 2, id.charCodeAt(index));
    }
    return id.length * 2;
  }
}

function packedAddress(address: Ip): string {
  const bytes = ipBytes(address);
  return packedWords(bytes, 0, bytes.length);
}
