/** The socket for HAProxy's peers protocol: whose it is, what it replaces, and how it waits. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnixPeersListener } from '../../src/os/peers-listener.js';
import type { PeersStream } from '../../src/ports/peers-listener.js';
import { code, eventually, value } from './expected.js';

const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;

describe('a socket for HAProxy', () => {
  let directory = '';
  let path = '';
  const ends: (() => void)[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'vipair-peers-'));
    chmodSync(directory, 0o755);
    path = join(directory, 'peers.sock');
  });

  afterEach(() => {
    ends.splice(0).forEach((end) => {
      end();
    });
    rmSync(directory, { recursive: true });
  });

  async function listening(owner?: typeof NOBODY) {
    const streams: PeersStream[] = [];
    const listened = await new UnixPeersListener().listen({ path, owner }, (stream) => {
      streams.push(stream);
    });
    ends.push(value(listened));
    return streams;
  }

  async function dialled(): Promise<Socket> {
    const socket = connect(path);
    socket.on('error', () => undefined);
    ends.push(() => socket.destroy());
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket;
  }

  it('is for its owner alone', async () => {
    await listening();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.runIf(isRoot)('belongs to whom it is to belong', async () => {
    await listening(NOBODY);
    const { uid, gid, mode } = statSync(path);
    expect({ uid, gid }).toEqual(NOBODY);
    expect(mode & 0o777).toBe(0o600);
  });

  it('takes the place of one that a killed process has left', async () => {
    const left = createServer().listen(path);
    await new Promise((resolve) => left.once('listening', resolve));
    // As after SIGKILL: the file stays, and nobody answers.
    renameSync(path, `${path}.kept`);
    left.close();
    await new Promise((resolve) => left.once('close', resolve));
    renameSync(`${path}.kept`, path);
    const streams = await listening();
    await dialled();
    await eventually(() => streams.length === 1, sleep);
  });

  it('leaves alone what somebody listens on, and what is no socket', async () => {
    await listening();
    const again = await new UnixPeersListener().listen({ path, owner: undefined }, () => undefined);
    expect(code(again)).toBe('taken');
    const file = join(directory, 'file');
    writeFileSync(file, 'mine');
    const other = await new UnixPeersListener().listen(
      { path: file, owner: undefined },
      () => undefined,
    );
    expect(code(other)).toBe('not-a-socket');
    expect(existsSync(file)).toBe(true);
    const nowhere = join(directory, 'no', 'where');
    const none = await new UnixPeersListener().listen(
      { path: nowhere, owner: undefined },
      () => undefined,
    );
    expect(code(none)).toBe('listen');
  });

  it('carries bytes both ways, says when they have left, and that the other end is gone', async () => {
    const streams = await listening();
    const socket = await dialled();
    socket.write('early');
    await eventually(() => streams.length === 1, sleep);
    const heard: string[] = [];
    const said: string[] = [];
    socket.on('data', (bytes) => said.push(bytes.toString()));
    let drained = 0;
    const stream = streams[0]!;
    stream.begin({
      received: (bytes) => heard.push(Buffer.from(bytes).toString()),
      drained: () => (drained += 1),
      closed: (detail) => heard.push(detail),
    });
    stream.send(Buffer.from('hello'));
    await eventually(() => heard.length === 1 && said.length === 1 && drained === 1, sleep);
    expect([heard, said, stream.queued]).toEqual([['early'], ['hello'], 0]);
    socket.destroy();
    await eventually(() => heard.length === 2, sleep);
    stream.send(Buffer.from('to nobody'));
    stream.close();
    stream.close();
    expect(heard[1]).toBe('HAProxy closed the connection');
  });

  it('reads nothing while it is paused, and what is not read counts as queued', async () => {
    const streams = await listening();
    const socket = await dialled();
    socket.pause();
    await eventually(() => streams.length === 1, sleep);
    let [heard, drained] = [0, 0];
    const stream = streams[0]!;
    stream.begin({
      received: (bytes) => (heard += bytes.length),
      drained: () => (drained += 1),
      closed: () => undefined,
    });
    stream.pause();
    socket.write(Buffer.alloc(4 << 20));
    stream.send(new Uint8Array(4 << 20));
    await sleep(200);
    expect(heard).toBe(0);
    expect([stream.queued > 0, drained]).toEqual([true, 0]);
    stream.resume();
    socket.resume();
    await eventually(() => heard === 4 << 20 && drained === 1, sleep);
    expect(stream.queued).toBe(0);
  });

  it('notices that its file is gone, or another one, and leaves that alone', async () => {
    const listener = new UnixPeersListener();
    expect(listener.isInPlace(path)).toBe(false);
    const end = value(await listener.listen({ path, owner: undefined }, () => undefined));
    expect(listener.isInPlace(path)).toBe(true);
    rmSync(path);
    expect(listener.isInPlace(path)).toBe(false);
    await listening();
    expect(listener.isInPlace(path)).toBe(false);
    end();
    await dialled();
    expect(existsSync(path)).toBe(true);
  });

  it('is not put where others could put another one', async () => {
    chmodSync(directory, 0o777);
    const refused = await new UnixPeersListener().listen(
      { path, owner: undefined },
      () => undefined,
    );
    expect(code(refused)).toBe('directory');
  });

  it('takes the place of one whose process is frozen', async () => {
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`;
    const frozen = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    ends.push(() => frozen.kill('SIGKILL'));
    await new Promise((resolve) => frozen.stdout.once('data', resolve));
    frozen.kill('SIGSTOP');
    const streams = await listening();
    await dialled();
    await eventually(() => streams.length === 1, sleep);
  });

  it('holds a bounded number of connections', async () => {
    const streams = await listening();
    for (let count = 0; count < 20; count += 1) {
      await dialled();
    }
    await sleep(100);
    expect(streams.length).toBeLessThanOrEqual(8);
  });
});
