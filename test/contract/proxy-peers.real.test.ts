/** What `vipair proxy peers` prints, fed to a real HAProxy: it takes it without a warning, and dials vipair. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { sectionsOf } from '../../src/core/haproxy-sections.js';
import { haproxyLines } from '../../src/core/haproxy-text.js';
import { advisePeers } from '../../src/core/peers-advice.js';
import { eventually } from './expected.js';

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)('what vipair proxy peers prints', () => {
  const directories: string[] = [];

  afterAll(() => {
    for (const each of directories) {
      rmSync(each, { recursive: true, force: true });
    }
  });

  it.each([
    ['as root', ''],
    ['as a user with a root of its own', 'user nobody\n  group nogroup\n  chroot ROOT'],
  ])('is what HAProxy dials the other node by, %s', async (_how, facts) => {
    const root = mkdtempSync('/run/vipair-ct-peers-');
    directories.push(root);
    chmodSync(root, 0o755);
    const peersSocket = join(root, 'vipair', 'peers.sock');
    mkdirSync(join(root, 'vipair'));
    const global = `global\n  ${facts.replace('ROOT', root)}\n`;
    const tables = [
      ...['defaults', '  timeout connect 1s', '  timeout client 1s', '  timeout server 1s'],
      ...['backend web', '  stick-table type ip size 1k peers vipair', '  stick on src'],
      '  server a 127.0.0.1:1',
    ].join('\n');
    const asked = { node: 'lb1', peer: 'lb2', peersSocket };
    const advice = advisePeers(sectionsOf(haproxyLines(global + tables)), asked);
    const file = join(root, 'haproxy.cfg');
    const text = `${global}  ${advice.localPeer}\n${advice.section.join('\n')}\n${tables}\n`;
    writeFileSync(file, text);
    expect(advisePeers(sectionsOf(haproxyLines(text)), asked)).toMatchObject({
      ...{ found: 'vipair', untold: [], problems: [] },
    });
    for (const command of advice.commands) {
      execFileSync('sh', ['-c', command]);
    }
    for (const node of ['lb1', 'lb2']) {
      execFileSync('haproxy', ['-c', '-dW', '-f', file], {
        env: { ...process.env, VIPAIR_NODE: node },
        stdio: 'pipe',
      });
    }
    expect(await dialled(file, peersSocket)).toMatch(/^HAProxyS 2\.1\nlb2\nlb1 \d+ \d+\n$/u);
  });
});

/** The first words of HAProxy to whoever listens there. */
async function dialled(file: string, peersSocket: string): Promise<string> {
  let heard = '';
  const server = createServer((socket) => {
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('data', (data: string) => {
      heard += data;
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(peersSocket, resolve));
  chmodSync(peersSocket, 0o666);
  const haproxy = spawn('haproxy', ['-W', '-db', '-f', file], {
    env: { ...process.env, VIPAIR_NODE: 'lb1' },
    stdio: 'ignore',
  });
  try {
    await eventually(() => heard.split('\n').length > 3, sleep);
  } finally {
    haproxy.kill('SIGTERM');
    server.close();
  }
  return heard;
}
