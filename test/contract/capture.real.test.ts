/** What the packet capture sees of the wire, beside what the firewall lets through to an ordinary socket. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Ip } from '../../src/base/ip.js';
import { PacketCaptures } from '../../src/os/capture.js';
import { closeDescriptor, interfaceIndex, openSocket, sendTo } from '../../src/os/libc.js';
import { AF_PACKET, linkAddress, SOCK_RAW } from '../../src/os/packet-socket.js';
import { RawAdvertSockets } from '../../src/os/advert-socket.js';
import type { Capture, SeenPacket } from '../../src/ports/capture.js';
import type { AdvertSocket } from '../../src/ports/advert-socket.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';

const MESSAGE = Buffer.from('3133c80100644402c0000264', 'hex');
/** Frames to the group: an advert in VLAN 7, and a packet that is none. */
const TAGGED = frame('01005e000012020000000002810000070800', 112);
const OTHER_PROTOCOL = frame('01005e0000120200000000020800', 113);
const { addresses, linkLocal } = ThrowAwayNetwork;

function frame(ethernet: string, protocol: number): Buffer {
  const ip = `45c0002000000000ff${protocol.toString(16)}00000a4d0002e0000012`;
  return Buffer.concat([Buffer.from(ethernet + ip, 'hex'), MESSAGE]);
}

function sendFrame(bytes: Buffer): void {
  const socket = openSocket({ family: AF_PACKET, type: SOCK_RAW, protocol: 0 });
  const index = interfaceIndex('eth0');
  if (!socket.ok || !index.ok) {
    throw new Error('no packet socket');
  }
  const sent = sendTo(socket.value, bytes, linkAddress(index.value, 0x8100));
  closeDescriptor(socket.value);
  expect(sent.ok).toBe(true);
}

describe.skipIf(!mayMakeNetworks)('a capture', () => {
  let network: ThrowAwayNetwork;
  let capture: Capture;
  let seen: SeenPacket[] = [];
  const opened: AdvertSocket[] = [];

  beforeAll(() => {
    network = new ThrowAwayNetwork();
  });

  afterAll(() => {
    network.remove();
  });

  beforeEach(() => {
    seen = [];
    const open = new PacketCaptures().open(
      { interface: 'eth0' },
      {
        seen: (packet) => {
          seen.push(packet);
        },
      },
    );
    if (!open.ok) {
      throw new Error(open.error.detail);
    }
    capture = open.value;
  });

  afterEach(() => {
    capture.close();
    opened.splice(0).forEach((each) => {
      each.close();
    });
  });

  function speaker(source: string, heard: () => void = () => undefined): AdvertSocket {
    const socket = new RawAdvertSockets().open(
      {
        interface: 'eth0',
        family: source.includes(':') ? 'ipv6' : 'ipv4',
        source: source as Ip,
        audience: { kind: 'multicast' },
      },
      { received: heard, failed: () => undefined },
    );
    if (!socket.ok) {
      throw new Error(socket.error.detail);
    }
    opened.push(socket.value);
    return socket.value;
  }

  it('sees IPv4 adverts that arrive, with the Ethernet address they came from', async () => {
    network.there(() => speaker(addresses.there)).send(MESSAGE);
    await expect.poll(() => seen).toHaveLength(1);
    const [packet] = seen;
    expect(packet).toMatchObject({ direction: 'in', arrived: { family: 'ipv4' } });
    expect(network.ip('there', 'link', 'show', 'dev', 'eth0')).toContain(String(packet?.mac));
    expect(packet?.arrived).toHaveProperty('packet');
  });

  it('sees IPv6 adverts that arrive, with their hop limit', async () => {
    network.there(() => speaker(linkLocal.there)).send(MESSAGE);
    await expect.poll(() => seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      direction: 'in',
      arrived: {
        family: 'ipv6',
        source: linkLocal.there,
        destination: 'ff02::12',
        hopLimit: 255,
      },
    });
  });

  it('sees what leaves, once', async () => {
    speaker(addresses.here).send(MESSAGE);
    await expect.poll(() => seen).toHaveLength(1);
    await sleep(50);
    expect(seen).toMatchObject([{ direction: 'out' }]);
  });

  it('sees what the firewall keeps from everybody else', async () => {
    execFileSync('nft', ['-f', '-'], {
      input:
        'table inet filter { chain input { type filter hook input priority 0; meta l4proto 112 drop; }; }',
    });
    try {
      let heard = 0;
      speaker(addresses.here, () => {
        heard += 1;
      });
      network.there(() => speaker(addresses.there)).send(MESSAGE);
      await expect.poll(() => seen).toHaveLength(1);
      await sleep(50);
      expect(heard).toBe(0);
    } finally {
      execFileSync('nft', ['delete', 'table', 'inet', 'filter']);
    }
  });

  it('sees nothing of other protocols, nor of VLANs', async () => {
    network.there(() => {
      sendFrame(TAGGED);
      sendFrame(OTHER_PROTOCOL);
    });
    await sleep(100);
    expect(seen).toEqual([]);
  });

  it('sees nothing any more once it is closed, and may be closed twice', async () => {
    capture.close();
    capture.close();
    network.there(() => speaker(addresses.there)).send(MESSAGE);
    await sleep(50);
    expect(seen).toEqual([]);
  });

  it('names an interface that is not there', () => {
    const open = new PacketCaptures().open({ interface: 'eth9' }, { seen: () => undefined });
    expect(open).toEqual({ ok: false, error: { code: 'no-such-interface', detail: 'eth9' } });
  });
});
