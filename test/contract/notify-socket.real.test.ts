/** systemd's notification socket, played by a datagram socket of our own: by path, and abstract. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { instant } from '../../src/base/time.js';
import type { Descriptor } from '../../src/os/libc.js';
import { bindSocket, closeDescriptor, openSocket, receive } from '../../src/os/libc.js';
import { NotifySocket } from '../../src/os/notify-socket.js';
import { value } from './expected.js';

const root = mkdtempSync(join(tmpdir(), 'vipair-notify-'));
const UNIX_DATAGRAM = { family: 1, type: 2, protocol: 0 };

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Bound to a name as unix(7) has it: a path, or a zero and then any bytes. */
function listening(name: string): Descriptor {
  const socket = value(openSocket(UNIX_DATAGRAM));
  value(bindSocket(socket, Buffer.concat([Buffer.of(1, 0), Buffer.from(name)])));
  return socket;
}

function heard(socket: Descriptor): string {
  const room = Buffer.alloc(2048);
  return room.toString('utf8', 0, value(receive(socket, room)));
}

describe('the notification socket', () => {
  it.each([
    ['by path', join(root, 'notify'), `${join(root, 'notify')}\0`],
    ['abstract', `@vipair-notify-${String(process.pid)}`, `\0vipair-notify-${String(process.pid)}`],
  ])('is spoken to %s', (_how, name, bound) => {
    const socket = listening(bound);
    const subject = NotifySocket.ofProcess({ NOTIFY_SOCKET: name }, 1);
    for (const [news, words] of [
      [{ kind: 'ready' }, 'READY=1'],
      [{ kind: 'works' }, 'WATCHDOG=1'],
      [{ kind: 'stopping' }, 'STOPPING=1'],
      [{ kind: 'reloading', at: instant(12.3456) }, 'RELOADING=1\nMONOTONIC_USEC=12345'],
      [{ kind: 'status', text: 'one\nREADY=0' }, 'STATUS=one READY=0'],
    ] as const) {
      expect(subject?.tell(news)).toEqual({ ok: true, value: undefined });
      expect(heard(socket)).toBe(words);
    }
    closeDescriptor(socket);
  });

  it('that nobody has is a failure, not a wait', () => {
    const subject = NotifySocket.ofProcess({ NOTIFY_SOCKET: join(root, 'nobody') }, 1);
    expect(subject?.tell({ kind: 'ready' })).toEqual({
      ok: false,
      error: { detail: 'sendto: ENOENT' },
    });
  });

  it('is taken out of the environment, and the watchdog counts where it means this process', () => {
    const environment = {
      NOTIFY_SOCKET: '@x',
      WATCHDOG_USEC: '5000000',
      WATCHDOG_PID: '7',
      PATH: '/bin',
    };
    expect(NotifySocket.ofProcess({ ...environment }, 8)?.watchdog).toBeUndefined();
    expect(NotifySocket.ofProcess(environment, 7)?.watchdog).toBe(5000);
    expect(environment).toEqual({ PATH: '/bin' });
  });

  it.each(['', '@', '/', 'vsock:2:1234', `/${'a'.repeat(107)}`])(
    'is none where it is called %j',
    (name) => {
      expect(NotifySocket.ofProcess({ NOTIFY_SOCKET: name }, 1)).toBeUndefined();
    },
  );
});
