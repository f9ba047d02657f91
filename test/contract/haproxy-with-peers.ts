/** A HAProxy whose stick tables have a peer on a socket of this test. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class HaproxyWithPeers {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'vipair-haproxy-'));
  readonly peersSocket: string = join(this.directory, 'peers.sock');
  readonly #localpeer: string;
  #process: ChildProcess | undefined;

  readonly #peer: string;

  /** It is the first, and takes us for the second. */
  constructor(localpeer = 'lb1', peer = 'lb2') {
    this.#localpeer = localpeer;
    this.#peer = peer;
    writeFileSync(join(this.directory, 'haproxy.cfg'), this.#configuration());
  }

  /** `worker`: of a master, so that it can be reloaded. */
  start(mode: 'alone' | 'worker' = 'alone'): void {
    const file = join(this.directory, 'haproxy.cfg');
    this.#process = spawn('haproxy', [mode === 'alone' ? '-db' : '-W', '-f', file], {
      stdio: 'ignore',
    });
  }

  /** A new worker takes over. */
  reload(): void {
    this.#process?.kill('SIGUSR2');
  }

  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running?.exitCode === null) {
      // A master takes its workers with it where it is asked to end.
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill(running.spawnargs.includes('-W') ? 'SIGTERM' : 'SIGKILL');
      await ended;
    }
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The answer of its runtime API. */
  ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(join(this.directory, 'stats.sock'));
      let text = '';
      socket.on('data', (bytes) => (text += bytes.toString()));
      socket.once('end', () => {
        resolve(text);
      });
      socket.once('error', reject);
      socket.write(`${command}\n`);
    });
  }

  #configuration(): string {
    return `
global
  localpeer ${this.#localpeer}
  stats socket unix@${this.directory}/stats.sock mode 600 level admin
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 1s
peers pair
  bind unix@${this.directory}/local.sock mode 600
  server ${this.#localpeer}
  server ${this.#peer} unix@${this.peersSocket}
backend users
  stick-table type string len 32 size 1k expire 30m store server_id,server_key,gpc(3),http_req_cnt peers pair
  stick on url_param(u)
  server web1 127.0.0.1:1
  server web2 127.0.0.1:2
backend addresses
  stick-table type ip size 1k expire 10m store gpc0,http_req_rate(10s) peers pair
`;
  }
}
