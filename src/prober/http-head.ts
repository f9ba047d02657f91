/** The shortest HTTP request there is, and what the head of its answer says. */
import { withPort } from '../base/ip.js';
import type { ProbeTarget } from './sample.js';

/** What the head of an answer says. */
export interface AnswerHead {
  readonly status: number;
  readonly node: string | undefined;
  readonly server: string | undefined;
}

/** Far more than a usual answer has; an answer whose head is longer than this counts as reset. */
export const HEAD_MAX_BYTES = 8192;

export const END_OF_HEAD = '\r\n\r\n';

/** HTTP/1.0: the other side closes after the answer, so the client keeps no TIME_WAIT and no port. */
export function requestFor(path: string, host: string): string {
  return `GET ${path} HTTP/1.0\r\nhost: ${host}\r\n\r\n`;
}

/** What the `host` header says where nobody has given a name. */
export function hostOf({ host, port }: ProbeTarget): string {
  return withPort(host, port);
}

/** Reads the status line and the two headers that name who answered; anything else is skipped. */
export function parseHead(text: string): AnswerHead {
  const lines = (text.split(END_OF_HEAD, 1)[0] ?? '').split('\r\n');
  const header = (name: string): string | undefined =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/u.exec(lines[0] ?? '')?.[1] ?? '0'),
    node: header('x-node'),
    server: header('x-server'),
  };
}
