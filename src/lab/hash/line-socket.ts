/** A program of the lab that is asked for one thing after the other: a line each, over a socket in a file, answered in JSON. */
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { millis } from '../../base/time.js';
import type { LabFailure } from '../failure.js';

/** Thousands of connections, on a machine that others use too. */
const ANSWERS_WITHIN = millis(60_000);

/** Resolves when it can be asked. */
export function serveLines(
  path: string,
  answer: (line: string) => Promise<unknown>,
): Promise<Result<undefined, LabFailure>> {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    createInterface({ input: socket }).once('line', (line) => {
      void answer(line).then((said) => socket.end(`${JSON.stringify(said)}\n`));
    });
  });
  return new Promise((resolve) => {
    server.once('error', (error) => {
      resolve(fail({ code: 'not-ready', detail: error.message }));
    });
    server.listen(path, () => {
      resolve(ok(undefined));
    });
  });
}

/** What the program says to the line; both ends are of one version. */
export function askLine<T>(path: string, line: string): Promise<Result<T, LabFailure>> {
  return new Promise((resolve) => {
    let text = '';
    const refuse = (detail: string): void => {
      resolve(fail({ code: 'not-ready', detail: `${path}: ${line}: ${detail}` }));
    };
    const socket = connect(path, () => socket.write(`${line}\n`));
    socket.setTimeout(ANSWERS_WITHIN, () => socket.destroy(new Error('no answer')));
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    socket.on('error', ({ message }) => {
      refuse(message);
    });
    socket.on('end', () => {
      if (text === '') {
        refuse('it ended without an answer');
      } else {
        resolve(ok(JSON.parse(text) as T));
      }
    });
  });
}
